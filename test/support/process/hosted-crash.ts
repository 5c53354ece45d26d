import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { systemClock } from "../../../src/lib/clock.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { HostedPhones } from "../http/hosted-phones.ts";
import { usNumber } from "../us-numbers.ts";
import { waitUntil } from "../wait-until.ts";
import { askService, urlOf } from "./ask-service.ts";
import { type Launchable, run } from "./spawn.ts";

const longestLifeMs = 500;
/** Without any progress; beyond the ten minutes after which a start in doubt is settled. */
const patienceMs = 13 * 60_000;

export type HostedCrashReport = {
  readonly recipients: number;
  readonly kills: number;
  /** Kills after which calls were in progress or waited at the API. */
  readonly killsDuringCalls: number;
  /** Waves that the API was told to execute, and how many of them more than once. */
  readonly executed: number;
  readonly executedTwice: number;
  /** By the ledger of the stand-in: phones that rang more than once, and that never rang although their recipients are over and not `unknown`. */
  readonly calledTwice: number;
  readonly lost: number;
  /** Recipients who still wait or are said to be in progress, and whose phones did not ring, when nothing moved any more for 13 minutes. */
  readonly stillWaiting: number;
  /** Recipients of whom the service says that nobody knows, and how many of those phones rang. */
  readonly unknown: number;
  readonly unknownThatRang: number;
  /** Drafts that lie at the API in the end. */
  readonly draftsLeft: number;
  readonly status: string;
};

export type HostedCrashSetup = {
  readonly program: (settings: Record<string, string>) => Launchable;
  readonly dataDir: string;
  readonly recipients: number;
  readonly kills: number;
  readonly random: () => number;
};

/**
 * Kills a service with the carrier `hosted` with SIGKILL at random moments while it sends waves to a stand-in of the hosted API, which
 * lives on, then lets it finish. The stand-in's own ledger of rings is the judge.
 */
export async function hostedCrashRun(setup: HostedCrashSetup): Promise<HostedCrashReport> {
  const api = await HostedApi.start();
  const phones = new HostedPhones(systemClock);
  Object.assign(phones, { queueMs: 50, callMs: 700 });
  api.phones = phones;
  try {
    return await crashAgainst(api, phones, setup);
  } finally {
    await api.stop();
  }
}

async function crashAgainst(
  api: HostedApi,
  phones: HostedPhones,
  { program: launchable, dataDir, recipients, kills, random }: HostedCrashSetup,
): Promise<HostedCrashReport> {
  const program = launchable({
    BATCH_CALL_CARRIER: "hosted",
    BATCH_CALL_CARRIER_URL: api.url,
    BATCH_CALL_CARRIER_KEY: "sk_hosted",
    BATCH_CALL_CARRIER_SECRET: "s3cr3t_hosted",
    BATCH_CALL_CARRIER_WAVE: "4",
    BATCH_CALL_CALLING_HOURS: "00:00-24:00",
    BATCH_CALL_SERVICE_PORT: "0",
    // Calls in doubt keep their places for ten minutes, and leave some for the others.
    BATCH_CALL_MAX_CONCURRENT: "500",
    BATCH_CALL_MAX_CONCURRENT_PER_BATCH: "500",
    BATCH_CALL_STARTS_PER_SECOND: "8",
  });
  let service = run(program);
  const batchId = await createBatch(await urlOf(service), dataDir, recipients);
  let killsDuringCalls = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const requestsBefore = api.seen.length;
    if (kill > 0) service = run(program);
    await urlOf(service);
    // Every other one only once this life has sent something: on a slow machine a life could be over before.
    if (kill % 2 === 0) await waitUntil("a request", () => api.seen.length > requestsBefore + 4);
    await setTimeout(random() * longestLifeMs);
    await service.stop("SIGKILL");
    if ([...api.batches.values()].some(({ status }) => status === "SENT")) killsDuringCalls += 1;
  }
  service = run(program);
  const url = await urlOf(service);
  const status = await waitForEnd(url, dataDir, batchId, () => phones.rings.length);
  const numbersOf = (of: string) => numbersThatAre(of, { url, dataDir, batchId });
  const unknown = await numbersOf("unknown");
  const waiting = new Set([...(await numbersOf("pending")), ...(await numbersOf("calling"))]);
  await waitUntil("drafts that were given up are gone", () => drafts(api).length === 0, 90_000).catch(() => {});
  await service.stop();

  const executions = api.seen.filter(({ path }) => path.endsWith("/execute")).map(({ path }) => path);
  const rung = phones.counts;
  const everybody = Array.from({ length: recipients }, (_, n) => usNumber(n));
  return {
    recipients,
    kills,
    killsDuringCalls,
    executed: new Set(executions).size,
    executedTwice: executions.length - new Set(executions).size,
    calledTwice: [...rung.values()].filter((times) => times > 1).length,
    lost: everybody.filter((number) => !rung.has(number) && !unknown.has(number) && !waiting.has(number)).length,
    stillWaiting: [...waiting].filter((number) => !rung.has(number)).length,
    unknown: unknown.size,
    unknownThatRang: [...unknown].filter((number) => rung.has(number)).length,
    draftsLeft: drafts(api).length,
    status,
  };
}

const drafts = (api: HostedApi) => [...api.batches.values()].filter(({ status }) => /draft/i.test(status));

async function createBatch(url: string, dataDir: string, recipients: number): Promise<string> {
  const answer = await askService(url, dataDir, "/batch-call", {
    name: "Crash run",
    from_number: "+14155550100",
    agent_id: "agent_1",
    timezone: "America/New_York",
    send_now: true,
    tasks: Array.from({ length: recipients }, (_, n) => ({ to_number: usNumber(n) })),
  });
  return z.object({ batch_call_id: z.string() }).parse(answer).batch_call_id;
}

const counts = z.record(z.string(), z.number());
const batchAnswer = z.object({ data: z.object({ status: z.string(), counts: counts.optional() }) });

/** Until it is over, or neither its counts nor the rings moved for as long as patience lasts. */
async function waitForEnd(url: string, dataDir: string, batchId: string, rings: () => number): Promise<string> {
  let seen = "";
  let movedAt = Date.now();
  for (;;) {
    const { data } = batchAnswer.parse(await askService(url, dataDir, `/batch-call/${batchId}`));
    const now = JSON.stringify([data, rings()]);
    if (now !== seen) movedAt = Date.now();
    seen = now;
    if (data.status !== "sent" || Date.now() - movedAt > patienceMs) return data.status;
    await setTimeout(500);
  }
}

type Asked = { readonly url: string; readonly dataDir: string; readonly batchId: string };

const tasksAnswer = z.object({ data: z.object({ tasks: z.array(z.object({ to_number: z.string() })) }) });

async function numbersThatAre(status: string, { url, dataDir, batchId }: Asked): Promise<ReadonlySet<string>> {
  const numbers = new Set<string>();
  for (let page = 0; ; page += 1) {
    const answer = await askService(
      url,
      dataDir,
      `/batch-call/${batchId}/tasks?status=${status}&limit=100&page=${page}`,
    );
    const { tasks } = tasksAnswer.parse(answer).data;
    if (tasks.length === 0) return numbers;
    for (const { to_number } of tasks) numbers.add(to_number);
  }
}
