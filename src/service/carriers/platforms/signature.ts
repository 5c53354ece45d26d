import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../../domain/secret.ts";

const toleranceMs = 5 * 60_000;

/** What a notice says of itself: an HMAC-SHA256 in hex over that text, which holds its body and its time. */
export type SignedNotice = { readonly signedText: string; readonly digest: string; readonly signedAtMs: number };

/** Whether that key signed it, at most five minutes from now. */
export function isSignedLately({ signedText, digest, signedAtMs }: SignedNotice, key: Secret, now: Date): boolean {
  const expected = createHmac("sha256", key.reveal()).update(signedText).digest();
  const given = Buffer.from(digest, "hex");
  const isFresh = Math.abs(now.getTime() - signedAtMs) <= toleranceMs;
  return isFresh && given.length === expected.length && timingSafeEqual(given, expected);
}
