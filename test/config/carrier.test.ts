import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";

const url = "https://bridge.example.com/batch-calls";
const secret = "0123456789abcdef0123456789abcdef";

function parse(env: Record<string, string>) {
  return parseSettings({ os: "linux", env, timezone: "UTC" });
}

function errorsOf(env: Record<string, string>): readonly string[] {
  const settings = parse(env);
  return "errors" in settings ? settings.errors : [];
}

function carrierOf(env: Record<string, string>) {
  const settings = parse(env);
  if ("errors" in settings) throw new Error(settings.errors.join(" "));
  return settings.carrier;
}

test("calls are simulated unless somebody says otherwise", () => {
  expect(carrierOf({})).toEqual({ kind: "simulated" });
  expect(carrierOf({ BATCH_CALL_CARRIER: "simulated" })).toEqual({ kind: "simulated" });
});

test("a bridge has a URL and a secret that is never shown", () => {
  const carrier = carrierOf({
    BATCH_CALL_CARRIER: "http",
    BATCH_CALL_CARRIER_URL: url,
    BATCH_CALL_CARRIER_SECRET: secret,
    BATCH_CALL_CARRIER_CALLBACK_URL: "https://calls.example.com/carrier/outcomes",
  });
  expect(carrier).toMatchObject({ kind: "http", url, callbackUrl: "https://calls.example.com/carrier/outcomes" });
  expect(JSON.stringify(carrier) + inspect(carrier)).not.toContain(secret);
});

test("a carrier that is not known is an error", () => {
  expect(errorsOf({ BATCH_CALL_CARRIER: "sip" })).toEqual([
    "BATCH_CALL_CARRIER: must be one of simulated, http, hosted, retell, elevenlabs, vapi, telnyx, twilio.",
  ]);
});

test("everything that an http carrier lacks is named at once", () => {
  expect(errorsOf({ BATCH_CALL_CARRIER: "http" })).toEqual([
    "BATCH_CALL_CARRIER_URL is missing: BATCH_CALL_CARRIER is http.",
    "BATCH_CALL_CARRIER_SECRET is missing: BATCH_CALL_CARRIER is http.",
  ]);
});

test("a bridge without an http carrier is an error: it would never be called", () => {
  const errors = errorsOf({ BATCH_CALL_CARRIER_URL: url, BATCH_CALL_CARRIER_SECRET: secret });
  expect(errors).toEqual([
    "BATCH_CALL_CARRIER_URL is set, but BATCH_CALL_CARRIER is not http, hosted, retell, elevenlabs, vapi, telnyx or twilio: no real call would be placed.",
    "BATCH_CALL_CARRIER_SECRET is set, but BATCH_CALL_CARRIER is not http, hosted, elevenlabs, vapi, telnyx or twilio: no real call would be placed.",
  ]);
});

test.each([
  "http://bridge.example.com",
  "http://10.0.0.7:8080",
  "http://127.0.0.1.example.com",
  "https://user:password@bridge.example.com",
  "https://bridge.example.com/?token=1",
  "https://bridge.example.com/#calls",
  "ftp://bridge.example.com",
  "bridge.example.com",
])("%s is refused as the URL of a bridge", (text) => {
  const env = { BATCH_CALL_CARRIER: "http", BATCH_CALL_CARRIER_URL: text, BATCH_CALL_CARRIER_SECRET: secret };
  expect(errorsOf(env)).toEqual([expect.stringContaining("BATCH_CALL_CARRIER_URL: must be an https URL")]);
});

test.each(["http://127.0.0.1:9000", "http://localhost:9000/batch-calls", "http://[::1]:9000", "https://10.0.0.7/x"])(
  "%s is taken as the URL of a bridge",
  (text) => {
    const env = { BATCH_CALL_CARRIER: "http", BATCH_CALL_CARRIER_URL: text, BATCH_CALL_CARRIER_SECRET: secret };
    expect(carrierOf(env)).toMatchObject({ url: text });
  },
);

test("a secret of less than 32 characters is refused", () => {
  const env = { BATCH_CALL_CARRIER: "http", BATCH_CALL_CARRIER_URL: url, BATCH_CALL_CARRIER_SECRET: secret.slice(1) };
  expect(errorsOf(env)).toEqual(["BATCH_CALL_CARRIER_SECRET: must be at least 32 characters long."]);
});

const hosted = { BATCH_CALL_CARRIER: "hosted", BATCH_CALL_CARRIER_KEY: "sk_1", BATCH_CALL_CARRIER_SECRET: "s3cr3t_1" };

test("the hosted API has its own address, and keys of any length that are never shown", () => {
  const carrier = carrierOf(hosted);
  expect(carrier).toMatchObject({ kind: "hosted", url: "https://api.zudu.ai", waveSize: 10 });
  expect(JSON.stringify(carrier) + inspect(carrier)).not.toMatch(/sk_1|s3cr3t_1/);
});

test("a wave is 1 to 100 calls, and the address may be another", () => {
  const given = { ...hosted, BATCH_CALL_CARRIER_WAVE: "1", BATCH_CALL_CARRIER_URL: "http://127.0.0.1:9000" };
  expect(carrierOf(given)).toMatchObject({ waveSize: 1, url: "http://127.0.0.1:9000" });
  for (const wave of ["0", "101", "1.5", "many"])
    expect(errorsOf({ ...hosted, BATCH_CALL_CARRIER_WAVE: wave })).toEqual([
      "BATCH_CALL_CARRIER_WAVE: must be a whole number from 1 to 100.",
    ]);
});

