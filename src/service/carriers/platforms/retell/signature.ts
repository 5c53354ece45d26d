import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../../../domain/secret.ts";
import type { Notice } from "../platform.ts";

const toleranceMs = 5 * 60_000;

/**
 * Retell signs a notice as `v=<unix ms>,d=<hex>`: HMAC-SHA256 over the body followed by that time, under the account's API key (retell-sdk
 * 5.66.1, `lib/webhook_auth`).
 */
export function isGenuine({ bodyText, header }: Notice, key: Secret, now: Date): boolean {
  const [, timestamp = "", digest = ""] =
    /^v=(\d{1,15}),d=([0-9a-f]{64})$/i.exec(header("x-retell-signature") ?? "") ?? [];
  const expected = createHmac("sha256", key.reveal()).update(`${bodyText}${timestamp}`).digest();
  const given = Buffer.from(digest, "hex");
  const isFresh = timestamp !== "" && Math.abs(now.getTime() - Number(timestamp)) <= toleranceMs;
  return isFresh && given.length === expected.length && timingSafeEqual(given, expected);
}
