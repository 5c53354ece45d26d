/**
 * Kills the service while it dials, again and again, and compares the outcome of the list with the carrier's own ledger.
 * With `--database URL`, on a server where databases may be made: kills a service and workers on PostgreSQL, while
 * `--restart-database COMMAND` restarts the server every 5 to 10 s. With `--group`: kills the MCP server while it creates and starts
 * campaigns of 5,000 people, 20 kills each, and compares with the bridge that was to ring them. With `--carrier hosted`: kills a service
 * whose queue stands in front of a stand-in of the hosted API, and compares with the stand-in's ledger.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CrashReport, crashRun, crashSettings, recipientsPerKill } from "../test/support/process/crash-run.ts";
import {
  type SharedCrashReport,
  sharedCrashRun,
  sharedCrashSettings,
} from "../test/support/process/crash-run-postgres.ts";
import { groupCrashRun } from "../test/support/process/group-crash.ts";
import { hostedCrashRun } from "../test/support/process/hosted-crash.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import { createHome, type Home } from "../test/support/process/spawn.ts";
import { parseOptions } from "./parse-options.ts";

const mostRecipients = 1000;
const root = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseOptions({
  options: {
    kills: { type: "string", default: "50" },
    workers: { type: "string", default: "4" },
    database: { type: "string" },
    "restart-database": { type: "string" },
    carrier: { type: "string", default: "simulated" },
    group: { type: "boolean", default: false },
  },
});
const kills = wholeNumber("--kills", values.kills);
const workers = wholeNumber("--workers", values.workers);

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  console.error(`${name} takes a whole number from 1 on.`);
  process.exit(2);
}

function program(command: string, home: string, settings: Record<string, string>) {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, BATCH_CALL_DATA_DIR: home, ...settings };
  return { command: process.execPath, args: [join(root, "bin", "batch-call-mcp.cjs"), command], env, cwd: home };
}

async function withHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-crash-"));
  try {
    return await work(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** One batch, on a data directory of its own. */
function crashOneBatch(killsOfBatch: number): Promise<CrashReport> {
  return withHome((home) =>
    crashRun({
      program: program("service", home, crashSettings),
      dataDir: home,
      kills: killsOfBatch,
      random: Math.random,
    }),
  );
}

async function crashOnSqlite(): Promise<CrashReport[]> {
  const reports: CrashReport[] = [];
  const killsABatch = Math.floor(mostRecipients / recipientsPerKill);
  for (let left = kills; left > 0; left -= killsABatch) {
    const report = await crashOneBatch(Math.min(left, killsABatch));
    reports.push(report);
    console.log(JSON.stringify(report));
  }
  return reports;
}

async function crashOnPostgres(serverUrl: string): Promise<SharedCrashReport[]> {
  const database = await createDatabase(serverUrl);
  const settings = { ...sharedCrashSettings, BATCH_CALL_DATABASE_URL: database.url.reveal() };
  const restartDatabase = values["restart-database"];
  const report = await withHome((home) =>
    sharedCrashRun({
      program: (command) => program(command, home, settings),
      databaseUrl: database.url,
      dataDir: home,
      workers,
      kills,
      random: Math.random,
      ...(restartDatabase && { restartDatabase }),
    }),
  );
  await database.drop();
  console.log(JSON.stringify(report));
  return [report];
}

function programOf({ path, dataDir, filesDir }: Home) {
  return (args: readonly string[], settings: Record<string, string>) => {
    const own = { BATCH_CALL_DATA_DIR: dataDir, BATCH_CALL_FILES_DIR: filesDir, ...settings };
    return program(args[0] ?? "", path, own);
  };
}

const groupPeople = 5000;
const killsAGroup = 20;

/** Returns how much went wrong. */
async function crashGroups(): Promise<number> {
  let wrong = 0;
  for (let left = kills; left > 0; left -= killsAGroup) {
    const home = await createHome();
    const setup = {
      home,
      program: programOf(home),
      people: groupPeople,
      kills: Math.min(left, killsAGroup),
      random: Math.random,
    };
    const report = await groupCrashRun(setup).finally(() => home.remove());
    console.log(JSON.stringify(report));
    const { batches, parts, doubled, missing, rungTwice, notRung } = report;
    wrong += Math.abs(batches - parts) + doubled + missing + rungTwice + notRung;
  }
  console.log(`kills ${kills}, wrong ${wrong}`);
  return wrong;
}

/** Eight a second outlast all the kills. */
const peoplePerHostedKill = 20;

/** Returns how much went wrong. */
async function crashHosted(): Promise<number> {
  let wrong = 0;
  const killsABatch = Math.floor(mostRecipients / peoplePerHostedKill);
  for (let left = kills; left > 0; left -= killsABatch) {
    const killsOfBatch = Math.min(left, killsABatch);
    const report = await withHome((home) =>
      hostedCrashRun({
        program: (settings) => program("service", home, settings),
        dataDir: home,
        recipients: killsOfBatch * peoplePerHostedKill,
        kills: killsOfBatch,
        random: Math.random,
      }),
    );
    console.log(JSON.stringify(report));
    wrong += report.calledTwice + report.lost + report.executedTwice + report.draftsLeft;
    if (report.status !== "completed" && report.status !== "failed") wrong += 1;
  }
  console.log(`kills ${kills}, wrong ${wrong}`);
  return wrong;
}

if (values.carrier === "hosted") process.exit((await crashHosted()) === 0 ? 0 : 1);
if (values.group) process.exit((await crashGroups()) === 0 ? 0 : 1);

const reports = values.database ? await crashOnPostgres(values.database) : await crashOnSqlite();
const sum = (pick: (report: Omit<CrashReport, "status">) => number): number =>
  reports.reduce((total, report) => total + pick(report), 0);
const notFinal = sum(({ counts, recipients }) => recipients - (counts["completed"] ?? 0) - (counts["failed"] ?? 0));
const bad = sum(({ lost, calledTwice }) => lost + calledTwice) + notFinal;
console.log(`kills             ${kills} (${sum((report) => report.killsDuringCalls)} with calls in progress)`);
console.log(`recipients        ${sum((report) => report.recipients)}`);
console.log(`lost              ${sum((report) => report.lost)}`);
console.log(`called twice      ${sum((report) => report.calledTwice)}`);
console.log(`without a result  ${notFinal}`);
// Rule of three: after 0 events in n trials the rate is below 3/n, with 95 % confidence.
if (bad === 0)
  console.log(
    `With 95 % confidence fewer than ${((3 / kills) * 100).toFixed(2)} % of kills lose or repeat a call (3/n, n = ${kills}).`,
  );
process.exitCode = bad === 0 ? 0 : 1;
