import { Problem } from "../../../src/domain/problem.ts";
import { type FaultPlan, isUnsent, planFault, type WireFault } from "../http/wire-faults.ts";
import { usNumber } from "../us-numbers.ts";
import { type FaultWorld, startFaultWorld } from "./fault-world.ts";

export const faultedWrites = ["create", "execute", "schedule"] as const;
export type FaultedWrite = (typeof faultedWrites)[number];

/** The outcome of the runs of one fault on one kind of write, by the record of the API. */
export type FaultReport = {
  readonly runs: number;
  /** Writes that the fault did not come to. */
  readonly unbroken: number;
  /** Batches for which more than one start reached the API. */
  readonly startedTwice: number;
  /** Starts that reached the API and that no person had agreed to. */
  readonly startedUnagreed: number;
  /** Contents that the API holds more than one batch of in the end. */
  readonly madeTwice: number;
  /** Batches that are not there, or have not begun, after the caller did what the answers said. */
  readonly lost: number;
  /** First answers that are in another class than the fault belongs to: `expected, not got`. */
  readonly wrongClass: readonly string[];
  /** Requests that came to another origin than the API's. */
  readonly strays: readonly string[];
};

/** The report of so many runs in which nothing went wrong. */
export function cleanReport(runs: number): FaultReport {
  return { runs, unbroken: 0, startedTwice: 0, startedUnagreed: 0, madeTwice: 0, lost: 0, wrongClass: [], strays: [] };
}

/**
 * Breaks so many writes of one kind by one fault, each in another way that the fault can go, and repairs them as a
 * caller would who does what the answers say.
 */
export async function runFaults(write: FaultedWrite, fault: WireFault, runs: number): Promise<FaultReport> {
  const world = await startFaultWorld();
  try {
    const broken: BrokenWrite[] = [];
    for (let run = 0; run < runs; run++) broken.push(await breakOne(world, write, planFault(fault, run)));
    // Until then what is late can arrive, and what is unknown is looked for.
    await world.pace.pass({ minutes: 3 });
    const results: RunResult[] = [];
    for (const one of broken) results.push({ ...one, batchId: await one.repair() });
    // The clean-up that deletes late duplicates.
    await world.pace.pass({ minutes: 11 });
    return report(world, write, results);
  } finally {
    await world.stop();
  }
}

type BrokenWrite = {
  readonly name: string;
  readonly code: string;
  readonly expected: string;
  readonly isBroken: boolean;
  /** Gets what was wanted, and answers the batch. */
  readonly repair: () => Promise<string>;
};

type RunResult = Omit<BrokenWrite, "repair"> & { readonly batchId: string };

async function breakOne(world: FaultWorld, write: FaultedWrite, plan: FaultPlan): Promise<BrokenWrite> {
  const list = listOf(plan.run);
  const known = { name: list.name, expected: expectedAnswer(write, plan) };
  if (write === "create") {
    world.arm(plan);
    const code = await answerOf(world, "create_batch_call", list);
    const isBroken = !world.isArmed();
    // Somebody without patience.
    if (plan.run % 3 === 0) await answerOf(world, "create_batch_call", list);
    return { ...known, code, isBroken, repair: () => create(world, list) };
  }
  const batchId = await create(world, list);
  const start = { batch_id: batchId, ...startOf(world, write) };
  world.arm(plan);
  const code = await answerOf(world, "start_batch", start);
  const isBroken = !world.isArmed();
  if (code !== "done" && plan.run % 3 === 0) await answerOf(world, "start_batch", start);
  return { ...known, code, isBroken, repair: () => startUnlessBegun(world, start) };
}

/** The class that an answer belongs to; `done` where reading back showed that the API took it. */
function expectedAnswer(write: FaultedWrite, { fault, arrival }: FaultPlan): string {
  if (isUnsent(fault)) return "unavailable";
  if (fault === 429) return "rate_limited";
  return write !== "create" && arrival === "at_once" ? "done" : "outcome_unknown";
}

async function answerOf(world: FaultWorld, tool: string, args: object): Promise<string> {
  try {
    await world.pace.until(world.tool(tool, args));
    return "done";
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

async function create(world: FaultWorld, list: object): Promise<string> {
  return (await world.pace.until(world.tool("create_batch_call", list))).batch.batch_id;
}

async function startUnlessBegun(world: FaultWorld, start: { readonly batch_id: string }): Promise<string> {
  const { batch } = await world.pace.until(world.tool("get_batch_status", { batch_id: start.batch_id }));
  if (batch.status === "draft") await world.pace.until(world.tool("start_batch", start));
  return start.batch_id;
}

function startOf({ clock }: FaultWorld, write: "execute" | "schedule"): object {
  if (write === "execute") return { start: "now" };
  const inTwoDays = clock.now().getTime() + 48 * 3_600_000;
  return { start: "at_time", start_at: new Date(inTwoDays).toISOString() };
}

/** Lists of one to three people, none of whom is on two of them. */
function listOf(run: number): { readonly name: string } {
  const people = 1 + (run % 3);
  const tasks = Array.from({ length: people }, (_, n) => ({ to_number: usNumber(run * 3 + n) }));
  return Object.assign({ name: `Fault ${run}.` }, { agent_id: "agent_1", from_number: "+14155550100", tasks });
}

function report(world: FaultWorld, write: FaultedWrite, results: readonly RunResult[]): FaultReport {
  const { hosted, agreementsTo, strays } = world;
  const batches = [...hosted.batches.values()];
  const { dangerous } = hosted;
  const startsOf = (id: string) => dangerous.filter(({ path }) => path.split("/").includes(id)).length;
  const standing = ({ name }: RunResult) => batches.filter((batch) => batch.name.startsWith(`${name} [`));
  const isRight = ({ status }: { readonly status: string }) => status === finalStatus[write];
  return {
    runs: results.length,
    unbroken: results.filter(({ isBroken }) => !isBroken).length,
    startedTwice: results.filter(({ batchId }) => startsOf(batchId) > 1).length,
    startedUnagreed: results.filter(({ batchId }) => startsOf(batchId) > agreementsTo(batchId)).length,
    madeTwice: results.filter((result) => standing(result).length > 1).length,
    lost: results.filter((run) => !standing(run).some((one) => one.batch_call_id === run.batchId && isRight(one)))
      .length,
    wrongClass: results
      .filter(({ code, expected }) => code !== expected)
      .map(({ name, code, expected }) => `${name} ${code}, not ${expected}`),
    strays,
  };
}

const finalStatus: Readonly<Record<FaultedWrite, string>> = {
  create: "draft",
  execute: "SENT",
  schedule: "scheduled",
};
