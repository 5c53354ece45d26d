import type { BatchStore } from "../batch-store.ts";
import { toAttempt } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { readPage } from "./pages.ts";
import { query, type SqlRunner } from "./sql-work.ts";

type CallStore = Pick<BatchStore, "listAttempts" | "getAttemptByCallId" | "listCalls">;

export function createCallStore({ run }: SqlRunner, { schema, isOneOf }: Dialect): CallStore {
  const ofTasks = `
    SELECT * FROM ${schema}.attempts WHERE organization_id = $1 AND ${isOneOf("task_id", "$2")}
    ORDER BY task_id, attempt_number`;
  const byCallId = `SELECT * FROM ${schema}.attempts WHERE organization_id = $1 AND call_id = $2`;
  const matching = `
    FROM ${schema}.attempts WHERE organization_id = $1 AND (batch_id = $2 OR $2 IS NULL)
      AND (${isOneOf("agent_id", "$3")} OR $3 IS NULL)`;

  return {
    async listAttempts(organizationId, taskIds) {
      return (await run(query(ofTasks, [organizationId, taskIds]))).map(toAttempt);
    },
    async getAttemptByCallId(organizationId, callId) {
      const [row] = await run(query(byCallId, [organizationId, callId]));
      return row && toAttempt(row);
    },
    listCalls(organizationId, { batchId, agentIds }, page) {
      const parameters = [organizationId, batchId ?? null, agentIds ?? null];
      return run(readPage({ columns: "*", matching, parameters, order: "claimed_at DESC, token" }, page, toAttempt));
    },
  };
}
