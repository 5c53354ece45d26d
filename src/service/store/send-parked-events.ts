import { Problem } from "../../domain/problem.ts";
import type { Secret } from "../../domain/secret.ts";
import type { Log } from "../../lib/log.ts";
import { openDatabase } from "../../lib/sqlite.ts";
import type { ParkedSent } from "./event-outbox.ts";
import { lookAtDatabase } from "./postgres/look-at-database.ts";
import { openPool } from "./postgres/pool.ts";
import { createPostgresRunner } from "./postgres/run-work.ts";
import { postgres, sqlite } from "./shared/dialect.ts";
import { createParkedSender } from "./shared/parked-events.ts";
import { createSqliteRunner } from "./sqlite/run-work.ts";
import { sqliteSchemaSteps } from "./sqlite/schema.ts";

const none: ParkedSent = { sent: new Map(), left: 0 };

/**
 * Sends parked events of the file of a store again, beside the process that uses it; see `EventOutbox.sendParked`. The file is there.
 * Throws a `Problem` for a schema of another version.
 */
export async function sendParkedInFile(path: string, endpointIds: readonly string[], now: Date): Promise<ParkedSent> {
  const database = openDatabase(path);
  try {
    const schema = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (schema === 0) return none;
    refuseOther(path, schema, sqliteSchemaSteps.length);
    return await createParkedSender(createSqliteRunner(database), sqlite)(endpointIds, now);
  } finally {
    database.close();
  }
}

/** The same in a database. Throws a `Problem` when it cannot be reached, too. */
export async function sendParkedInDatabase(
  url: Secret,
  endpointIds: readonly string[],
  now: Date,
  log: Log,
): Promise<ParkedSent> {
  const { schema, newestSchema } = await lookAtDatabase(url, log);
  if (schema === 0) return none;
  refuseOther("The database of BATCH_CALL_DATABASE_URL", schema, newestSchema);
  const sql = await openPool(url, log);
  try {
    return await createParkedSender(createPostgresRunner(sql), postgres)(endpointIds, now);
  } finally {
    await sql.close();
  }
}

function refuseOther(what: string, schema: number, known: number): void {
  if (schema === known) return;
  const advice =
    schema > known
      ? "Update this copy and run this command again."
      : "Start the service with this version first, or run this command with the version that runs there.";
  throw new Problem(
    "unavailable",
    `${what} has schema ${schema}, and this copy works with schema ${known}. No event was sent again. ${advice}`,
  );
}
