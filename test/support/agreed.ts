import type { GrantTerms } from "../../src/domain/batch/grant.ts";
import type { GrantChange, GrantedBatch } from "../../src/service/store/batch-store.ts";

export function termsOf({ batch, waiting }: GrantedBatch): GrantTerms {
  return {
    contentDigest: batch.contentDigest,
    channel: "api",
    principal: "the test",
    maxRecipients: waiting,
    maxAttempts: batch.maxAttempts,
    lastAt: new Date("2100-01-01T00:00:00Z"),
  };
}

/** Somebody agrees to the calls of a batch as it is, for good. */
export const agreed: GrantChange = { kind: "open", terms: termsOf };

/** The same until then. */
export function agreedUntil(lastAt: Date): GrantChange {
  return { kind: "open", terms: (granted) => ({ ...termsOf(granted), lastAt }) };
}
