import fc from "fast-check";
import { expect, it } from "vitest";
import { arePlainlyRight } from "../../src/config/plain-settings.ts";
import { parseSettings } from "../../src/config/settings.ts";

/** What a bundle's client passes for a field that its user left blank. */
const leftBlank = `${"$"}{user_config.api_key}`;

const seed = Number(process.env["BATCH_CALL_TEST_SEED"] ?? Date.now() % 1_000_000);

const path = fc.stringMatching(/^(\/[\w.@ -]{1,8}){1,3}\/?$/);
const odd = fc.oneof(
  fc.stringMatching(/^\/[\w.@ $~%<>:-]{1,12}$/),
  fc.constantFrom("", " ", "calls", "loud", "XX", "your_key", "<your key>", leftBlank, `${"$"}{HOME}/x`),
);
const key = fc.stringMatching(/^[\w-]{7,12}$/);
const host = fc.stringMatching(
  /^([a-z0-9.:-]{1,20}|[a-z0-9]{1,5}([.-][a-z0-9]{1,5}){0,2}\.[a-z]{2,3}|127\.0\.0\.1:\d{1,5})$/,
);
const url = fc.tuple(fc.constantFrom("http", "https", "ftp"), host).map(([scheme, name]) => `${scheme}://${name}`);
const mostly = (likely: fc.Arbitrary<string>) =>
  fc.oneof({ arbitrary: likely, weight: 9 }, { arbitrary: odd, weight: 1 });
const settings = fc.record(
  {
    DATA_DIR: mostly(path),
    FILES_DIR: mostly(path),
    LOG_LEVEL: mostly(fc.constantFrom("debug", "info", "silent")),
    CLIENT_ROOTS: mostly(fc.constantFrom("read", "ignore")),
    DEFAULT_COUNTRY: mostly(fc.stringMatching(/^[A-Z]{2}$/)),
  },
  { requiredKeys: [] },
);
const account = fc.oneof(
  fc.record(
    { API_KEY: mostly(key), API_SECRET: mostly(key), API_URL: mostly(url) },
    { requiredKeys: ["API_KEY", "API_SECRET"] },
  ),
  fc.record({ API_KEY: key, API_SECRET: key, API_URL: url }, { requiredKeys: [] }),
);
const environment = fc
  .tuple(settings, account)
  .map((parts) => Object.assign({}, ...parts))
  .map((given: Record<string, string>) =>
    Object.fromEntries(Object.entries(given).map(([name, text]) => [`BATCH_CALL_${name}`, text])),
  );

it(`what is plainly right is never refused (seed ${seed})`, () => {
  let plain = 0;
  const check = fc.property(environment, (env) => {
    if (!arePlainlyRight(env)) return;
    plain++;
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
