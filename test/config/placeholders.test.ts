import { expect, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";

function parse(env: Record<string, string>) {
  return parseSettings({ os: "linux", env, timezone: "UTC" });
}

test("a placeholder of a bundle's optional field counts as left blank", () => {
  const settings = parse({
    BATCH_CALL_DEFAULT_COUNTRY: "${user_config.default_country}",
    BATCH_CALL_API_KEY: " ${user_config.api_key} ",
    BATCH_CALL_API_SECRET: "${user_config.api_secret}",
  });
  expect(settings).toMatchObject({ upstream: { kind: "self_started" } });
  expect(settings).not.toHaveProperty("defaultCountry");
});

test.each(["${BATCH_CALL_API_KEY}", "${env:BATCH_CALL_API_KEY}", "${input:key}", "Bearer ${KEY}"])(
  "%s is not a key, and the setting is named",
  (value) => {
    const settings = parse({
      BATCH_CALL_API_URL: "http://127.0.0.1:9",
      BATCH_CALL_API_KEY: value,
      BATCH_CALL_API_SECRET: "${BATCH_CALL_API_SECRET}",
    });
    expect(settings).toEqual({
      errors: [
        expect.stringMatching(/^BATCH_CALL_API_KEY: its value holds \$\{.*did not fill in/),
        expect.stringMatching(/^BATCH_CALL_API_SECRET: its value holds \$\{BATCH_CALL_API_SECRET\}/),
      ],
    });
  },
);

test("every setting is looked at, and nothing else is touched", () => {
  expect(parse({ BATCH_CALL_DATA_DIR: "${HOME}/calls", OTHER: "${X}" })).toMatchObject({
    errors: [expect.stringContaining("BATCH_CALL_DATA_DIR: its value holds ${HOME}")],
  });
  expect(parse({ BATCH_CALL_DATA_DIR: "/data/$5{x", OTHER: "${X}" })).toMatchObject({ dataDir: "/data/$5{x" });
});
