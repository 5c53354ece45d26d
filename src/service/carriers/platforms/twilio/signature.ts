import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../../../domain/secret.ts";
import type { Notice } from "../platform.ts";

/**
 * Twilio signs the URL that it calls, and behind it name and value of every field in the order of their names, with HMAC-SHA1 in base64
 * under the account's auth token (https://www.twilio.com/docs/usage/webhooks/webhooks-security). No time is in it: who sends an old
 * one again has us ask Twilio again, and nothing else.
 */
export function isGenuine({ bodyText, url, header }: Notice, key: Secret): boolean {
  const given = Buffer.from(header("x-twilio-signature") ?? "", "base64");
  if (url === undefined) return false;
  const fields = [...new URLSearchParams(bodyText)].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const signedText = url + fields.map(([name, value]) => name + value).join("");
  const expected = createHmac("sha1", key.reveal()).update(signedText).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}
