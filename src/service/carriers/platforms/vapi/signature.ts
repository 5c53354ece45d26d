import type { Secret } from "../../../../domain/secret.ts";
import type { Notice } from "../platform.ts";
import { isSignedLately } from "../signature.ts";

/**
 * Vapi signs a notice by a credential of the account's, in its defaults: HMAC-SHA256 in hex (`x-signature`) over the time (`x-timestamp`), a
 * dot and the body, under the credential's secret (`HMACAuthenticationPlan` of its API document). Seconds or ms: no page says which.
 */
export function isGenuine({ bodyText, header }: Notice, key: Secret, now: Date): boolean {
  const time = header("x-timestamp") ?? "";
  const digest = header("x-signature") ?? "";
  if (!/^\d{1,15}$/.test(time) || !/^[0-9a-f]{64}$/i.test(digest)) return false;
  const signedAtMs = Number(time) < 1e11 ? Number(time) * 1000 : Number(time);
  return isSignedLately({ signedText: `${time}.${bodyText}`, digest, signedAtMs }, key, now);
}
