import { createHash, timingSafeEqual } from "node:crypto";
import type { Organization } from "./organizations.ts";

/** Knows which organization a pair of keys opens, by their hashes only. */
export type Keyring = { organizationOf(apiKey: string, apiSecret: string): string | undefined };

/** What is kept of an organization where its keys must not be: the SHA-256 of the pair. */
export type HashedKeys = { readonly organizationId: string; readonly hash: Buffer };

export function createKeyring(known: readonly HashedKeys[]): Keyring {
  return {
    organizationOf(apiKey, apiSecret) {
      const hash = hashOf(apiKey, apiSecret);
      // All are compared, so the time it takes tells nothing.
      return known.filter((candidate) => timingSafeEqual(candidate.hash, hash))[0]?.organizationId;
    },
  };
}

export function toHashedKeys({ organizationId, apiKey, apiSecret }: Organization): HashedKeys {
  return { organizationId, hash: hashOf(apiKey.reveal(), apiSecret.reveal()) };
}

function hashOf(apiKey: string, apiSecret: string): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([apiKey, apiSecret]))
    .digest();
}
