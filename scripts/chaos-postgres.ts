/**
 * Kills and stops a service and workers on one PostgreSQL database, cuts their connections and kills the server, and
 * compares with the carrier's own table who was called. Starts a server of its own where PostgreSQL is installed;
 * otherwise `--database URL` names one on which databases may be made, which is not killed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Secret } from "../src/domain/secret.ts";
import { chaosOnPostgres } from "../test/support/process/chaos-postgres.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import { startOwnServer } from "../test/support/process/postgres-server.ts";
import { parseOptions } from "./parse-options.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseOptions({
  options: {
    minutes: { type: "string", default: "30" },
    workers: { type: "string", default: "4" },
    database: { type: "string" },
  },
});
const [minutes, workers] = [Number(values.minutes), Number(values.workers)];
if (!(minutes > 0) || !Number.isInteger(workers) || workers < 1) {
  console.error("--minutes takes a number above 0, --workers a whole number from 1 on.");
  process.exit(2);
}

const server = values.database ? undefined : await startOwnServer();
const serverUrl = values.database ?? server?.url;
if (!serverUrl) {
  console.error("No PostgreSQL is installed here. Name a server with --database URL.");
  process.exit(2);
}
const home = await mkdtemp(join(tmpdir(), "batch-call-chaos-"));
const database = await createDatabase(serverUrl);
try {
  const report = await chaosOnPostgres({
    program: (command, settings) => ({
      command: process.execPath,
      args: [join(root, "bin", "batch-call-mcp.cjs"), command],
      env: { PATH: process.env["PATH"] ?? "", HOME: home, BATCH_CALL_DATA_DIR: home, ...settings },
      cwd: home,
    }),
    databaseUrl: database.url,
    serverUrl: new Secret(serverUrl),
    dataDir: home,
    workers,
    seconds: minutes * 60,
    random: Math.random,
    ...(server && { crashDatabase: () => server.killAndRestart() }),
  });
  const { recipients, calledTwice, askedAgain, lost, withoutResult, endedByThemselves, failedStarts, blows } = report;
  for (const words of endedByThemselves) console.log(words);
  console.log(`blows              ${JSON.stringify(blows)}`);
  console.log(`recipients         ${recipients}`);
  console.log(`called twice       ${calledTwice}`);
  console.log(`asked for again    ${askedAgain} (under the same token; no second call)`);
  console.log(`lost               ${lost}`);
  console.log(`without a result   ${withoutResult}`);
  console.log(`ended by itself    ${endedByThemselves.length}`);
  console.log(`failed starts      ${failedStarts} (the database was away)`);
  process.exitCode = calledTwice + lost + withoutResult + endedByThemselves.length === 0 ? 0 : 1;
} finally {
  if (server) await server.stop();
  else await database.drop();
  await rm(home, { recursive: true, force: true });
}
