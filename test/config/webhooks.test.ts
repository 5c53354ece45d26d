import { inspect } from "node:util";
import { expect, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";
import { webhookSecret } from "../support/http/webhook-receiver.ts";

function parse(env: Record<string, string>) {
  return parseSettings({ os: "linux", env, timezone: "UTC" });
}

const secret = { BATCH_CALL_WEBHOOK_SECRET: webhookSecret };

test("URLs are taken one or several, with what they need in path and query, and are not printed", () => {
  const given = "https://crm.example.com/hooks?token=hidden, http://127.0.0.1:9000/events";
  const settings = parse({ ...secret, BATCH_CALL_WEBHOOK_URL: given });
  if ("errors" in settings) throw new Error(settings.errors.join());
  expect(settings.webhooks?.urls.map((url) => url.reveal())).toEqual(given.split(", "));
  expect(inspect(settings, { depth: 9 }) + JSON.stringify(settings)).not.toMatch(/hidden|whsec_/);
});

test("everything that is wrong is said at once, and nothing of a URL or secret with it", () => {
  const urls = [
    "http://crm.example.com/hidden",
    "https://user:hidden@crm.example.com",
    "https://crm.example.com/#hidden",
    "ftp://hidden",
    "https://ok.example.com/hidden",
    "https://ok.example.com/hidden",
  ];
  const settings = parse({ BATCH_CALL_WEBHOOK_URL: urls.join(","), BATCH_CALL_WEBHOOK_SECRET: "whsec_hidden" });
  const errors = "errors" in settings ? settings.errors : [];
  expect(errors).toHaveLength(2);
  expect(errors[0]).toMatch(
    /^BATCH_CALL_WEBHOOK_URL: URL 1 is http.*; URL 2 holds a user.*; URL 3 has a fragment.*; URL 4 is not an https URL; URL 6 is there twice; there are 6 URLs/,
  );
  expect(errors[1]).toMatch(/^BATCH_CALL_WEBHOOK_SECRET: must be whsec_ and the base64 of 24 to 64 random bytes/);
  expect(errors.join()).not.toContain("hidden");
});

test("a URL needs a secret, and a secret a URL", () => {
  expect(parse(secret)).toEqual({ errors: [expect.stringContaining("BATCH_CALL_WEBHOOK_URL is missing")] });
  expect(parse({ BATCH_CALL_WEBHOOK_URL: "https://crm.example.com" })).toEqual({
    errors: [expect.stringContaining("BATCH_CALL_WEBHOOK_SECRET is missing")],
  });
});
