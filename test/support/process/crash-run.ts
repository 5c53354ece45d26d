import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { openDatabase } from "../../../src/lib/sqlite.ts";
import { numberOf } from "../dialing/dialing-world.ts";
import { waitUntil } from "../wait-until.ts";
import { askService, urlOf } from "./ask-service.ts";
import { type Launchable, type RunningProgram, run } from "./spawn.ts";

/** Calls of about 1 s, eight at a time: 16 recipients a kill outlast all the kills. */
export const crashSettings = {
  BATCH_CALL_SERVICE_PORT: "0",
  BATCH_CALL_SIMULATED_SPEED: "50",
  BATCH_CALL_MAX_CONCURRENT: "8",
  BATCH_CALL_STARTS_PER_SECOND: "10000",
  BATCH_CALL_LOG_LEVEL: "info",
};
export const recipientsPerKill = 16;

const longestLifeMs = 140;
/** For what runs at eight calls a second: four times what the people who are left take, and a start. */
const patienceMsOf = (left: number): number => 60_000 + left * 500;

export type CrashReport = {
  readonly recipients: number;
  readonly kills: number;
  /** Kills after which the carrier had calls in progress. */
  readonly killsDuringCalls: number;
  /** Recipients whom the carrier had not been asked to call at the last kill. */
  readonly leftAtLastKill: number;
  /** Recipients whom the carrier never called. */
  readonly lost: number;
  /** Recipients whom the carrier called, or was asked to call, more than once. */
  readonly calledTwice: number;
  /** As the service counts them in the end. */
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
};

/**
 * Kills the service with SIGKILL at random moments while it dials, then lets it finish. The judge of who was called is
 * the carrier's own ledger. `random` answers numbers from 0 (included) to 1.
 */
export async function crashRun(setup: {
  readonly program: Launchable;
  readonly dataDir: string;
  readonly kills: number;
  readonly random: () => number;
}): Promise<CrashReport> {
  const { program, dataDir, kills, random } = setup;
  const recipients = kills * recipientsPerKill;
  let service = run(program);
  const batchId = await createBatch(await urlOf(service), dataDir, recipients);
  let killsDuringCalls = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const dialsBefore = kill > 0 ? readLedger(dataDir).dials : 0;
    if (kill > 0) service = run(program);
    await dialsAgain(service);
    // Every other one only once this life has dialed: on a slow machine a life could be over before, and nothing would be tried.
    if (kill % 2 === 0) await waitUntil("a new dial", () => readLedger(dataDir).dials > dialsBefore);
    await setTimeout(random() * longestLifeMs);
    const killedAt = Date.now();
    await service.stop("SIGKILL");
    if (readLedger(dataDir).lastEndsAt > killedAt) killsDuringCalls += 1;
  }
  const leftAtLastKill = recipients - readLedger(dataDir).called;

  service = run(program);
  const { status, counts } = await waitForEnd(await urlOf(service), dataDir, batchId, patienceMsOf(leftAtLastKill));
  await service.stop();
  const { called, calledTwice } = readLedger(dataDir);
  return {
    recipients,
    kills,
    killsDuringCalls,
    leftAtLastKill,
    lost: recipients - called,
    calledTwice,
    status,
    counts,
  };
}

/** Resolves when the service listens, or when it says that it found attempts to clarify: kills must hit that as well. */
async function dialsAgain(service: RunningProgram): Promise<void> {
  await Promise.race([urlOf(service), service.logged(/Attempts without an outcome/)]);
}

export async function createBatch(
  url: string,
  dataDir: string,
  recipients: number,
  firstRecipient = 1,
): Promise<string> {
  const answer = await askService(url, dataDir, "/batch-call", {
    name: "Crash run",
    from_number: "+14155550100",
    agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
    timezone: "America/New_York",
    send_now: true,
    tasks: Array.from({ length: recipients }, (_, n) => ({
      to_number: numberOf(firstRecipient + n),
      dynamic_variables: {},
    })),
  });
  return z.object({ batch_call_id: z.string() }).parse(answer).batch_call_id;
}

const batchAnswer = z.object({
  data: z.object({ status: z.string(), counts: z.record(z.string(), z.number()) }),
});

export async function waitForEnd(
  url: string,
  dataDir: string,
  batchId: string,
  patienceMs = patienceMsOf(0),
): Promise<z.infer<typeof batchAnswer>["data"]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { data } = batchAnswer.parse(await askService(url, dataDir, `/batch-call/${batchId}`));
    if (data.status !== "sent" || Date.now() > deadline) return data;
    await setTimeout(100);
  }
}

const ledgerSums = z.object({
  called: z.number(),
  calledTwice: z.number(),
  dials: z.number(),
  lastEndsAt: z.number(),
});

function readLedger(dataDir: string): z.infer<typeof ledgerSums> {
  const ledger = openDatabase(join(dataDir, "carrier.sqlite"));
  try {
    const sums = ledger.prepare(
      `SELECT count(*) AS called, coalesce(sum(calls > 1 OR dials > 1), 0) AS calledTwice,
         coalesce(sum(calls), 0) AS dials, coalesce(max(ends_at), 0) AS lastEndsAt
       FROM (SELECT count(*) AS calls, max(dials) AS dials, max(ended_at) AS ends_at FROM calls GROUP BY to_number)`,
    );
    return ledgerSums.parse(sums.get());
  } finally {
    ledger.close();
  }
}
