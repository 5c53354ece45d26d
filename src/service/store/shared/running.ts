import { grantStates } from "../../../domain/batch/grant.ts";
import type { RunningBatch } from "../dial-store.ts";
import { instant, known, oneOf, optional, type Row, text, toBatch } from "../rows.ts";
import type { Dialect } from "./dialect.ts";

/** Reads batches that are scheduled or run, in the order of their creation; `condition` is a further one about `batches`, `more` are columns. */
export function selectRunning({ schema, batchColumns }: Dialect, condition = "TRUE", more = ""): string {
  return `
    SELECT ${batchColumns}, ${more && `${more}, `}grants.content_digest AS granted_digest, grants.state AS grant_state,
      grants.last_at AS granted_until, grants.created_at AS granted_at, grants.why AS grant_why
    FROM ${schema}.batches LEFT JOIN ${schema}.grants ON grants.id = batches.grant_id
    WHERE batches.status IN ('scheduled', 'sent') AND ${condition} ORDER BY batches.created_at, batches.id`;
}

export function toRunningBatch(row: Row): RunningBatch {
  const batch = toBatch(row);
  const state = optional(row, "grant_state", (from, column) => oneOf(from, column, grantStates));
  if (state === undefined) return batch;
  const why = optional(row, "grant_why", text);
  const grant = {
    state,
    contentDigest: text(row, "granted_digest"),
    lastAt: instant(row, "granted_until"),
    createdAt: instant(row, "granted_at"),
  };
  return { ...batch, agreedUntil: grant.lastAt, grant: { ...grant, ...known({ why }) } };
}
