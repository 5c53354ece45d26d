import { contentDigest } from "../../../domain/batch/fingerprint.ts";
import type { GrantTerms } from "../../../domain/batch/grant.ts";
import { longestSpanOf, mostAttemptsOf } from "../../../domain/retry-rules.ts";
import type { GrantedBatch } from "../batch-store.ts";
import { known, text } from "../rows.ts";
import { createBatchRows } from "./batch-rows.ts";
import type { Dialect } from "./dialect.ts";
import { createGrants } from "./grants.ts";
import { query, type SqlWork } from "./sql-work.ts";
import { createTaskWriter, prepareList } from "./tasks.ts";

/**
 * Gives batches of an earlier schema what they lack: their digests, and to those that ran the agreement of that time. Part of
 * the caller's transaction; does nothing the second time.
 */
export function* takeUpOlderBatches(dialect: Dialect): SqlWork<void> {
  const rows = createBatchRows(dialect);
  const tasks = createTaskWriter(dialect);
  const grants = createGrants(dialect);
  const older = `SELECT organization_id, id FROM ${dialect.schema}.batches WHERE list_digest = ''`;

  for (const row of yield* query(older, [])) {
    const batch = yield* rows.readLocked(text(row, "organization_id"), text(row, "id"));
    // Another process was first.
    if (batch?.listDigest !== "") continue;
    const list = yield* tasks.readAll(batch.id);
    const { listDigest } = prepareList(list);
    const digested = { ...batch, listDigest, contentDigest: contentDigest({ ...batch, listDigest }) };
    const complete = { ...digested, maxAttempts: mostAttemptsOf(batch.rules, list) };
    const runs = (batch.status === "sent" || batch.status === "scheduled") && !batch.isPaused;
    const grantId = runs
      ? yield* grants.change(complete, { kind: "open", terms: earlier }, batch.updatedAt)
      : undefined;
    yield* rows.update({ ...complete, ...known({ grantId }) });
  }
}

/** Somebody agreed to them when agreements were not kept with the batch. */
function earlier({ batch, waiting }: GrantedBatch): GrantTerms {
  const { contentDigest: digest, maxAttempts, rules, updatedAt } = batch;
  const lastAt = new Date(updatedAt.getTime() + longestSpanOf(rules, maxAttempts));
  const by = { channel: "api", principal: "an earlier version of batch-call-mcp" } as const;
  return { ...by, contentDigest: digest, maxRecipients: waiting, maxAttempts, lastAt };
}
