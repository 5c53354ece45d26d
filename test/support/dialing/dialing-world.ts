import { randomUUID } from "node:crypto";
import type { CallingRules, RetryRule } from "../../../src/domain/batch/plan.ts";
import { type Log, silentLog } from "../../../src/lib/log.ts";
import { createDialer, type Dialer } from "../../../src/service/dialing/dialer.ts";
import { type DialGuard, noDialGuard, type ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import type { BatchFacts } from "../../../src/service/store/batch-store.ts";
import type {
  NewTask,
  StoredAttempt,
  StoredBatch,
  StoredTask,
  UnstoredBatch,
} from "../../../src/service/store/records.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed, agreedUntil } from "../agreed.ts";
import { ScriptedCarrier } from "../carriers/scripted-carrier.ts";
import { TestClock } from "../test-clock.ts";
import { type Gate, gateStore, turns } from "./gated-store.ts";

export const organizationId = "org_1";

/** Of the event loop: enough for everything that can be done before time moves on. */
const manyTurns = 100;

export type BatchSetup = {
  readonly recipients?: number;
  /** Number of the first recipient; a number that other batches call too waits for them. */
  readonly firstNumber?: number;
  /** Numbered from row 1 in this order. */
  readonly tasks?: readonly Omit<NewTask, "row">[];
  readonly rules?: CallingRules;
  readonly timezone?: string;
  readonly scheduledAt?: Date;
  readonly notBeforeLocal?: string;
  readonly fromNumber?: string;
  readonly organizationId?: string;
  readonly campaignId?: string;
  /** From which instant on nobody agreed to its calls. */
  readonly agreedUntil?: Date;
};

/** The n-th recipient's number, from 1 to 9900; all fictional. */
export function numberOf(n: number): string {
  return `+1${201 + Math.floor(n / 100)}55501${String(n % 100).padStart(2, "0")}`;
}

/** Store, dialer, scripted carrier and a clock that the test moves: the dialing half of the service. */
export class DialingWorld {
  readonly clock: TestClock;
  readonly store: Store;
  readonly carrier: ScriptedCarrier;
  readonly settings: ServiceSettings;
  /** What a test does to it holds from the next dial on. */
  guard: DialGuard = noDialGuard;
  #dialer: Dialer | undefined;
  /** A dialer whose work may never be done. */
  #unawaited: Dialer | undefined;
  #kill = (): void => {};
  /** How long ends of calls wait for each other; each makes a pass unless given. */
  readonly #passRestMs: number;

  constructor(setup: { now?: string; settings?: Partial<ServiceSettings>; store?: Store; passRestMs?: number } = {}) {
    this.#passRestMs = setup.passRestMs ?? 0;
    this.clock = new TestClock(setup.now ?? "2026-03-02T15:00:00Z");
    this.store = setup.store ?? openSqliteStore(":memory:");
    this.carrier = new ScriptedCarrier(this.clock);
    this.settings = { maxConcurrent: 10, startsPerSecond: 5, ...setup.settings };
    this.clock.settleWith(async () => this.#dialer?.idle());
    this.clock.settleWith(async () => this.#unawaited && Promise.race([this.#unawaited.idle(), turns(manyTurns)]));
  }

  get dialer(): Dialer {
    if (!this.#dialer) throw new Error("The dialer was not started");
    return this.#dialer;
  }

  /** Starts a dialer; one that ran before is dead from here on, as if its process had been killed. */
  async start(parts: { gate?: Gate; log?: Log } = {}): Promise<void> {
    this.#unawaited = undefined;
    this.#dialer = this.#replaceDialer(parts.gate ?? ((_method, work) => work()), parts.log);
    await this.#dialer.start();
    await this.clock.settle();
  }

  /** Starts a dialer for which the clock does not wait long: its gate may never let it go on. */
  async startUnawaited(gate: Gate): Promise<Dialer> {
    this.#dialer = undefined;
    const dialer = this.#replaceDialer(gate);
    this.#unawaited = dialer;
    void dialer.start();
    await this.clock.settle();
    return dialer;
  }

  #replaceDialer(gate: Gate, log: Log = silentLog): Dialer {
    this.#kill();
    let isDead = false;
    this.#kill = () => {
      isDead = true;
    };
    const forever = new Promise<never>(() => {});
    const store = gateStore(this.store, async (method, work) => {
      const answer = isDead ? forever : await gate(method, work);
      return isDead ? forever : answer;
    });
    return createDialer({
      store,
      carrier: this.carrier,
      clock: this.clock,
      log,
      settings: this.settings,
      guard: this.guard,
      passRestMs: this.#passRestMs,
    });
  }

  /** A batch that runs, or is scheduled when `scheduledAt` is given. */
  async addBatch(setup: BatchSetup = {}): Promise<string> {
    const now = this.clock.now();
    const batch: UnstoredBatch = {
      id: `batch_call_${randomUUID().replaceAll("-", "")}`,
      organizationId: setup.organizationId ?? organizationId,
      name: "Reminders",
      fromNumber: setup.fromNumber ?? "+14155550100",
      agentId: "agent_1",
      timezone: setup.timezone ?? "America/New_York",
      status: setup.scheduledAt ? "scheduled" : "sent",
      isPaused: false,
      ...(setup.scheduledAt ? { scheduledAt: setup.scheduledAt } : { startedAt: now }),
      rules: setup.rules ?? {},
      ...(setup.notBeforeLocal !== undefined && { notBeforeLocal: setup.notBeforeLocal }),
      ...(setup.campaignId !== undefined && { campaignId: setup.campaignId }),
      duplicatesRemoved: 0,
      createdAt: now,
      updatedAt: now,
    };
    const tasks =
      setup.tasks ??
      Array.from({ length: setup.recipients ?? 1 }, (_, n) => ({
        toNumber: numberOf(n + (setup.firstNumber ?? 1)),
        variables: {},
      }));
    await this.store.createBatch(
      batch,
      tasks.map((task, n) => ({ ...task, row: n + 1 })),
      undefined,
      setup.agreedUntil ? agreedUntil(setup.agreedUntil) : agreed,
    );
    this.#dialer?.wake();
    await this.clock.settle();
    return batch.id;
  }

  /** Pauses as the REST half does: the answer is out when this resolves. */
  async pause(batchId: string): Promise<void> {
    const change = { isPaused: true, pausedAt: this.clock.now() };
    await this.store.changeBatch(
      organizationId,
      batchId,
      { status: ["scheduled", "sent"] },
      () => change,
      this.clock.now(),
    );
    await this.dialer.stopped(batchId);
  }

  async resume(batchId: string): Promise<void> {
    const unpaused = { isPaused: false, pausedAt: undefined, heldReason: undefined } as const;
    const change = { ...unpaused, status: "sent", grant: agreed } as const;
    await this.store.changeBatch(
      organizationId,
      batchId,
      { status: ["scheduled", "sent"], isPaused: true },
      () => change,
      this.clock.now(),
    );
    this.dialer.wake();
    await this.clock.settle();
  }

  async cancel(batchId: string): Promise<void> {
    await this.store.cancelBatch(organizationId, batchId, { status: ["scheduled", "sent"] }, this.clock.now());
    await this.dialer.stopped(batchId);
  }

  async batch(batchId: string, owner = organizationId): Promise<StoredBatch> {
    const batch = await this.store.getBatch(owner, batchId);
    if (!batch) throw new Error(`No batch ${batchId}`);
    return batch;
  }

  async tasks(batchId: string, owner = organizationId): Promise<readonly StoredTask[]> {
    return (await this.store.listTasks(owner, batchId, {}, { page: 0 })).rows;
  }

  async task(batchId: string): Promise<StoredTask> {
    const [task] = await this.tasks(batchId);
    if (!task) throw new Error(`No task in ${batchId}`);
    return task;
  }

  async attempts(batchId: string): Promise<readonly StoredAttempt[]> {
    const tasks = await this.tasks(batchId);
    return this.store.listAttempts(
      organizationId,
      tasks.map(({ id }) => id),
    );
  }

  async facts(batchId: string): Promise<BatchFacts> {
    const facts = (await this.store.facts([batchId], this.clock.now())).get(batchId);
    if (!facts) throw new Error(`No facts of ${batchId}`);
    return facts;
  }

  /** Numbers that rang, in order. */
  get rung(): readonly string[] {
    return this.carrier.rings.map(({ toNumber }) => toNumber);
  }
}

export async function startWorld(setup: ConstructorParameters<typeof DialingWorld>[0] = {}): Promise<DialingWorld> {
  const world = new DialingWorld(setup);
  await world.start();
  return world;
}

/** Rules under which somebody is called again, up to three times in all, so long after such an outcome. */
export function retryAfter(minutes: number, condition: RetryRule["condition"] = "busy"): CallingRules {
  return {
    retryConfig: { enabled: true, maxAttempts: 3 },
    retryRules: [{ condition, enabled: true, timing: { kind: "after", minutes } }],
  };
}
