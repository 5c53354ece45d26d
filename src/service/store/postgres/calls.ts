import type { BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import { toAttempt } from "../rows.ts";
import { limitOf } from "./pages.ts";
import type { Sql } from "./sql.ts";

type CallStore = Pick<BatchStore, "listAttempts" | "getAttemptByCallId" | "listCalls">;

const matching = `
  FROM batch_call.attempts WHERE organization_id = $1 AND ($2::text IS NULL OR batch_id = $2)
    AND ($3::text[] IS NULL OR agent_id = ANY($3))`;

export function createCallStore(sql: Sql): CallStore {
  return {
    async listAttempts(organizationId, taskIds) {
      const rows = await sql.query(
        `SELECT * FROM batch_call.attempts WHERE organization_id = $1 AND task_id = ANY($2::text[])
         ORDER BY task_id, attempt_number`,
        [organizationId, taskIds],
      );
      return rows.map(toAttempt);
    },
    async getAttemptByCallId(organizationId, callId) {
      const [row] = await sql.query("SELECT * FROM batch_call.attempts WHERE organization_id = $1 AND call_id = $2", [
        organizationId,
        callId,
      ]);
      return row && toAttempt(row);
    },
    async listCalls(organizationId, { batchId, agentIds }, query) {
      const where = [organizationId, batchId ?? null, agentIds ?? null];
      const rows = await sql.query(`SELECT * ${matching} ORDER BY claimed_at DESC, token LIMIT $4 OFFSET $5`, [
        ...where,
        ...limitOf(query),
      ]);
      const [count] = await sql.query(`SELECT count(*) AS n ${matching}`, where);
      return { rows: rows.map(toAttempt), totalCount: whole(count ?? {}, "n") };
    },
  };
}
