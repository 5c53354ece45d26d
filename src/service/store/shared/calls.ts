import type { BatchStore } from "../batch-store.ts";
import { text, toAttempt, whole } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { readPage } from "./pages.ts";
import { query, type SqlRunner } from "./sql-work.ts";
import { answersOfBatch } from "./steering.ts";

type CallStore = Pick<BatchStore, "listAttempts" | "getAttemptByCallId" | "listCalls" | "countAnswers">;

export function createCallStore({ run }: SqlRunner, dialect: Dialect): CallStore {
  const { schema, isOneOf } = dialect;
  const ofTasks = `
    SELECT * FROM ${schema}.attempts WHERE organization_id = $1 AND ${isOneOf("task_id", "$2")}
    ORDER BY task_id, attempt_number`;
  const byCallId = `SELECT * FROM ${schema}.attempts WHERE organization_id = $1 AND call_id = $2`;
  // Only what is filtered by stands in the statement, so that an index can serve it.
  // As an expression the organization is only checked: by its index all its calls would be read for those of a batch.
  const ofBatch = `FROM ${schema}.attempts WHERE batch_id = $2 AND organization_id || '' = $1`;
  const ofAll = `FROM ${schema}.attempts WHERE organization_id = $1`;

  const answersOf = answersOfBatch(dialect);

  return {
    async countAnswers(batchId) {
      const rows = await run(query(answersOf, [batchId]));
      return rows.map((row) => ({
        name: text(row, "name"),
        value: text(row, "value"),
        recipients: whole(row, "recipients"),
      }));
    },
    async listAttempts(organizationId, taskIds) {
      return (await run(query(ofTasks, [organizationId, taskIds]))).map(toAttempt);
    },
    async getAttemptByCallId(organizationId, callId) {
      const [row] = await run(query(byCallId, [organizationId, callId]));
      return row && toAttempt(row);
    },
    listCalls(organizationId, { batchId, agentIds }, page) {
      const parameters = [organizationId, ...(batchId === undefined ? [] : [batchId]), ...(agentIds ? [agentIds] : [])];
      const ofAgents = agentIds ? `AND ${isOneOf("agent_id", `$${parameters.length}`)}` : "";
      const matching = `${batchId === undefined ? ofAll : ofBatch} ${ofAgents}`;
      const listing = { columns: "*", matching, parameters, keys: ["claimed_at", "token"], order: "DESC" } as const;
      return run(readPage(listing, page, toAttempt));
    },
  };
}
