import { Problem } from "../../../../domain/problem.ts";
import { packageVersion } from "../../../../lib/version.ts";
import { instant, whole } from "../../rows.ts";
import { postgresSchemaSteps } from "../schema.ts";
import type { SqlSession } from "../sql.ts";

/**
 * Tells the time by which processes that share a database dial: pace, due times, starts and leases. One clock for all of
 * them, whatever their own ones say. `given` is the caller's.
 */
export type DatabaseClock = (session: SqlSession, given: Date) => Promise<Date>;

/** The clock of the database server, at this moment and not at the start of the transaction: a lock may have been waited for. */
export const serverClock: DatabaseClock = async (session) => {
  const [row = {}] = await session.query("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now");
  return instant(row, "now");
};

/** True while no newer copy of the program has changed the schema: an older one does not know its rules and dials no more. */
export const isKnownSchema = `NOT EXISTS (SELECT 1 FROM batch_call.schema_version WHERE version > ${postgresSchemaSteps.length})`;

/** Throws a `Problem` when a newer copy of the program has changed the schema since this process started. */
export async function refuseNewerSchema(session: SqlSession): Promise<void> {
  const [newer] = await session.query(`SELECT version FROM batch_call.schema_version WHERE NOT ${isKnownSchema}`);
  if (!newer) return;
  throw new Problem(
    "unavailable",
    `A newer copy of batch-call-mcp has changed the database (schema ${whole(newer, "version")}; this copy, version ${packageVersion}, knows schema ${postgresSchemaSteps.length}). This process dials nobody any more; calls in progress go on. Update this copy and start it again.`,
  );
}
