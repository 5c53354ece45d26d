import type { Environment } from "../../../domain/batch/batch.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Log } from "../../../lib/log.ts";
import type { EventCounts } from "../event-outbox.ts";
import { oneOf, text, whole } from "../rows.ts";
import { postgres } from "../shared/dialect.ts";
import { createEventCounts } from "../shared/outbox.ts";
import { openPool } from "./pool.ts";
import { type LivingProcess, livingProcesses } from "./processes.ts";
import { createPostgresRunner } from "./run-work.ts";
import { postgresSchemaSteps } from "./schema.ts";
import type { Sql } from "./sql.ts";

/** A database as a service would find it. */
export type DatabaseFacts = {
  /** Version of the server. */
  readonly server: string;
  /** Version of our schema in it; 0 where it is not made yet. */
  readonly schema: number;
  /** Version that this copy of the program brings it to. */
  readonly newestSchema: number;
  readonly mayMakeSchemas: boolean;
  /** The environment that it is for, once a service ran on it. */
  readonly environment?: Environment;
  /** Those that dial on it now. */
  readonly processes: readonly LivingProcess[];
  /** Where its schema has events. */
  readonly events?: EventCounts;
};

/** Looks at a database and changes nothing. Throws a `Problem` when the driver is missing or it cannot be reached. */
export async function lookAtDatabase(url: Secret, log: Log): Promise<DatabaseFacts> {
  const sql = await openPool(url, log);
  try {
    const [row = {}] = await sql.query(`
      SELECT current_setting('server_version') AS server,
        has_database_privilege(current_database(), 'CREATE')::int AS may_make,
        (to_regclass('batch_call.schema_version') IS NOT NULL)::int AS is_made
    `);
    const isMade = whole(row, "is_made") === 1;
    return {
      server: text(row, "server"),
      newestSchema: postgresSchemaSteps.length,
      mayMakeSchemas: whole(row, "may_make") === 1,
      ...(isMade ? await readSchema(sql) : { schema: 0, processes: [] }),
    };
  } finally {
    await sql.close();
  }
}

async function readSchema(sql: Sql): Promise<Pick<DatabaseFacts, "schema" | "environment" | "processes" | "events">> {
  const [version] = await sql.query("SELECT version FROM batch_call.schema_version");
  const [made] = await sql.query("SELECT to_regclass('batch_call.environment') IS NOT NULL AS is_made");
  const [word] = await sql.query("SELECT to_regclass('batch_call.processes') IS NOT NULL AS is_made");
  const [row] = made?.["is_made"] === true ? await sql.query("SELECT environment FROM batch_call.environment") : [];
  const [told] = await sql.query("SELECT to_regclass('batch_call.event_messages') IS NOT NULL AS is_made");
  const events =
    told?.["is_made"] === true ? await createEventCounts(createPostgresRunner(sql), postgres)() : undefined;
  return {
    ...(events && { events }),
    schema: version ? whole(version, "version") : 0,
    processes: made?.["is_made"] === true ? await livingProcesses(sql, word?.["is_made"] === true) : [],
    ...(row && { environment: oneOf(row, "environment", ["simulated", "live"]) }),
  };
}
