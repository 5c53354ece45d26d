import { expect, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";

/** As it stands in a client's configuration; written apart, so that it is not taken for a template of ours. */
function placeholder(name: string): string {
  return ["$", "{", name, "}"].join("");
}

function parse(env: Record<string, string>) {
  return parseSettings({ os: "linux", env, timezone: "UTC" });
}

test("a placeholder of a bundle's optional field counts as left blank", () => {
  const settings = parse({
    BATCH_CALL_DEFAULT_COUNTRY: placeholder("user_config.default_country"),
    BATCH_CALL_API_KEY: ` ${placeholder("user_config.api_key")} `,
    BATCH_CALL_API_SECRET: placeholder("user_config.api_secret"),
  });
  expect(settings).toMatchObject({ upstream: { kind: "self_started" } });
  expect(settings).not.toHaveProperty("defaultCountry");
});

test.each([
  placeholder("BATCH_CALL_API_KEY"),
  placeholder("env:BATCH_CALL_API_KEY"),
  placeholder("input:key"),
  `Bearer ${placeholder("KEY")}`,
])("%s is not a key, and the setting is named", (value) => {
  const settings = parse({
    BATCH_CALL_API_URL: "http://127.0.0.1:9",
    BATCH_CALL_API_KEY: value,
    BATCH_CALL_API_SECRET: placeholder("BATCH_CALL_API_SECRET"),
  });
  expect(settings).toEqual({
    errors: [
      expect.stringMatching(/^BATCH_CALL_API_KEY: its value holds \$\{.*did not fill in/),
      expect.stringMatching(/^BATCH_CALL_API_SECRET: its value holds \$\{BATCH_CALL_API_SECRET\}/),
    ],
  });
});

test.each(["YOUR_API_KEY", "your-key", "<your key>", " <KEY> ", "Your API key here"])(
  "%s of an example is not a key",
  (value) => {
    expect(parse({ BATCH_CALL_API_KEY: value, BATCH_CALL_API_SECRET: "YOUR_API_SECRET" })).toEqual({
      errors: [
        expect.stringMatching(/^BATCH_CALL_API_KEY: its value is .*as an example writes it.*Fill it in/),
        expect.stringMatching(/^BATCH_CALL_API_SECRET: its value is YOUR_API_SECRET/),
      ],
    });
    expect(parse({ BATCH_CALL_CARRIER: "retell", BATCH_CALL_CARRIER_KEY: value })).toHaveProperty("errors");
  },
);

const forms = ["%API_KEY%", "{{key}}", "$API_KEY", "$env:API_KEY", "sk_...", "sk-…", "__KEY__", "__api_key__", "..."];

test.each(forms)("%s is not a key, secret or token, whichever setting it is given for", (value) => {
  for (const name of [
    "BATCH_CALL_API_KEY",
    "BATCH_CALL_API_SECRET",
    "BATCH_CALL_CARRIER_KEY",
    "BATCH_CALL_CARRIER_SECRET",
    "BATCH_CALL_WEBHOOK_SECRET",
    "BATCH_CALL_HTTP_TOKEN",
  ]) {
    const parsed = parse({ [name]: value });
    const lines = "errors" in parsed ? parsed.errors : [];
    expect(lines.filter((line) => line.startsWith(`${name}: its value is ${value}`))).toHaveLength(1);
  }
});

test.each([
  ["BATCH_CALL_API_URL", "https://{{host}}"],
  ["BATCH_CALL_API_URL", "https://<your-host>/api"],
  ["BATCH_CALL_API_URL", "$API_URL"],
  ["BATCH_CALL_API_URL", "https://..."],
  ["BATCH_CALL_DATABASE_URL", "postgres://calls:$DB_PASSWORD@db/calls"],
  ["BATCH_CALL_DATABASE_URL", "postgres://calls:%DB_PASSWORD%@db/calls"],
  ["BATCH_CALL_WEBHOOK_URL", "https://example.com/__HOOK__"],
  ["BATCH_CALL_CARRIER_CALLBACK_URL", "%CALLBACK%"],
  ["BATCH_CALL_HTTP_PUBLIC_URL", "https://%HOST%/"],
  ["BATCH_CALL_OIDC_ISSUER", "https://{{issuer}}"],
  ["BATCH_CALL_ORGANIZATIONS_FILE", "/etc/<name>/organizations.json"],
  ["BATCH_CALL_DATA_DIR", "/srv/{{name}}"],
  ["BATCH_CALL_DATA_DIR", "/path/to/..."],
  ["BATCH_CALL_FILES_DIR", "C:\\Users\\%USERNAME%\\lists"],
])("%s=%s is not taken as a place", (name, value) => {
  const parsed = parse({ [name]: value });
  const lines = "errors" in parsed ? parsed.errors : [];
  expect(lines.filter((line) => /: its value (is|has) .*(fill|Fill)/.test(line))).toHaveLength(1);
});

// Built here, so that none is taken for a real one by whoever looks through the tree.
const random = "4f9aB7c2dE81";
test.each([
  `sk_live_${random}`,
  `key_${random}`,
  `${random}=`,
  `${random}+/==`,
  `$2b$10$${random}`,
  `$${random}`,
  `%${random}`,
  `${random}%ABC%${random}`,
  `__${random}`,
  `{${random}}`,
  `a...${random}`,
  `sk-proj-${random}_-`,
  "8f14e45f-ceea-467f-ab0e-1c2d3e4f5a6b",
  "deadbeef".repeat(8),
  `whsec_${random}`,
  `eyJ${random}.eyJ${random}.${random}`,
])("%s has the shape of a real key, and is one", (value) => {
  expect(parse({ BATCH_CALL_API_KEY: value, BATCH_CALL_API_SECRET: value })).toMatchObject({
    upstream: { kind: "account" },
  });
});

test.each([
  ["BATCH_CALL_DATABASE_URL", "postgres://calls:p%40ss%C3%A9BC%21@db/calls"],
  ["BATCH_CALL_DATABASE_URL", "postgres://calls:a$WORDb...c@db/calls"],
  ["BATCH_CALL_DATA_DIR", "/srv/__data__/calls"],
  ["BATCH_CALL_API_URL", "https://api.example.com/v1"],
])("%s=%s may be a place", (name, value) => {
  const parsed = parse({ [name]: value });
  expect("errors" in parsed ? parsed.errors.filter((line) => line.includes("its value")) : []).toEqual([]);
});

test.each(["yourkey1", "key_your_3f", "a<b>c", "y0ur-api-key-9"])("%s may be a key", (value) => {
  expect(parse({ BATCH_CALL_API_KEY: value, BATCH_CALL_API_SECRET: "s" })).toMatchObject({
    upstream: { kind: "account" },
  });
});

test.each([
  ["BATCH_CALL_API_KEY", "BATCH_CALL_API_SECRET", "user_config.api_key"],
  ["BATCH_CALL_API_SECRET", "BATCH_CALL_API_KEY", "user_config.api_secret"],
])("%s that a bundle's user left blank beside the other is named as not filled in", (blank, filled, field) => {
  expect(parse({ [blank]: placeholder(field), [filled]: "real" })).toEqual({
    errors: [expect.stringContaining(`${blank} was not filled in (it is ${placeholder(field)})`)],
  });
});

test("every setting is looked at, and nothing else is touched", () => {
  expect(parse({ BATCH_CALL_DATA_DIR: `${placeholder("HOME")}/calls`, OTHER: placeholder("X") })).toMatchObject({
    errors: [expect.stringContaining(`BATCH_CALL_DATA_DIR: its value holds ${placeholder("HOME")}`)],
  });
  expect(parse({ BATCH_CALL_DATA_DIR: "/data/$5{x", OTHER: placeholder("X") })).toMatchObject({
    dataDir: "/data/$5{x",
  });
});
