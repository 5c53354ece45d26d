import { createHash, timingSafeEqual } from "node:crypto";
import type { Organization } from "./organizations.ts";

/** Knows which organization a pair of keys opens, by their hashes only. */
export type Keyring = { organizationOf(apiKey: string, apiSecret: string): string | undefined };

export function createKeyring(organizations: readonly Organization[]): Keyring {
  const known = organizations.map(({ organizationId, apiKey, apiSecret }) => ({
    organizationId,
    hash: hashOf(apiKey.reveal(), apiSecret.reveal()),
  }));
  return {
    organizationOf(apiKey, apiSecret) {
      const hash = hashOf(apiKey, apiSecret);
      // All are compared, so the time it takes tells nothing.
      return known.filter((candidate) => timingSafeEqual(candidate.hash, hash))[0]?.organizationId;
    },
  };
}

function hashOf(apiKey: string, apiSecret: string): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([apiKey, apiSecret]))
    .digest();
}
