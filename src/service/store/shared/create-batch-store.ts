import type { BatchStore } from "../batch-store.ts";
import type { SharedDialing } from "../dial-store.ts";
import { createBatchList } from "./batch-list.ts";
import { createBatchEdits } from "./batches.ts";
import { createCallStore } from "./calls.ts";
import type { Dialect } from "./dialect.ts";
import { createDoNotCallStore } from "./do-not-call.ts";
import { createHeldByCalls, createRecentCalls } from "./recent-calls.ts";
import type { SqlRunner } from "./sql-work.ts";
import { createFacts, createTaskStore, createWaiting } from "./tasks.ts";

/** The half of the store that serves REST, on either database. The schema must be the newest. */
export function createBatchStore(runner: SqlRunner, dialect: Dialect): BatchStore & SharedDialing {
  return {
    ...createBatchEdits(runner, dialect),
    listBatches: createBatchList(runner, dialect),
    facts: createFacts(runner, dialect),
    waiting: createWaiting(runner, dialect),
    ...createTaskStore(runner, dialect),
    ...createCallStore(runner, dialect),
    recentCalls: createRecentCalls(runner, dialect),
    heldByCalls: createHeldByCalls(runner, dialect),
    ...createDoNotCallStore(runner, dialect),
  };
}
