/** Kills the service while it dials, again and again, and compares what became of the list with the carrier's own ledger. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type CrashReport, crashRun, crashSettings, recipientsPerKill } from "../test/support/crash-run.ts";

const mostRecipients = 1000;
const root = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseArgs({ options: { kills: { type: "string", default: "50" } } });
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1) {
  console.error("--kills takes a whole number from 1 on.");
  process.exit(2);
}

/** One batch, on a data directory of its own. */
async function crashOneBatch(killsOfBatch: number): Promise<CrashReport> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-crash-"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, BATCH_CALL_DATA_DIR: home, ...crashSettings };
  const program = {
    command: process.execPath,
    args: [join(root, "bin", "batch-call-mcp.cjs"), "service"],
    env,
    cwd: home,
  };
  try {
    return await crashRun({ program, dataDir: home, kills: killsOfBatch, random: Math.random });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const reports: CrashReport[] = [];
const killsABatch = Math.floor(mostRecipients / recipientsPerKill);
for (let left = kills; left > 0; left -= killsABatch) {
  const report = await crashOneBatch(Math.min(left, killsABatch));
  reports.push(report);
  console.log(JSON.stringify(report));
}

const sum = (pick: (report: CrashReport) => number): number =>
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
