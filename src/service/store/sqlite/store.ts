import { Problem } from "../../../domain/problem.ts";
import { type DatabaseSync, migrate, openDatabase } from "../../../lib/sqlite.ts";
import { packageVersion } from "../../../lib/version.ts";
import type { BatchStore } from "../batch-store.ts";
import { schemaSteps } from "../schema.ts";
import type { Store } from "../store.ts";
import { createBatchList } from "./batch-list.ts";
import { createBatchEdits } from "./batches.ts";
import { createCallStore } from "./calls.ts";
import { createDialStore } from "./dialing/dialing.ts";
import { createGroupCommit } from "./dialing/group-commit.ts";
import { createDoNotCallStore } from "./do-not-call.ts";
import { createFacts } from "./facts.ts";
import { createTaskStore } from "./tasks.ts";

/**
 * Opens (and makes) the store in a SQLite file and brings it to the newest schema. Throws a `Problem` for a file that a
 * newer copy of the program wrote.
 */
export function openSqliteStore(path: string): Store {
  const database = openDatabase(path);
  try {
    migrate(database, schemaSteps, (found, known) => newerSchema(path, found, known));
    const groupCommit = createGroupCommit(database);
    return {
      ...createBatchStore(database),
      ...createDialStore(database, groupCommit),
      async close() {
        groupCommit.flush();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function createBatchStore(database: DatabaseSync): BatchStore {
  return {
    ...createBatchEdits(database),
    listBatches: createBatchList(database),
    facts: createFacts(database),
    ...createTaskStore(database),
    ...createCallStore(database),
    ...createDoNotCallStore(database),
  };
}

function newerSchema(path: string, found: number, known: number): Problem {
  return new Problem(
    "unavailable",
    `${path} was written by a newer copy of batch-call-mcp (schema ${found}; this copy, version ${packageVersion}, knows schema ${known}). Nothing was changed. Update this copy and start it again.`,
  );
}
