/**
 * Four machines on one PostgreSQL database, two services and two workers: somebody says stop on each of them in turn, and the
 * carrier's ledger says when the last phone rang. Takes `--database URL`, of a server where databases may be made.
 */
import { loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createMachine } from "../test/support/process/machines.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import { stopRun, stopRunSettings } from "../test/support/process/stop-run.ts";

const { values } = parseArgs({ options: { database: { type: "string" } } });
if (!values.database) {
  console.error("--database takes the URL of a PostgreSQL server on which databases may be made.");
  process.exit(2);
}
const root = fileURLToPath(new URL("../../", import.meta.url));
const database = await createDatabase(values.database);
const settings = { ...stopRunSettings, BATCH_CALL_DATABASE_URL: database.url.reveal() };
const program = [process.execPath, join(root, "bin", "batch-call-mcp.cjs")] as const;
const machines = await Promise.all([1, 2, 3, 4].map((n) => createMachine({ name: `machine-${n}`, program, settings })));
try {
  const rounds = await stopRun({ machines, services: 2, databaseUrl: database.url });
  console.table(rounds);
  console.log(`Load of this machine over the last minute: ${loadavg()[0]?.toFixed(1)}`);
  const late = rounds.filter(({ dialsAfterAnswer }) => dialsAfterAnswer > 0);
  console.log(late.length === 0 ? "No dial began after an answer." : `${late.length} stop(s) were answered too early.`);
  process.exitCode = late.length === 0 ? 0 : 1;
} finally {
  await database.drop();
  await Promise.all(machines.map((machine) => machine.remove()));
}
