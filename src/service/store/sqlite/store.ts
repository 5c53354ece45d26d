import { Problem } from "../../../domain/problem.ts";
import { inTransaction, migrate, openDatabase } from "../../../lib/sqlite.ts";
import { packageVersion } from "../../../lib/version.ts";
import { createBatchStore } from "../shared/create-batch-store.ts";
import { sqlite } from "../shared/dialect.ts";
import { takeUpOlderBatches } from "../shared/older-batches.ts";
import { listTodaysForms } from "../shared/older-do-not-call.ts";
import { createEventOutbox } from "../shared/outbox.ts";
import { createSendLedger } from "../shared/sends.ts";
import type { SqlRunner } from "../shared/sql-work.ts";
import type { Store } from "../store.ts";
import { createSqliteDialStore } from "./dialing/dialing.ts";
import { createWatchedBatches } from "./dialing/watched-batches.ts";
import { createGroupCommit, createRunNow, createSqliteRunner } from "./run-work.ts";
import { sqliteSchemaSteps } from "./schema.ts";

/**
 * Opens (and makes) the store in a SQLite file and brings it to the newest schema. Throws a `Problem` for a file that a
 * newer copy of the program wrote.
 */
export function openSqliteStore(path: string): Store {
  const database = openDatabase(path);
  try {
    // For a step of the schema: SQLite's own lower() knows ASCII only.
    database.function("fold", { deterministic: true }, fold);
    migrate(database, sqliteSchemaSteps, (found, known) => newerSchema(path, found, known));
    inTransaction(database, () => createRunNow(database)(takeUpOlderBatches(sqlite)));
    inTransaction(database, () => createRunNow(database)(listTodaysForms(sqlite)));
    const batches = createWatchedBatches(database);
    const groupCommit = createGroupCommit(database, batches.noteAll);
    const runNow = createRunNow(database);
    const inGroups: SqlRunner = {
      run: async (work) => runNow(work),
      transaction: (work) => groupCommit.run(() => runNow(work)),
    };
    return {
      ...createBatchStore(createSqliteRunner(database), sqlite),
      ...createSqliteDialStore(database, groupCommit, batches),
      sends: createSendLedger(createSqliteRunner(database), sqlite),
      events: createEventOutbox(inGroups, sqlite, false),
      schemaVersion: async () => sqliteSchemaSteps.length,
      knownSchemaVersion: sqliteSchemaSteps.length,
      async close() {
        groupCommit.flush();
        batches.end();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function fold(name: unknown): string {
  return String(name).toLowerCase();
}

function newerSchema(path: string, found: number, known: number): Problem {
  return new Problem(
    "unavailable",
    `${path} was written by a newer copy of batch-call-mcp (schema ${found}; this copy, version ${packageVersion}, knows schema ${known}). Nothing was changed. Update this copy and start it again.`,
  );
}
