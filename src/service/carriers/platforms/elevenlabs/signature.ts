import type { Secret } from "../../../../domain/secret.ts";
import type { Notice } from "../platform.ts";
import { isSignedLately } from "../signature.ts";

/**
 * ElevenLabs signs a notice as `t=<unix s>,v0=<hex>`: HMAC-SHA256 over that time, a dot and the body, under the secret of the webhook
 * (elevenlabs-js 2.73.0, `wrapper/webhooks`).
 */
export function isGenuine({ bodyText, header }: Notice, key: Secret, now: Date): boolean {
  const [, time, digest = ""] = /^t=(\d{1,12}),v0=([0-9a-f]{64})$/i.exec(header("elevenlabs-signature") ?? "") ?? [];
  if (time === undefined) return false;
  return isSignedLately({ signedText: `${time}.${bodyText}`, digest, signedAtMs: Number(time) * 1000 }, key, now);
}
