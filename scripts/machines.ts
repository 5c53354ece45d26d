/**
 * Four machines on one PostgreSQL database: somebody says stop on each of them in turn, and the carrier's ledger says when the last phone
 * rang; then each is stopped and started, and killed and started, while all dial, and the ledger says who was called. Takes `--database URL`, of a
 * server where databases may be made.
 */

import { loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Secret } from "../src/domain/secret.ts";
import { counted } from "../src/domain/text.ts";
import { createMachine, type Machine } from "../test/support/process/machines.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import { restartRun } from "../test/support/process/restart-run.ts";
import { stopRun, stopRunSettings } from "../test/support/process/stop-run.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({ options: { database: { type: "string" } } });
if (!values.database) {
  console.error("--database takes the URL of a PostgreSQL server on which databases may be made.");
  process.exit(2);
}
const root = fileURLToPath(new URL("../../", import.meta.url));
const serverUrl = values.database;
const program = [process.execPath, join(root, "bin", "batch-call-mcp.cjs")] as const;

/** Four machines on a database of their own. */
async function withMachines<T>(
  settings: Record<string, string>,
  work: (machines: readonly Machine[], databaseUrl: Secret) => Promise<T>,
): Promise<T> {
  const database = await createDatabase(serverUrl);
  const shared = { ...settings, BATCH_CALL_DATABASE_URL: database.url.reveal() };
  const create = (n: number) => createMachine({ name: `machine-${n}`, program, settings: shared });
  const machines = await Promise.all([1, 2, 3, 4].map(create));
  try {
    return await work(machines, database.url);
  } finally {
    await database.drop();
    await Promise.all(machines.map((machine) => machine.remove()));
  }
}

const rounds = await withMachines(stopRunSettings, (machines, databaseUrl) =>
  stopRun({ machines, services: 2, databaseUrl }),
);
console.table(rounds);
console.log(`Load of this machine over the last minute: ${loadavg()[0]?.toFixed(1)}`);
const early = rounds.filter(({ dialsAfterAnswer }) => dialsAfterAnswer > 0).length;
console.log(
  early === 0 ? "No dial began after an answer." : `${counted(early, "stop was", "stops were")} answered too early.`,
);

const restarts = await withMachines(
  { ...stopRunSettings, BATCH_CALL_STARTS_PER_SECOND: "8" },
  (machines, databaseUrl) => restartRun({ machines, databaseUrl, recipients: 300 }),
);
console.log(restarts);
const isWhole = restarts.lost + restarts.calledTwice === 0;
console.log(isWhole ? "Nobody was lost or called twice." : "It went WRONG.");
process.exitCode = early === 0 && isWhole ? 0 : 1;
