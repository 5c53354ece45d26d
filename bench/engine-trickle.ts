import { setTimeout as sleep } from "node:timers/promises";
import type { CallResult, DialRequest } from "../src/contract/records.ts";
import type { DialAnswer } from "../src/service/carriers/carrier.ts";
import type { Store } from "../src/service/store/store.ts";
import { addBatch, InstantCarrier, organizationId, startDialer } from "./engine-world.ts";

/** Calls in progress at once, which last 100 ms on average: 200 a second. */
const atOnce = 20;
const [shortestMs, longestMs] = [50, 150];
export const wantedPerSecond = (atOnce * 1000 * 2) / (shortestMs + longestMs);

const warmUpMs = 1000;
const measuredMs = 4000;
/** People in all, so that nobody runs out of them. */
const people = 2 * ((warmUpMs + measuredMs) / 1000) * wantedPerSecond;
const createdAtOnce = 8;

/** What was measured of calls that end one by one. `stallMs`: the longest that the event loop stood still. */
export type Trickle = {
  readonly callsPerSecond: number;
  readonly cpuMsACall: number;
  readonly stallMs: number;
};

/** A carrier whose calls last between 50 and 150 ms, spread evenly. */
class LastingCarrier extends InstantCarrier {
  #n = 0;
  #end: (token: string, result: CallResult) => void = () => {};
  ended = 0;

  override async dial({ token }: DialRequest): Promise<DialAnswer> {
    const startedAt = new Date();
    const lastsMs = this.nextLength();
    setTimeout(() => {
      this.ended += 1;
      this.#end(token, { outcome: "answered", startedAt, endedAt: new Date(), ringMs: 0, talkMs: lastsMs });
    }, lastsMs);
    return { kind: "taken" };
  }

  // A golden-ratio sequence: as even as one could wish, and the same in every run.
  nextLength(): number {
    this.#n += 1;
    return Math.round(shortestMs + ((this.#n * 0.618_034) % 1) * (longestMs - shortestMs));
  }

  override onEnded(listener: (token: string, result: CallResult) => void): void {
    this.#end = listener;
  }
}

/** Fills a store with so many running batches of one organization, each with a caller id of its own, in which everybody is due. */
export async function fillRunning(store: Store, batches: number): Promise<void> {
  const size = Math.max(Math.ceil(people / batches), 3);
  let made = 0;
  const makeSome = async (): Promise<void> => {
    while (made < batches) {
      made += 1;
      await addBatch(store, size, { fromNumber: `+1${4_155_550_000 + made}` });
    }
  };
  await Promise.all(Array.from({ length: createdAtOnce }, makeSome));
}

/** The engine with every rule, 20 calls at a time, on a store that was filled. */
export async function trickleOfEngine(store: Store): Promise<Trickle> {
  const carrier = new LastingCarrier();
  const dialer = startDialer(store, carrier, undefined, { maxConcurrent: atOnce, startsPerSecond: 1000 });
  const measured = await measure(() => carrier.ended);
  await dialer.stop();
  return measured;
}

/** What the floor does with its rows: `begin` takes a task and writes its attempt, `end` writes the outcome of both. */
export type FlatCalls = {
  begin(batchId: string, token: string): Promise<void>;
  end(token: string): Promise<void>;
};

/** The same calls written flat, one batch after the other in turn: no rules, two commits a call. */
export async function trickleOfFloor(store: Store, flat: FlatCalls): Promise<Trickle> {
  const batches = (await store.runningBatches()).map(({ id }) => id);
  const lengths = new LastingCarrier();
  const state = { ended: 0, begun: 0, isOver: false };
  const oneLine = async (): Promise<void> => {
    while (!state.isOver) {
      state.begun += 1;
      const token = `${organizationId}:${state.begun}`;
      await flat.begin(batches[state.begun % batches.length] ?? "", token);
      await sleep(lengths.nextLength());
      await flat.end(token);
      state.ended += 1;
    }
  };
  const lines = Promise.all(Array.from({ length: atOnce }, oneLine));
  const measured = await measure(() => state.ended);
  state.isOver = true;
  await lines;
  return measured;
}

async function measure(ended: () => number): Promise<Trickle> {
  await sleep(warmUpMs);
  const before = { ended: ended(), cpu: process.cpuUsage(), at: performance.now() };
  const stall = watchStalls();
  await sleep(measuredMs);
  const stallMs = stall();
  const cpu = process.cpuUsage(before.cpu);
  const calls = ended() - before.ended;
  return {
    callsPerSecond: (calls * 1000) / (performance.now() - before.at),
    cpuMsACall: (cpu.user + cpu.system) / 1000 / calls,
    stallMs,
  };
}

/** Starts to watch; the function ends it and returns the longest time, in ms, for which the loop took up nothing. */
function watchStalls(): () => number {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  return () => {
    look();
    clearInterval(timer);
    return longest;
  };
}
