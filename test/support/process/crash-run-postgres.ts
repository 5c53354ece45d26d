import { exec } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { openPool } from "../../../src/service/store/postgres/pool.ts";
import { whole } from "../../../src/service/store/rows.ts";
import { waitUntil } from "../wait-until.ts";
import { urlOf } from "./ask-service.ts";
import { type CrashReport, createBatch, recipientsPerKill, waitForEnd } from "./crash-run.ts";
import { type Launchable, type RunningProgram, run } from "./spawn.ts";

/** Calls of about 5 s: most kills find some in progress, however slow the machine is. What the dead held is free when their leases end. */
export const sharedCrashSettings = {
  BATCH_CALL_SERVICE_PORT: "0",
  BATCH_CALL_SIMULATED_SPEED: "10",
  BATCH_CALL_MAX_CONCURRENT: "1000",
  BATCH_CALL_LOG_LEVEL: "info",
};

/** Starts a second while processes are killed: so few that the list outlasts the kills on a slow machine too. */
const slowPace = 5;
/** How long the starts of the whole list would take afterwards, in seconds. */
const lastStartsSeconds = 12;

const mostTasks = 1000;
const longestLifeMs = 500;
const restartMs = { least: 5_000, most: 10_000 };

export type SharedCrashReport = Omit<CrashReport, "status"> & {
  /** From the start of all processes after the last kill to the end of the last batch. */
  readonly resolvedAfterMs: number;
  readonly databaseRestarts: number;
};

export type SharedCrashSetup = {
  /** The program to start for a command. */
  readonly program: (command: "service" | "worker") => Launchable;
  readonly databaseUrl: Secret;
  readonly dataDir: string;
  readonly workers: number;
  readonly kills: number;
  /** Answers numbers from 0 (included) to 1. */
  readonly random: () => number;
  /** A shell command that restarts the database, run every 5 to 10 s while processes are killed. */
  readonly restartDatabase?: string;
};

/**
 * Kills the service and the workers of one database with SIGKILL at random moments while they dial, then lets them
 * finish. The judge of who was called is the carrier's own table.
 */
export async function sharedCrashRun(setup: SharedCrashSetup): Promise<SharedCrashReport> {
  const { program, databaseUrl, dataDir, workers, kills } = setup;
  const recipients = kills * recipientsPerKill;
  const start = (command: "service" | "worker", startsPerSecond: number): RunningProgram => {
    const { env, ...launchable } = program(command);
    return run({ ...launchable, env: { ...env, BATCH_CALL_STARTS_PER_SECOND: String(startsPerSecond) } });
  };
  const commands = ["service", ...Array.from({ length: workers }, () => "worker" as const)] as const;
  const first = start("service", slowPace);
  const url = await urlOf(first);
  const batchIds: string[] = [];
  for (let row = 1; row <= recipients; row += mostTasks)
    batchIds.push(await createBatch(url, dataDir, Math.min(mostTasks, recipients - row + 1), row));
  await first.stop();

  const budget = { killsLeft: kills, killsDuringCalls: 0 };
  const stopping = new AbortController();
  const restarts = restartAgainAndAgain(setup, stopping.signal);
  await Promise.all(commands.map((command) => killAgainAndAgain(() => start(command, slowPace), budget, setup)));
  stopping.abort();
  const databaseRestarts = await restarts;
  const leftAtLastKill = recipients - (await readLedger(databaseUrl)).called;

  const lastStartAt = Date.now();
  const last = commands.map((command) => start(command, Math.ceil(recipients / lastStartsSeconds)));
  const counts = await waitForAll(last[0], dataDir, batchIds);
  const resolvedAfterMs = Date.now() - lastStartAt;
  await Promise.all(last.map((each) => each.stop()));
  const { called, calledTwice } = await readLedger(databaseUrl);
  const { killsDuringCalls } = budget;
  const lost = recipients - called;
  return {
    recipients,
    kills,
    killsDuringCalls,
    leftAtLastKill,
    lost,
    calledTwice,
    counts,
    resolvedAfterMs,
    databaseRestarts,
  };
}

async function killAgainAndAgain(
  start: () => RunningProgram,
  budget: { killsLeft: number; killsDuringCalls: number },
  { databaseUrl, random }: SharedCrashSetup,
): Promise<void> {
  while (budget.killsLeft > 0) {
    budget.killsLeft -= 1;
    const program = start();
    // A process that cannot reach a database which is being restarted ends by itself.
    const isUp = await program.answered(/service on|worker dials/).then(
      () => true,
      () => false,
    );
    if (!isUp) {
      budget.killsLeft += 1;
      continue;
    }
    // As in `crashRun`: every other kill comes once somebody has dialed since.
    if (budget.killsLeft % 2 === 0) await nextDial(databaseUrl);
    await setTimeout(random() * longestLifeMs);
    const killedAt = Date.now();
    await program.stop("SIGKILL");
    if ((await lastEnd(databaseUrl)) > killedAt) budget.killsDuringCalls += 1;
  }
}

async function restartAgainAndAgain(
  { restartDatabase, random }: SharedCrashSetup,
  signal: AbortSignal,
): Promise<number> {
  let restarts = 0;
  while (restartDatabase && !signal.aborted) {
    await setTimeout(restartMs.least + random() * (restartMs.most - restartMs.least));
    await promisify(exec)(restartDatabase);
    restarts += 1;
  }
  return restarts;
}

async function waitForAll(
  service: RunningProgram | undefined,
  dataDir: string,
  batchIds: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  if (!service) throw new Error("No service was started");
  const url = await urlOf(service);
  const sums: Record<string, number> = {};
  for (const batchId of batchIds) {
    const { counts } = await waitForEnd(url, dataDir, batchId);
    for (const [status, count] of Object.entries(counts)) sums[status] = (sums[status] ?? 0) + count;
  }
  return sums;
}

/** Best effort: the database may be restarting, and the list may be over, which the caller of the run sees in its report. */
async function nextDial(databaseUrl: Secret): Promise<void> {
  const dialed = (): Promise<number> =>
    readLedger(databaseUrl).then(
      ({ called }) => called,
      () => 0,
    );
  const before = await dialed();
  await waitUntil("a new dial", async () => (await dialed()) > before, 5_000).catch(() => {});
}

async function lastEnd(databaseUrl: Secret): Promise<number> {
  return (await readLedger(databaseUrl).catch(() => ({ lastEndsAt: 0 }))).lastEndsAt;
}

async function readLedger(databaseUrl: Secret) {
  const sql = await openPool(databaseUrl, silentLog);
  try {
    const [sums = {}] = await sql.query(
      `SELECT count(*) AS called, count(*) FILTER (WHERE calls > 1 OR dials > 1) AS called_twice,
         coalesce(max(ends_at), 0) AS last_ends_at
       FROM (SELECT count(*) AS calls, max(dials) AS dials, max(ended_at) AS ends_at
             FROM carrier.calls GROUP BY to_number) AS by_number`,
    );
    return {
      called: whole(sums, "called"),
      calledTwice: whole(sums, "called_twice"),
      lastEndsAt: whole(sums, "last_ends_at"),
    };
  } finally {
    await sql.close();
  }
}