test("what a hosted carrier lacks, or has of another one, is named at once", () => {
  const env = { BATCH_CALL_CARRIER: "hosted", BATCH_CALL_CARRIER_CALLBACK_URL: url };
  expect(errorsOf(env)).toEqual([
    "BATCH_CALL_CARRIER_KEY is missing: BATCH_CALL_CARRIER is hosted.",
    "BATCH_CALL_CARRIER_SECRET is missing: BATCH_CALL_CARRIER is hosted.",
    "BATCH_CALL_CARRIER_CALLBACK_URL is set, but BATCH_CALL_CARRIER is not http or twilio: it would have no effect.",
  ]);
});

test("its calls are real: the hours between two batches hold without being set", () => {
  const settings = parse(hosted);
  expect("errors" in settings ? settings.errors : settings.minHoursBetweenBatches).toBe(24);
});

test("a platform needs one key, and has its own pace where the operator sets none", () => {
  const retell = { BATCH_CALL_CARRIER: "retell", BATCH_CALL_CARRIER_KEY: "key_1234567890" };
  expect(carrierOf(retell)).toMatchObject({ kind: "retell", url: "https://api.retellai.com" });
  expect(JSON.stringify(carrierOf(retell)) + inspect(carrierOf(retell))).not.toContain("key_1234567890");
  expect(parse(retell)).toMatchObject({ maxConcurrent: 15, startsPerSecond: 1 });
  expect(parse({ ...retell, BATCH_CALL_MAX_CONCURRENT: "4", BATCH_CALL_STARTS_PER_SECOND: "3" })).toMatchObject({
    maxConcurrent: 4,
    startsPerSecond: 3,
  });
  expect(parse({})).toMatchObject({ maxConcurrent: 10, startsPerSecond: 5 });
  expect(errorsOf({ BATCH_CALL_CARRIER: "retell" })).toEqual([
    "BATCH_CALL_CARRIER_KEY is missing: BATCH_CALL_CARRIER is retell.",
  ]);
  expect(errorsOf({ ...retell, BATCH_CALL_CARRIER_URL: "http://api.example.com" })).toEqual([
    expect.stringContaining("BATCH_CALL_CARRIER_URL: must be an https URL"),
  ]);
  expect(errorsOf({ ...retell, BATCH_CALL_CARRIER_WAVE: "3" })).toEqual([
    "BATCH_CALL_CARRIER_WAVE is set, but BATCH_CALL_CARRIER is not hosted: it would have no effect.",
  ]);
});

test.each([
  ["elevenlabs", "https://api.elevenlabs.io", 3, 1],
  ["vapi", "https://api.vapi.ai", 8, 1],
  ["telnyx", "https://api.telnyx.com/v2", 2, 5],
] as const)(
  "%s needs one key as well; the secret of its webhook is optional and never shown",
  (kind, url, most, starts) => {
    const given = { BATCH_CALL_CARRIER: kind, BATCH_CALL_CARRIER_KEY: "key_1234567890" };
    expect(carrierOf(given)).toMatchObject({ kind, url });
    expect(carrierOf(given)).not.toHaveProperty("noticeKey");
    expect(parse(given)).toMatchObject({ maxConcurrent: most, startsPerSecond: starts });
    const signed = carrierOf({ ...given, BATCH_CALL_CARRIER_SECRET: "wsec_1" });
    expect(signed).toHaveProperty("noticeKey");
    expect(JSON.stringify(signed) + inspect(signed)).not.toMatch(/wsec_1|key_1234567890/);
    expect(errorsOf({ BATCH_CALL_CARRIER: kind })).toEqual([
      `BATCH_CALL_CARRIER_KEY is missing: BATCH_CALL_CARRIER is ${kind}.`,
    ]);
  },
);

describe("twilio", () => {
  const account = `AC${"0".repeat(32)}`;
  const given = { BATCH_CALL_CARRIER: "twilio", BATCH_CALL_CARRIER_KEY: `${account}:token_1` };
  const notices = {
    BATCH_CALL_CARRIER_SECRET: "token_1",
    BATCH_CALL_CARRIER_CALLBACK_URL: "https://calls.example.com/carrier/notices",
  };

  test("needs the account with its auth token or an API key, and keeps below one start a second", () => {
    expect(carrierOf(given)).toMatchObject({ kind: "twilio", url: "https://api.twilio.com" });
    expect(parse(given)).toMatchObject({ maxConcurrent: 2, startsPerSecond: 1 });
    const apiKey = `${account}:SK${"1".repeat(32)}:secret_1`;
    expect(errorsOf({ ...given, BATCH_CALL_CARRIER_KEY: apiKey })).toEqual([]);
    for (const key of ["token_1", account, `${account}:`, `AC1:token_1`, `${account}:SK1:secret_1`])
      expect(errorsOf({ ...given, BATCH_CALL_CARRIER_KEY: key })).toEqual([
        expect.stringMatching(/BATCH_CALL_CARRIER_KEY: must be the account's SID and its auth token/),
      ]);
  });

  test("takes notices where both their URL and the auth token are set, which is never shown", () => {
    const carrier = carrierOf({ ...given, ...notices });
    expect(carrier).toMatchObject({ noticeUrl: notices.BATCH_CALL_CARRIER_CALLBACK_URL });
    expect(carrier).toHaveProperty("noticeKey");
    expect(JSON.stringify(carrier) + inspect(carrier)).not.toContain("token_1");
    for (const [name, value] of Object.entries(notices))
      expect(errorsOf({ ...given, [name]: value })).toEqual([expect.stringMatching(/belong together/)]);
  });
});
