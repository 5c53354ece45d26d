import type { GrantChange } from "../../src/service/store/batch-store.ts";

/** Somebody agrees to the calls of a batch as it is, for good. */
export const agreed: GrantChange = {
  kind: "open",
  terms: ({ batch, waiting }) => ({
    contentDigest: batch.contentDigest,
    channel: "api",
    principal: "the test",
    maxRecipients: waiting,
    maxAttempts: batch.maxAttempts,
    lastAt: new Date("2100-01-01T00:00:00Z"),
  }),
};
