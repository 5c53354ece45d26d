import { optOutText } from "../../../domain/said.ts";
import { toCallName } from "../../../domain/text.ts";
import type { Listed } from "../batch-store.ts";
import type { OptOutRequest } from "../dial-store.ts";
import { text } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { createDoNotCallWriter } from "./do-not-call.ts";
import { createDropListed } from "./drop-listed.ts";
import { createEventWriter } from "./events.ts";
import { query, type SqlWork } from "./sql-work.ts";

/**
 * Acts once on what was said in a call: its numbers are on the do-not-call list, with the call as their source, and who waits under one of
 * them in any batch is cancelled. Part of the caller's transaction; see `DialStore.optOut`. It takes the numbers of the list, batches, their
 * people and the attempt in this order, as whoever lists by hand, changes or cancels a batch, or ends a call does with theirs: nobody waits in a circle.
 */
export function createOptOut(dialect: Dialect) {
  const { schema, lockName } = dialect;
  const list = createDoNotCallWriter(dialect);
  const drop = createDropListed(dialect);
  const { tell } = createEventWriter(dialect);
  const find = `
    SELECT organization_id, batch_id, call_id, task_id FROM ${schema}.attempts WHERE token = $1 AND opted_out_at IS NULL`;
  const note = `UPDATE ${schema}.attempts SET opted_out_at = $2 WHERE token = $1`;

  return function* ({ token, numbers, askedAt, unclear }: OptOutRequest, now: Date): SqlWork<Listed | undefined> {
    // Of two who are told of one call at once, the second sees what the first did.
    if (lockName) yield* query(lockName, [`${schema}.opt-out ${token}`]);
    const [call] = yield* query(find, [token]);
    if (!call) return undefined;
    const [organizationId, batchId] = [text(call, "organization_id"), text(call, "batch_id")];
    const [callId, taskId] = [text(call, "call_id"), text(call, "task_id")];
    const source = `${toCallName(callId)} of ${batchId}`;
    const said = optOutText("on the phone ", unclear);
    const reason = unclear === undefined ? said : `${said}; take it off the list if they did not`;
    const entry = { reason, requestedAt: askedAt.toISOString(), addedBy: source };
    const entries = numbers.map((phoneNumber) => ({ ...entry, phoneNumber }));
    const added = yield* list(organizationId, entries, now);
    const batchIds = yield* drop(organizationId, new Map(numbers.map((number) => [number, `${said}, in ${source}`])));
    yield* query(note, [token, now.getTime()]);
    const ids = { organization_id: organizationId, batch_id: batchId, call_id: callId, task_id: taskId };
    const data = {
      ...ids,
      numbers: [...numbers],
      asked_at: askedAt.toISOString(),
      dropped_from: [...new Set(batchIds)],
      ...(unclear !== undefined && { unclear }),
    };
    yield* tell({ type: "recipient.opted_out", data }, now);
    return { added, batchIds };
  };
}
