import { Problem } from "../../../domain/problem.ts";
import { packageVersion } from "../../../lib/version.ts";
import { createDueSteps } from "../due-steps.ts";
import { createBatchStore } from "../shared/create-batch-store.ts";
import { postgres } from "../shared/dialect.ts";
import { takeUpOlderBatches } from "../shared/older-batches.ts";
import { listTodaysForms } from "../shared/older-do-not-call.ts";
import { createEventOutbox } from "../shared/outbox.ts";
import { createSendLedger } from "../shared/sends.ts";
import type { Store } from "../store.ts";
import { createPostgresDialStore } from "./dialing/dialing.ts";
import { type DatabaseClock, serverClock } from "./dialing/moment.ts";
import { migratePostgres, readSchemaVersion } from "./migrate.ts";
import { createPostgresRunner } from "./run-work.ts";
import { postgresSchemaSteps } from "./schema.ts";
import type { Sql } from "./sql.ts";
import { createStatistics } from "./statistics.ts";

/**
 * Opens (and makes) the store in a PostgreSQL database, brings it to the newest schema, and closes `sql` with it. `owner`
 * names this process for as long as it lives; no other may have the same. Time is the server's, unless a test gives another
 * `clock`. Throws a `Problem` for a database that a newer copy of the program wrote.
 */
export async function openPostgresStore(sql: Sql, owner: string, clock: DatabaseClock = serverClock): Promise<Store> {
  await migratePostgres(sql, "batch_call", postgresSchemaSteps, newerSchema);
  await createPostgresRunner(sql).transaction(takeUpOlderBatches(postgres));
  await createPostgresRunner(sql).transaction(listTodaysForms(postgres));
  const batches = createAnalyzedBatchStore(sql);
  const dialing = createPostgresDialStore(sql, owner, clock);
  return {
    ...batches,
    ...dialing,
    ...createDueSteps({ runningBatches: dialing.runningBatches, firstDueAt: batches.firstDueAt }),
    sends: createSendLedger(createPostgresRunner(sql), postgres),
    events: createEventOutbox(createPostgresRunner(sql), postgres, true),
    schemaVersion: () => readSchemaVersion(sql, "batch_call"),
    knownSchemaVersion: postgresSchemaSteps.length,
    close: () => sql.close(),
  };
}

/** Also sees to it that the planner knows of big lists. */
function createAnalyzedBatchStore(sql: Sql): ReturnType<typeof createBatchStore> {
  const store = createBatchStore(createPostgresRunner(sql), postgres);
  const statistics = createStatistics(sql);
  return {
    ...store,
    async createBatch(batch, tasks, ...more) {
      const result = await store.createBatch(batch, tasks, ...more);
      if (result.kind === "created") await statistics.loaded(tasks.length);
      return result;
    },
  };
}

function newerSchema(found: number, known: number): Problem {
  return new Problem(
    "unavailable",
    `The database of BATCH_CALL_DATABASE_URL was written by a newer copy of batch-call-mcp (schema ${found}; this copy, version ${packageVersion}, knows schema ${known}). Nothing was changed. Update this copy and start it again.`,
  );
}
