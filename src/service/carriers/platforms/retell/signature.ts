import type { Secret } from "../../../../domain/secret.ts";
import type { Notice } from "../platform.ts";
import { isSignedLately } from "../signature.ts";

/**
 * Retell signs a notice as `v=<unix ms>,d=<hex>`: HMAC-SHA256 over the body followed by that time, under the account's API key (retell-sdk
 * 5.66.1, `lib/webhook_auth`).
 */
export function isGenuine({ bodyText, header }: Notice, key: Secret, now: Date): boolean {
  const [, time, digest = ""] = /^v=(\d{1,15}),d=([0-9a-f]{64})$/i.exec(header("x-retell-signature") ?? "") ?? [];
  if (time === undefined) return false;
  return isSignedLately({ signedText: `${bodyText}${time}`, digest, signedAtMs: Number(time) }, key, now);
}
