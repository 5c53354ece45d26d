import { createPublicKey, verify } from "node:crypto";
import type { Secret } from "../../../../domain/secret.ts";
import type { Notice } from "../platform.ts";

const toleranceMs = 5 * 60_000;

/**
 * Telnyx signs `<unix seconds>|<body>` with Ed25519; `key` is the account's public key, base64 of 32 bytes (telnyx 7.24.0,
 * `lib/webhooks`).
 */
export function isGenuine({ bodyText, header }: Notice, key: Secret, now: Date): boolean {
  const timestamp = header("telnyx-timestamp") ?? "";
  const signature = Buffer.from(header("telnyx-signature-ed25519") ?? "", "base64");
  const isFresh = /^\d{1,12}$/.test(timestamp) && Math.abs(now.getTime() - Number(timestamp) * 1000) <= toleranceMs;
  if (!isFresh || signature.length !== 64) return false;
  const x = Buffer.from(key.reveal(), "base64").toString("base64url");
  try {
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, Buffer.from(`${timestamp}|${bodyText}`), publicKey, signature);
  } catch {
    // That is no key.
    return false;
  }
}
