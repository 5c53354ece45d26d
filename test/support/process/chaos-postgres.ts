import { setTimeout } from "node:timers/promises";
import type { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { openPool } from "../../../src/service/store/postgres/pool.ts";
import type { SqlSession } from "../../../src/service/store/postgres/sql.ts";
import { whole } from "../../../src/service/store/rows.ts";
import { urlOf } from "./ask-service.ts";
import { createBatch } from "./crash-run.ts";
import { type Launchable, type RunningProgram, run } from "./spawn.ts";

/** The test's numbers end there; nobody is put on two lists. */
const mostRecipients = 9_000;
const mostStartsPerSecond = 20;
const recipientsPerBatch = 100;
/** Longer than a lease, and than the time within which a checked attempt may be handed over. */
const standstillMs = 12_000;
const patienceMs = 180_000;

const blows = ["kill", "stand_still", "cut", "crash_database"] as const;
type Blow = (typeof blows)[number];

export type ChaosReport = {
  readonly recipients: number;
  /** Recipients with more than one call at the carrier. */
  readonly calledTwice: number;
  /** Calls that the carrier was asked for again, under the same token: it placed none for that. */
  readonly askedAgain: number;
  /** Recipients whom the carrier never called. */
  readonly lost: number;
  /** Recipients whose outcome the store does not have in the end. */
  readonly withoutResult: number;
  /** Processes that were up and ended without a signal of ours, by their last words. */
  readonly endedByThemselves: readonly string[];
  /** Processes that did not come up because the database was away at that moment. */
  readonly failedStarts: number;
  readonly blows: Readonly<Record<Blow, number>>;
};

export type ChaosSetup = {
  readonly program: (command: "service" | "worker", settings: Record<string, string>) => Launchable;
  readonly databaseUrl: Secret;
  /** A connection that the cuts do not hit: another database of the server. */
  readonly serverUrl: Secret;
  readonly dataDir: string;
  readonly workers: number;
  readonly seconds: number;
  /** Answers numbers from 0 (included) to 1. */
  readonly random: () => number;
  /** Kills the server and starts it again; absent where it is not ours. */
  readonly crashDatabase?: () => Promise<void>;
};

/**
 * Kills and stops the processes that dial on one database, cuts their connections and kills the server while new batches
 * come in, then lets them finish. The judge of who was called is the carrier's own table.
 */
export async function chaosOnPostgres(setup: ChaosSetup): Promise<ChaosReport> {
  const { seconds, workers, random } = setup;
  const startsPerSecond = Math.max(Math.min(Math.floor(mostRecipients / seconds), mostStartsPerSecond), 1);
  const settings = {
    BATCH_CALL_DATABASE_URL: setup.databaseUrl.reveal(),
    BATCH_CALL_SERVICE_PORT: "0",
    BATCH_CALL_SIMULATED_SPEED: "10",
    BATCH_CALL_MAX_CONCURRENT: "1000",
    BATCH_CALL_STARTS_PER_SECOND: String(startsPerSecond),
    BATCH_CALL_LOG_LEVEL: "warn",
  };
  const counts = { kill: 0, stand_still: 0, cut: 0, crash_database: 0 };
  const endedByThemselves: string[] = [];
  let failedStarts = 0;
  let isOver = false;

  /** One process that is started again whenever it ended. */
  function createSlot(command: "service" | "worker") {
    let current: RunningProgram | undefined;
    let isStruck = false;
    let isUp = false;
    const live = (async () => {
      while (!isOver) {
        const program = run(setup.program(command, settings));
        current = program;
        isStruck = false;
        isUp = await program.answered(/service on|worker dials/).then(
          () => true,
          () => false,
        );
        await program.exited;
        if (isOver || isStruck) continue;
        if (isUp) endedByThemselves.push(`${command}: ${program.stderr().slice(-3_000)}`);
        else failedStarts += 1;
      }
    })();
    return {
      isUp: () => isUp && !isStruck,
      url: () => (current ? urlOf(current) : Promise.reject(new Error("It does not run"))),
      kill() {
        isStruck = true;
        current?.process.kill("SIGKILL");
      },
      signal: (signal: NodeJS.Signals) => current?.process.kill(signal),
      async end() {
        await current?.stop();
        await live;
      },
    };
  }

  const slots = [createSlot("service"), ...Array.from({ length: workers }, () => createSlot("worker"))];
  const [service] = slots;
  if (!service) throw new Error("There is one");
  const chosen = () => slots[Math.floor(random() * slots.length)] ?? service;
  await service.url();

  let recipients = 0;
  /** A create that fails may have been made: its numbers are not used again, and the judge asks the store who is on a list. */
  async function createNext(): Promise<void> {
    if (recipients + recipientsPerBatch > mostRecipients) return;
    const first = recipients + 1;
    recipients += recipientsPerBatch;
    await createBatch((await service?.url()) ?? "", setup.dataDir, recipientsPerBatch, first).catch(() => {});
  }

  const standstills = new Set<Promise<void>>();
  async function strike(blow: Blow): Promise<void> {
    counts[blow] += 1;
    if (blow === "kill") chosen().kill();
    if (blow === "cut") await withSession(setup.serverUrl, (session) => cutAll(session, setup.databaseUrl));
    if (blow === "crash_database") await setup.crashDatabase?.();
    if (blow === "stand_still") {
      const slot = chosen();
      slot.signal("SIGSTOP");
      const over = setTimeout(standstillMs).then(() => {
        slot.signal("SIGCONT");
        standstills.delete(over);
      });
      standstills.add(over);
    }
  }

  const possible = blows.filter((blow) => blow !== "crash_database" || setup.crashDatabase);
  const endsAt = Date.now() + seconds * 1000;
  for (let n = 0; Date.now() < endsAt; n += 1) {
    const due = ((seconds - (endsAt - Date.now()) / 1000) * startsPerSecond) / recipientsPerBatch;
    // Waiting for nobody: the service may stand still.
    if (n === 0 || due > recipients / recipientsPerBatch) void createNext().catch(() => {});
    await setTimeout(500 + random() * 2_500);
    await strike(possible[n % possible.length] ?? "cut");
  }
  await Promise.all(standstills);
  const verdict = await untilSettled(setup.databaseUrl);
  isOver = true;
  await Promise.all(slots.map((slot) => slot.end()));
  return { ...verdict, endedByThemselves, failedStarts, blows: counts };
}

async function withSession<T>(url: Secret, work: (session: SqlSession) => Promise<T>): Promise<T> {
  const sql = await openPool(url, silentLog);
  try {
    return await work(sql);
  } finally {
    await sql.close();
  }
}

async function cutAll(session: SqlSession, databaseUrl: Secret): Promise<void> {
  const name = new URL(databaseUrl.reveal()).pathname.slice(1);
  await session.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
}

type Verdict = Pick<ChaosReport, "recipients" | "calledTwice" | "askedAgain" | "lost" | "withoutResult">;

/** What carrier and store say when nobody is left to call, or when nobody got a result for too long. */
async function untilSettled(databaseUrl: Secret): Promise<Verdict> {
  let open = Number.POSITIVE_INFINITY;
  for (let deadline = 0; ; ) {
    const verdict = await withSession(databaseUrl, judge);
    if (verdict.withoutResult < open) deadline = Date.now() + patienceMs;
    open = Math.min(open, verdict.withoutResult);
    if (open === 0 || Date.now() > deadline) return verdict;
    await setTimeout(500);
  }
}

async function judge(session: SqlSession): Promise<Verdict> {
  const [sums = {}] = await session.query(
    `SELECT count(*) AS recipients,
       count(*) FILTER (WHERE coalesce(calls, 0) > 1) AS twice, count(*) FILTER (WHERE coalesce(dials, 0) > 1) AS again,
       count(*) FILTER (WHERE calls IS NULL) AS lost, count(*) FILTER (WHERE status NOT IN ('completed', 'failed')) AS open
     FROM batch_call.tasks LEFT JOIN (
       SELECT to_number, count(*) AS calls, max(dials) AS dials FROM carrier.calls GROUP BY to_number) AS called
     USING (to_number)`,
  );
  return {
    recipients: whole(sums, "recipients"),
    calledTwice: whole(sums, "twice"),
    askedAgain: whole(sums, "again"),
    lost: whole(sums, "lost"),
    withoutResult: whole(sums, "open"),
  };
}
