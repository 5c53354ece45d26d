import { Problem } from "../../../domain/problem.ts";
import { packageVersion } from "../../../lib/version.ts";
import type { BatchStore } from "../batch-store.ts";
import type { Store } from "../store.ts";
import { createBatchList } from "./batch-list.ts";
import { createBatchEdits } from "./batches.ts";
import { createCallStore } from "./calls.ts";
import { createDialStore } from "./dialing/dialing.ts";
import { createDoNotCallStore } from "./do-not-call.ts";
import { createFacts } from "./facts.ts";
import { migrate } from "./migrate.ts";
import { schemaSteps } from "./schema.ts";
import type { Sql } from "./sql.ts";
import { createTaskStore } from "./tasks.ts";

/**
 * Opens (and makes) the store in a PostgreSQL database, brings it to the newest schema, and closes `sql` with it. `owner`
 * names this process for as long as it lives; no other may have the same. Throws a `Problem` for a database that a newer
 * copy of the program wrote.
 */
export async function openPostgresStore(sql: Sql, owner: string): Promise<Store> {
  await migrate(sql, "batch_call", schemaSteps, newerSchema);
  return { ...createBatchStore(sql), ...createDialStore(sql, owner), close: () => sql.close() };
}

function createBatchStore(sql: Sql): BatchStore {
  return {
    ...createBatchEdits(sql),
    listBatches: createBatchList(sql),
    facts: createFacts(sql),
    ...createTaskStore(sql),
    ...createCallStore(sql),
    ...createDoNotCallStore(sql),
  };
}

function newerSchema(found: number, known: number): Problem {
  return new Problem(
    "unavailable",
    `The database of BATCH_CALL_DATABASE_URL was written by a newer copy of batch-call-mcp (schema ${found}; this copy, version ${packageVersion}, knows schema ${known}). Nothing was changed. Update this copy and start it again.`,
  );
}
