import type { Guard } from "./engine-guards.ts";

const month = "const keptForMs = 30 * dayMs;";
const short = "const keptForMs = dayMs;";

/** Guards of what may not be forgotten yet. */
export const pruningGuards: readonly Guard[] = [
  {
    name: "a start is known for as long as its phones may ring",
    file: "src/campaigns/start/start-log.ts",
    find: "max(sent_at, rings_at, rings_until, coalesce(last_at, 0)) <= ?",
    replace: "max(sent_at, rings_at) <= ?",
    tests: ["test/campaigns/start/start-log.test.ts"],
  },
  {
    name: "a start whose outcome is open is not forgotten",
    file: "src/campaigns/start/start-log.ts",
    find: "AND state NOT IN ('sent', 'unknown')\",",
    replace: '",',
    tests: ["test/campaigns/start/start-log.test.ts"],
  },
  {
    name: "a create is known for 30 days",
    file: "src/campaigns/create/creation-log.ts",
    find: month,
    replace: short,
    tests: ["test/campaigns/create/creation-log.test.ts"],
  },
  {
    name: "the key of a create is kept for 30 days",
    file: "src/service/store/shared/batches.ts",
    find: "yield* query(forgetOld, [now.getTime() - keptMs]);",
    replace: "yield* query(forgetOld, [now.getTime()]);",
    tests: ["test/service/store/store.test.ts"],
  },
  {
    name: "the simulated carrier knows what it was asked for while somebody may ask for it",
    file: "src/service/carriers/simulated/ledger.ts",
    find: "prune.run(result.startedAt.getTime() - ledgerKeptMs);",
    replace: "prune.run(result.startedAt.getTime());",
    tests: ["test/service/carriers/carrier-simulated.test.ts"],
  },
  {
    name: "a process that is gone is known while calls of it are open",
    file: "src/service/store/postgres/processes.ts",
    find: "AND NOT EXISTS (SELECT 1 FROM batch_call.attempts WHERE owner = workers.id AND state <> 'ended')`,",
    replace: "`,",
    tests: ["test/service/store/postgres-store.test.ts"],
  },
];
