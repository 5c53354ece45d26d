import type { Environment } from "../../../domain/batch/batch.ts";
import { Problem } from "../../../domain/problem.ts";
import { text } from "../rows.ts";
import type { Sql } from "./sql.ts";

/**
 * Makes sure that all who dial on a shared store dial in the same environment: batches that were simulated must not be
 * called for real, nor the outcomes of real ones made up. The first decides; throws a `Problem` for another.
 */
export async function settleEnvironment(sql: Sql, environment: Environment): Promise<void> {
  const settled = await sql.transaction(async (session) => {
    await session.query("LOCK TABLE batch_call.environment IN SHARE ROW EXCLUSIVE MODE");
    const [row] = await session.query("SELECT environment FROM batch_call.environment");
    if (!row) await session.query("INSERT INTO batch_call.environment VALUES ($1)", [environment]);
    return row ? text(row, "environment") : environment;
  });
  if (settled === environment) return;
  throw new Problem(
    "unavailable",
    `The database of BATCH_CALL_DATABASE_URL is for ${settled} calls, and this process would make ${environment} ones (BATCH_CALL_CARRIER). Nothing was started. Change BATCH_CALL_CARRIER, or use another database.`,
  );
}
