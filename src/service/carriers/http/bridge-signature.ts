import { createHmac, timingSafeEqual } from "node:crypto";
import { bridgeHeaders } from "../../../contract/bridge.ts";
import type { Secret } from "../../../domain/secret.ts";

const toleranceSeconds = 5 * 60;

/**
 * The two headers that prove to the other side who sent this and when. `content` is the body or, for a look-up, which has
 * none, the token.
 */
export function signedHeaders(secret: Secret, content: string, unixSeconds: number): Record<string, string> {
  return {
    [bridgeHeaders.timestamp]: String(unixSeconds),
    [bridgeHeaders.signature]: signatureOf(secret, content, String(unixSeconds)),
  };
}

/** True for a signature made with the secret over this content at most five minutes before or after `now`. */
export function isSigned(
  secret: Secret,
  content: string,
  header: (name: string) => string | undefined,
  now: Date,
): boolean {
  const timestamp = header(bridgeHeaders.timestamp) ?? "";
  const given = Buffer.from(header(bridgeHeaders.signature) ?? "");
  const expected = Buffer.from(signatureOf(secret, content, timestamp));
  const isFresh = /^\d+$/.test(timestamp) && Math.abs(toUnixSeconds(now) - Number(timestamp)) <= toleranceSeconds;
  return isFresh && given.length === expected.length && timingSafeEqual(given, expected);
}

export function toUnixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

function signatureOf(secret: Secret, content: string, timestamp: string): string {
  return `v1=${createHmac("sha256", secret.reveal()).update(`${timestamp}.${content}`).digest("hex")}`;
}
