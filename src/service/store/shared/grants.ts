import { randomUUID } from "node:crypto";
import type { Grant } from "../../../domain/batch/grant.ts";
import type { GrantChange } from "../batch-store.ts";
import type { StoredBatch } from "../records.ts";
import { instant, known, ms, optional, toGrant, whole } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

/** Stands in `kill_switches` for every organization. */
export const everybody = "*";

/**
 * The condition under which recipients of a batch may be dialed; `now` is the place of the instant among the parameters. The
 * claim, the last check before a dial and the search for what is due all ask it.
 */
export function mayRing({ schema }: Pick<Dialect, "schema">, now: string): string {
  return `batches.status = 'sent' AND batches.is_paused = 0
    AND EXISTS (SELECT 1 FROM ${schema}.grants WHERE grants.id = batches.grant_id AND grants.state = 'open'
      AND grants.content_digest = batches.content_digest AND grants.last_at > ${now})
    AND NOT EXISTS (SELECT 1 FROM ${schema}.kill_switches AS stopped
      WHERE stopped.organization_id IN ('${everybody}', batches.organization_id))`;
}

/** A column for a row of `batches`: the instant from which on nobody agreed to its calls. */
export function agreedUntilColumn({ schema }: Pick<Dialect, "schema">): string {
  return `(SELECT last_at FROM ${schema}.grants WHERE grants.id = batches.grant_id) AS agreed_until`;
}

/** What people agreed to; parts of the caller's transaction, which holds the batch. */
export function createGrants({ schema }: Dialect) {
  const read = `SELECT * FROM ${schema}.grants WHERE id = $1`;
  const waiting = `
    SELECT count(*) AS n, max(not_before) AS last_not_before FROM ${schema}.tasks WHERE batch_id = $1 AND status = 'pending'`;
  const used = `SELECT 1 FROM ${schema}.grants WHERE batch_id = $1 AND approval_id = $2`;
  const stopped = `SELECT 1 FROM ${schema}.kill_switches WHERE organization_id IN ('${everybody}', $1)`;
  const insert = `
    INSERT INTO ${schema}.grants (id, batch_id, content_digest, channel, principal, client, approval_id, max_recipients,
      max_attempts, last_at, state, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11)`;
  const move = `
    UPDATE ${schema}.grants SET state = $2, resumable_until = $3, why = $4 WHERE id = $1 AND state <> 'ended'`;

  const narrowed = `
    INSERT INTO ${schema}.grants (id, batch_id, content_digest, channel, principal, client, approval_id, max_recipients,
      max_attempts, last_at, state, resumable_until, why, created_at)
    SELECT $2, batch_id, $3, channel, principal, client, approval_id, max_recipients, max_attempts, last_at, state,
      resumable_until, why, created_at
    FROM ${schema}.grants WHERE id = $1 AND content_digest = $4 AND state <> 'ended' RETURNING 1`;

  /** Whoever agreed to all agreed to those who are left; to anything else than `from` nobody did. */
  function* narrow(
    batch: StoredBatch,
    { from, why }: Extract<GrantChange, { kind: "narrow" }>,
  ): SqlWork<string | undefined> {
    const { grantId, contentDigest } = batch;
    if (grantId === undefined) return undefined;
    const id = `grant_${randomUUID()}`;
    const [isNarrowed] = yield* query(narrowed, [grantId, id, contentDigest, from]);
    if (!isNarrowed) return grantId;
    yield* query(move, [grantId, "ended", null, why]);
    return id;
  }

  function* open(
    batch: StoredBatch,
    { terms, approvalId }: Extract<GrantChange, { kind: "open" }>,
    now: Date,
  ): SqlWork<string> {
    const [row] = yield* query(waiting, [batch.id]);
    const [isStopped] = yield* query(stopped, [batch.organizationId]);
    const [usedBy] = approvalId === undefined ? [] : yield* query(used, [batch.id, approvalId]);
    const facts = { isStopped: isStopped !== undefined, isUsed: usedBy !== undefined };
    const lastNotBefore = row && optional(row, "last_not_before", instant);
    const waits = { waiting: row ? whole(row, "n") : 0, ...known({ lastNotBefore }) };
    const agreed = terms({ batch, ...waits, ...facts });
    if (batch.grantId) yield* query(move, [batch.grantId, "ended", null, "Somebody agreed to these calls anew."]);
    const id = `grant_${randomUUID()}`;
    yield* query(insert, [
      id,
      batch.id,
      agreed.contentDigest,
      agreed.channel,
      agreed.principal,
      agreed.client ?? null,
      agreed.approvalId ?? null,
      agreed.maxRecipients,
      agreed.maxAttempts,
      agreed.lastAt.getTime(),
      now.getTime(),
    ]);
    return id;
  }

  return {
    *of({ grantId }: StoredBatch): SqlWork<Grant | undefined> {
      const [row] = grantId === undefined ? [] : yield* query(read, [grantId]);
      return row && toGrant(row);
    },
    /** Returns the id of the grant that the batch has from here on. */
    *change(batch: StoredBatch, change: GrantChange | undefined, now: Date): SqlWork<string | undefined> {
      if (change?.kind === "open") return yield* open(batch, change, now);
      if (!change || !batch.grantId) return batch.grantId;
      if (change.kind === "narrow") return yield* narrow(batch, change);
      const until = change.kind === "suspend" ? ms(change.resumableUntil) : null;
      const why = change.kind === "reopen" ? null : change.why;
      const state = { suspend: "suspended", reopen: "open", end: "ended" }[change.kind];
      yield* query(move, [batch.grantId, state, until, why]);
      return batch.grantId;
    },
  };
}
