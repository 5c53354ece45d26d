import type { DatabaseSync } from "../../../lib/sqlite.ts";
import type { BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import { toAttempt } from "../rows.ts";
import { jsonList } from "./json-list.ts";
import { limitOf } from "./pages.ts";

export function createCallStore(
  database: DatabaseSync,
): Pick<BatchStore, "listAttempts" | "getAttemptByCallId" | "listCalls"> {
  const ofTasks = database.prepare(`
    SELECT * FROM attempts WHERE organization_id = :organizationId AND task_id IN (SELECT value FROM json_each(:taskIds))
    ORDER BY task_id, attempt_number
  `);
  const byCallId = database.prepare(
    "SELECT * FROM attempts WHERE organization_id = :organizationId AND call_id = :callId",
  );
  const matching = `
    FROM attempts WHERE organization_id = :organizationId AND (:batchId IS NULL OR batch_id = :batchId)
      AND (:agentIds IS NULL OR agent_id IN (SELECT value FROM json_each(:agentIds)))`;
  const page = database.prepare(`SELECT * ${matching} ORDER BY claimed_at DESC, token LIMIT :limit OFFSET :offset`);
  const count = database.prepare(`SELECT COUNT(*) AS n ${matching}`);

  return {
    async listAttempts(organizationId, taskIds) {
      return ofTasks.all({ organizationId, taskIds: jsonList(taskIds) }).map(toAttempt);
    },
    async getAttemptByCallId(organizationId, callId) {
      const row = byCallId.get({ organizationId, callId });
      return row && toAttempt(row);
    },
    async listCalls(organizationId, { batchId, agentIds }, query) {
      const where = { organizationId, batchId: batchId ?? null, agentIds: agentIds ? jsonList(agentIds) : null };
      const rows = page.all({ ...where, ...limitOf(query) });
      return { rows: rows.map(toAttempt), totalCount: whole(count.get(where) ?? {}, "n") };
    },
  };
}
