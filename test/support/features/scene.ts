import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DirectCarrier } from "../../../src/service/carriers/carrier.ts";
import { openSimulatedLedger } from "../../../src/service/carriers/simulated/ledger.ts";
import { createSimulatedCarrier } from "../../../src/service/carriers/simulated/simulated-carrier.ts";
import type { ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import { HostedProvider } from "../carriers/hosted-provider.ts";
import { TestClock } from "../test-clock.ts";
import { request, startWorld, type World } from "../world.ts";

/** The simulation; our queue in front of the hosted API; the hosted API itself, which runs the batch. */
export const ways = ["simulated", "hosted", "direct"] as const;
export type Way = (typeof ways)[number];

/** One that always ends like this: in the simulation by itself, on the stand-in of the hosted API by its script. */
export const certain = {
  answers: "+12025550101",
  noAnswer: "+12025550102",
  busy: "+12025550103",
  voicemail: "+12025550104",
  failed: "+12025550105",
  optsOut: "+12025550106",
  wrongNumber: "+12025550107",
  callBack: "+12025550108",
} as const;
export const testNumber = "+14155550177";

export type Ring = { readonly toNumber: string; readonly at: Date };

export type Scene = {
  readonly way: Way;
  readonly world: World;
  /** Phones that rang so far, in order. */
  rings(): readonly Ring[];
  /** Creates a batch to these numbers; its id. */
  create(numbers: readonly string[], changes?: object): Promise<string>;
  start(batchId: string): Promise<void>;
  status(batchId: string): Promise<ReturnType<World["tool"]> extends Promise<infer A> ? A : never>;
  results(batchId: string): Promise<ReadonlyArray<Record<string, unknown>>>;
  /** What the API was sent to create, newest last; nothing where that is our own service. */
  sentToApi(): readonly unknown[];
  close(): Promise<void>;
};

/** Minutes past noon in New York, on a Monday: no one is called at night. */
const now = "2026-03-02T17:00:00Z";

/** The whole product by its tools, one of the ways, on a clock that is moved. A person agrees to whatever is asked. */
export async function openScene(way: Way, service: Partial<ServiceSettings> = {}): Promise<Scene> {
  const clock = new TestClock(now);
  const rings: Ring[] = [];
  const provider = way === "simulated" ? undefined : await HostedProvider.open(clock);
  if (provider) script(provider, clock);
  // A batch there takes its time too, or there would be nothing left to stop.
  if (provider && way === "direct") provider.phones.lines = service.maxConcurrent ?? 10;
  const dir = await mkdtemp(join(tmpdir(), "batch-call-features-"));
  const ledger = way === "simulated" ? openSimulatedLedger(join(dir, "carrier.sqlite")) : undefined;
  const simulated = ledger && heard(createSimulatedCarrier({ ledger, clock, seed: 1, speed: 1 }), clock, rings);
  const world = await startWorld({
    clock,
    ...(way !== "simulated" && { carrierEnvironment: "live" as const }),
    ...(simulated && { provider: { carrier: simulated } }),
    ...(provider && way === "hosted" && { provider: { ...provider, account: await provider.account() } }),
    ...(provider && way === "direct" && { upstream: () => provider.api.url }),
    // The rule of hours between batches has features of its own; it would keep the others apart.
    service: { minHoursBetweenBatches: 0, testNumbers: [testNumber], ...service },
    policy: { minHoursBetweenBatches: service.minHoursBetweenBatches ?? 0, testNumbers: [testNumber] },
    context: {
      askPerson: async ({ recipients }) => ({ kind: "accepted", typedRecipients: recipients }),
    },
  });
  const create: Scene["create"] = async (numbers, changes = {}) => {
    const tasks = numbers.map((to_number) => ({ to_number, dynamic_variables: { first_name: "Ana" } }));
    const { batch } = await world.tool("create_batch_call", request(1, { tasks, ...changes }));
    return batch.batch_id;
  };
  return {
    way,
    world,
    rings: () => provider?.phones.rings ?? rings,
    create,
    start: async (id) => {
      await world.whileTimePasses(world.tool("start_batch", { batch_id: id, start: "now" }));
    },
    status: async (id) => (await world.tool("get_batch_status", { batch_id: id })).batch,
    results: async (id) => (await world.tool("get_batch_results", { batch_id: id, limit: 100 })).results,
    sentToApi: () =>
      (provider?.api.seen ?? [])
        .filter(({ method, path }) => method === "POST" && path === "/batch-call")
        .map(({ body }) => body),
    async close() {
      await world.whileTimePasses(world.stop());
      await provider?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function script({ phones }: HostedProvider, clock: TestClock): void {
  const outcomes = { noAnswer: "no_answer", busy: "busy", voicemail: "voicemail", failed: "failed" } as const;
  for (const [who, outcome] of Object.entries(outcomes)) phones.script(certain[who as keyof typeof outcomes], outcome);
  let calledBack = false;
  phones.custom = (number) => {
    if (number === certain.optsOut) return { opt_out: true };
    if (number === certain.wrongNumber) return { wrong_number: true };
    if (number === certain.callBack && !calledBack) {
      calledBack = true;
      return { call_back_at: new Date(clock.now().getTime() + 2 * 3_600_000).toISOString() };
    }
    return { confirmed: true };
  };
}

function heard(carrier: DirectCarrier, clock: TestClock, rings: Ring[]): DirectCarrier {
  return {
    ...carrier,
    dial: (request) => {
      rings.push({ toNumber: request.toNumber, at: clock.now() });
      return carrier.dial(request);
    },
  };
}
