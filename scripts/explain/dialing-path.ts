import { addBatch, InstantCarrier, rulesOf } from "../../bench/engine-world.ts";
import type { CallResult, DialRequest } from "../../src/contract/records.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { DialAnswer } from "../../src/service/carriers/carrier.ts";
import { createDialer } from "../../src/service/dialing/dialer.ts";
import type { Store } from "../../src/service/store/store.ts";

const batchSize = 1000;
const richSize = 40;
const others = 10;
const dialed = 400;
const settings = { maxConcurrent: 100, maxConcurrentPerBatch: 40, startsPerSecond: 50, minHoursBetweenBatches: 24 };
const outcomes = ["answered", "no_answer", "busy", "voicemail", "failed"] as const;

/** A carrier whose calls take no time, of which each ends in another way than the one before. */
class MixedCarrier extends InstantCarrier {
  #end: (token: string, result: CallResult) => void = () => {};

  override async dial(request: DialRequest): Promise<DialAnswer> {
    const now = new Date();
    const outcome = outcomes[this.dials.push({ request, atMs: now.getTime() }) % outcomes.length] ?? "answered";
    setImmediate(() => this.#end(request.token, { outcome, startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 }));
    return { kind: "taken" };
  }

  override onEnded(listener: (token: string, result: CallResult) => void): void {
    this.#end = listener;
  }
}

/** So many tasks: half of them in drafts of a thousand, the others in one batch that runs. */
export async function fill(store: Store, tasks: number): Promise<void> {
  for (let n = 0; n < tasks / 2; n += batchSize) await addBatch(store, batchSize, { status: "draft" });
  await addBatch(store, tasks / 2);
}

/** Dials with every rule until so many calls ended; beside it batches are started, judged, held, and people opt out. */
export async function dialSome(store: Store): Promise<void> {
  const now = systemClock.now();
  const rules = rulesOf(now);
  await addBatch(store, richSize, { rules: { ...rules, exclude: { calledWithinDays: 7 } } });
  await addBatch(store, richSize, { rules: { ...rules, stopWhen: { calls: 20 } } });
  await addBatch(store, richSize, { rules: { ...rules, moreFromNumbers: ["+14155570001", "+14155570002"] } });
  await addBatch(store, richSize, { status: "scheduled", scheduledAt: now });
  for (let n = 0; n < others; n += 1) await addBatch(store, richSize, { fromNumber: `+1${4_155_560_000 + n}` });
  const held = await addBatch(store, richSize);
  const carrier = new MixedCarrier();
  const dialer = createDialer({ store, carrier, clock: systemClock, log: silentLog, settings });
  await dialer.start();
  while (carrier.dials.length < dialed) await new Promise((resolve) => setTimeout(resolve, 10));
  await store.hold(held, () => "Held to see how that is done.", systemClock.now());
  await dialer.stop();
  await store.completeFinished(systemClock.now());
}
