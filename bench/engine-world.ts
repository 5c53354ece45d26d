import { randomUUID } from "node:crypto";
import type { CallResult, DialRequest } from "../src/contract/records.ts";
import { systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import type { Carrier, DialAnswer } from "../src/service/carriers/carrier.ts";
import { createDialer, type Dialer, usualPassRestMs } from "../src/service/dialing/dialer.ts";
import type { WakeUps } from "../src/service/dialing/wake/wake-ups.ts";
import type { NewTask, UnstoredBatch } from "../src/service/store/records.ts";
import type { Store } from "../src/service/store/store.ts";
import { agreed } from "../test/support/agreed.ts";

export const organizationId = "org_bench";
const unlimited = { maxConcurrent: 500, startsPerSecond: 1_000_000 };
/** On a shared database; the hours between batches are those between other batches' calls to a number. */
export const postgresLimits = { ...unlimited, minHoursBetweenBatches: 24 };

/** A carrier whose calls take no time and are all answered. */
export class InstantCarrier implements Carrier {
  readonly environment = "simulated";
  readonly dials: { readonly request: DialRequest; readonly atMs: number }[] = [];
  #tell: (token: string, result: CallResult) => void = () => {};

  async dial(request: DialRequest): Promise<DialAnswer> {
    const now = new Date();
    this.dials.push({ request, atMs: now.getTime() });
    const result: CallResult = { outcome: "answered", startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 };
    queueMicrotask(() => this.#tell(request.token, result));
    return { kind: "taken" };
  }

  async lookUp() {
    return { state: "cannot_tell" } as const;
  }

  onEnded(listener: (token: string, result: CallResult) => void): void {
    this.#tell = listener;
  }

  close(): void {}
}

export function startDialer(store: Store, carrier: Carrier, wakeUps?: WakeUps, settings = unlimited): Dialer {
  const parts = { store, carrier, clock: systemClock, log: silentLog, settings, passRestMs: usualPassRestMs };
  const dialer = createDialer({ ...parts, ...(wakeUps && { wakeUps }) });
  void dialer.start();
  return dialer;
}

let numbersGiven = 0;

/** Numbers need not be callable here: nothing reads them. No two batches have one in common, or one would wait for the other's calls. */
export async function addBatch(store: Store, size: number, given: Partial<UnstoredBatch> = {}): Promise<UnstoredBatch> {
  const now = systemClock.now();
  const batch: UnstoredBatch = {
    id: `batch_call_${randomUUID().replaceAll("-", "")}`,
    organizationId,
    name: "Bench",
    fromNumber: "+14155550100",
    agentId: "agent_bench",
    timezone: "America/New_York",
    status: "sent",
    isPaused: false,
    startedAt: now,
    rules: rulesOf(now),
    duplicatesRemoved: 0,
    createdAt: now,
    updatedAt: now,
    ...given,
  };
  const tasks = tasksOf(size, numbersGiven);
  numbersGiven += size;
  await store.createBatch(batch, tasks, undefined, agreed);
  return batch;
}

export function rulesOf(now: Date): UnstoredBatch["rules"] {
  return { quietHours: { enabled: true, start: "00:00", end: "00:01", zone: quietElsewhere(now) } };
}

/** A zone in which it is about noon, so that the quiet hours are tested and never hold anybody back. */
function quietElsewhere(now: Date): string {
  const hours = 12 - now.getUTCHours();
  return `Etc/GMT${hours > 0 ? "-" : "+"}${Math.abs(hours)}`;
}

function tasksOf(size: number, from: number): readonly NewTask[] {
  return Array.from({ length: size }, (_, n) => ({
    row: n + 1,
    toNumber: `+1${2_000_000_000 + from + n}`,
    variables: { first_name: `Name ${n}`, order_id: `order-${n}`, city: "Springfield" },
  }));
}

/** Resolves when none of the batches runs any more. */
export async function allEnded(store: Store): Promise<void> {
  while ((await store.runningBatches()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
