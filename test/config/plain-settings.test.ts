import fc from "fast-check";
import { expect, it } from "vitest";
import { arePlainlyRight } from "../../src/config/plain-settings.ts";
import { parseSettings } from "../../src/config/settings.ts";

/** What a bundle's client passes for a field that its user left blank. */
const leftBlank = `${"$"}{user_config.api_key}`;

const seed = Number(process.env["BATCH_CALL_TEST_SEED"] ?? Date.now() % 1_000_000);

const part = fc.stringMatching(/^[\w.@ $~%<>:-]{1,12}$/);
const word = fc.stringMatching(/^[A-Za-z0-9_ -]{1,20}$/);
const path = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const url = fc
  .tuple(fc.constantFrom("http", "https", "ftp"), fc.stringMatching(/^([a-z0-9.:-]{1,20}|127\.0\.0\.1:\d{1,5})$/))
  .map(([scheme, host]) => `${scheme}://${host}`);
const value = fc.oneof(
  path,
  word,
  url,
  fc.constantFrom(
    "",
    " ",
    "info",
    "loud",
    "read",
    "ignore",
    "US",
    "GB",
    "XX",
    "your_key",
    "<your key>",
    leftBlank,
    `${"$"}{HOME}/x`,
  ),
);
const names = [
  "DATA_DIR",
  "FILES_DIR",
  "LOG_LEVEL",
  "CLIENT_ROOTS",
  "DEFAULT_COUNTRY",
  "TIMEZONE",
  "HTTP_PORT",
  "NO_SUCH",
];
const key = fc.stringMatching(/^[\w -]{7,12}$/);
const others = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 });
const account = fc.record({ API_KEY: key, API_SECRET: key, API_URL: url }, { requiredKeys: [] });
const environment = fc
  .tuple(others, account)
  .map(([one, other]) =>
    Object.fromEntries(Object.entries({ ...one, ...other }).map(([name, text]) => [`BATCH_CALL_${name}`, text])),
  );

it(`what is plainly right is never refused (seed ${seed})`, () => {
  let plain = 0;
  const check = fc.property(environment, (env) => {
    if (!arePlainlyRight(env)) return;
    if (Object.values(env).some((text) => text.trim() !== "")) plain++;
    expect(parseSettings({ os: "linux", env, timezone: "UTC" })).not.toHaveProperty("errors");
  });
  fc.assert(check, { seed, numRuns: 20_000 });
  expect(plain).toBeGreaterThan(100);
});

it.each([
  [{}],
  [{ BATCH_CALL_DATA_DIR: "/srv/calls", BATCH_CALL_LOG_LEVEL: "warn" }],
  [
    {
      BATCH_CALL_API_KEY: "sk_0123456789",
      BATCH_CALL_API_SECRET: "s3cr3t_0123456789",
      BATCH_CALL_API_URL: "https://api.example.com",
    },
  ],
  [{ BATCH_CALL_API_KEY: leftBlank, BATCH_CALL_API_SECRET: "", PATH: "/bin" }],
])("%j is plainly right", (env) => {
  expect(arePlainlyRight(env)).toBe(true);
});

it.each([
  [{ BATCH_CALL_API_KEY: "sk_0123456789" }],
  [{ BATCH_CALL_API_URL: "https://api.example.com" }],
  [{ BATCH_CALL_DATA_DIR: "calls" }],
  [{ BATCH_CALL_ALOWED_COUNTRIES: "US" }],
  [{ BATCH_CALL_TEST_NUMBERS: "+12025550123" }],
])("%j is left to whoever reads all settings", (env) => {
  expect(arePlainlyRight(env)).toBe(false);
});
