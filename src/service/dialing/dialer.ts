import { whyNotGranted } from "../../domain/batch/grant.ts";
import { steeringKey } from "../../domain/batch/steering.ts";
import { Background } from "../../lib/background.ts";
import { type Clock, earliest } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Carrier } from "../carriers/index.ts";
import type { DialStore, RunningBatch } from "../store/index.ts";
import { createAttempts } from "./attempts.ts";
import { createBatchRooms } from "./batch-rooms.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import {
  type DialerStanding,
  type DialGuard,
  type Dialing,
  type DialObserver,
  nobody,
  noDialGuard,
  type ServiceSettings,
} from "./dialing.ts";
import { allDispatched } from "./dispatch-deadline.ts";
import { createLeaseKeeper } from "./lease-keeper.ts";
import { isLongGap, whyMissed, whyNotStarted } from "./missed-start.ts";
import { createOpenHours } from "./open-hours.ts";
import { recover } from "./recovery.ts";
import { storeNow } from "./store-now.ts";
import { createInProcessDispatch } from "./wake/in-process.ts";
import type { WakeUps } from "./wake/wake-ups.ts";

/** The most tasks that a pass claims or holds back; what is left follows in the next pass at once. */
const claimsAPass = 200;

export type DialerParts = {
  readonly store: DialStore;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: ServiceSettings;
  /** Nobody unless given. */
  readonly observer?: DialObserver;
  /** None unless given. */
  readonly guard?: DialGuard;
  /** Where other processes dial on the same store. */
  readonly wakeUps?: WakeUps;
  /** How long ends of calls wait for each other, in ms, so that each does not make a pass of its own; not at all when absent. */
  readonly passRestMs?: number;
};

/** What a free line waits for its next call at most, where calls end faster than that: nobody notices, and a hundred ends share a pass. */
export const usualPassRestMs = 20;

export type Dialer = Dialing & {
  /** Clarifies what an earlier process left open, then dials what is due. Rejects when the store cannot be read. */
  start(): Promise<void>;
  /** Starts no dial from here on; resolves when those on their way have arrived. Calls in progress go on at the carrier. */
  stop(): Promise<void>;
  /** Resolves when there is nothing to do before time moves on or the carrier speaks. */
  idle(): Promise<void>;
  standing(): DialerStanding;
};

/** Calls the recipients of running batches: starts batches whose time has come and hands due attempts to the carrier. */
export function createDialer(parts: DialerParts): Dialer {
  const { store, carrier, clock, log, settings, wakeUps } = parts;
  const guard = parts.guard ?? noDialGuard;
  const observer = parts.observer ?? nobody;
  const background = new Background(clock, log);
  const { startsPerSecond } = settings;
  const shared = store.room && { shared: store.room };
  const circuitBreaker = createCircuitBreaker({ clock, log, background, startsPerSecond, ...shared });
  const hours = createOpenHours(carrier.ringsWithinMs);
  const restMs = parts.passRestMs ?? 0;
  const dispatch = createInProcessDispatch({ clock, log, background, pass, restMs });
  const attempts = createAttempts({
    store,
    carrier,
    clock,
    log,
    background,
    circuitBreaker,
    guard,
    hours,
    observer,
    onOver: dispatch.wakeSoon,
  });
  const { onTheirWay } = attempts;
  const rooms = createBatchRooms({ carrier, store, clock, hours, onTheirWay, hold: holdForCarrier });

  // Of notices that come together one look is made, and one that fails is made again.
  const changes = createInProcessDispatch({ clock, log, background, pass: lookAtChanges });
  let endWatch: (() => Promise<void>) | undefined;

  async function lookAtChanges(): Promise<undefined> {
    if (carrier.takeBack) await attempts.takeBackStopped();
    await circuitBreaker.refresh();
    dispatch.wake();
  }

  const { leases } = store;
  const leaseKeeper = leases && createLeaseKeeper({ leases, clock, log, background, lookAround });

  /** When something last ran here, by both clocks; before the first pass, when anything did. */
  let lastPass: { at: Date | undefined; monotonicMs: number } = { at: undefined, monotonicMs: clock.monotonicMs() };

  let lastPassAt: Date | undefined;
  let lastClaimAt: Date | undefined;

  async function pass(): Promise<Date | undefined> {
    const now = await storeNow(store, clock);
    lastPassAt = clock.now();
    if (guard.isStopped()) {
      for (const batch of await store.runningBatches()) await hold(batch, () => stoppedByOperator, now);
      // Nothing runs from here on; whoever starts something after the release wakes the dialer.
      return undefined;
    }
    await holdMissed(now);
    const { toStartOrHold, steered, nextStopAt } = await store.dueSteps(now);
    for (const batch of toStartOrHold) await startOrHold(batch, now);
    await steerAll(steered, now);
    const restsUntil = circuitBreaker.until();
    const lookAgainAt = restsUntil ? undefined : await rooms.look(now);
    const dueAt = restsUntil ? undefined : await claimAndHandOver(now);
    return earliest(
      restsUntil,
      lookAgainAt,
      onOwnClock(earliest(dueAt, nextStopAt, await store.nextDueAt({ now, opensAt: hours.opensAt })), now),
    );
  }

  /** When to look again, by the clock that sets off the timers. */
  function onOwnClock(at: Date | undefined, storesNow: Date): Date | undefined {
    return at && new Date(clock.now().getTime() + at.getTime() - storesNow.getTime());
  }

  /** Holds the batches in which somebody fell due while this process, or all of them, did not run for more than 15 minutes. */
  async function holdMissed(now: Date): Promise<void> {
    const since = lastPass.at;
    // Monotonic time stands still while a machine sleeps, and knows nothing of a clock that is set.
    const ranMs = clock.monotonicMs() - lastPass.monotonicMs;
    lastPass = { at: now, monotonicMs: clock.monotonicMs() };
    if (!since || !isLongGap(now.getTime() - since.getTime() - ranMs)) return;
    for (const batch of await store.runningBatches()) {
      if (batch.status !== "sent" || batch.isPaused || isPastItsEnd(batch, now)) continue;
      const dueAt = await store.firstDueAt(batch.id);
      if (!dueAt) continue;
      // Who agreed after that agreed to what was due by then.
      const from = latest(dueAt, since, batch.grant?.createdAt);
      const couldBeDialedAt = hours.opensAt(batch, from);
      await hold(batch, (current) => (current.isPaused ? undefined : whyMissed(couldBeDialedAt, batch, now)), now);
    }
  }

  async function startOrHold(batch: RunningBatch, now: Date): Promise<void> {
    if (batch.status === "sent" && isPastItsEnd(batch, now)) return;
    const whyHeld = batch.status === "scheduled" ? whyNotStarted : whyNotGranted;
    if (whyHeld(batch.grant, batch, now))
      await hold(batch, (current, grant) => (current.isPaused ? undefined : whyHeld(grant, current, now)), now);
    else if (batch.status === "scheduled") await start(batch, now);
  }

  async function start(batch: RunningBatch, now: Date): Promise<void> {
    if (await store.startScheduled(batch.id, now)) log.info({ batchId: batch.id }, "A scheduled batch starts");
  }

  /** Judges canaries whose people were called, and ends batches whose time, budget or number has come: a campaign once. */
  async function steerAll(steered: readonly RunningBatch[], now: Date): Promise<void> {
    for (const batch of new Map(steered.map((one) => [steeringKey(one), one])).values()) {
      const step = await store.steer(batch, now);
      if (step) log.info({ batchId: batch.id, step: step.kind, why: step.why }, "A batch was steered");
    }
  }

  async function hold(batch: RunningBatch, whyOf: Parameters<typeof store.hold>[1], now: Date): Promise<void> {
    if (batch.isPaused && batch.grant?.state !== "suspended") return;
    const heldReason = await store.hold(batch, whyOf, now);
    if (heldReason) log.warn({ batchId: batch.id, heldReason }, "A batch is held");
  }

  async function holdForCarrier(batch: RunningBatch, reason: string): Promise<void> {
    await hold(batch, (current) => (current.isPaused ? undefined : reason), await storeNow(store, clock));
  }

  /** Returns when pace lets the next due attempt through. */
  async function claimAndHandOver(now: Date): Promise<Date | undefined> {
    const startsPerSecond = circuitBreaker.startsPerSecond();
    const { mayDialAt } = guard;
    const asked = { isOpen: hours.isOpen, mayDialAt, roomOf: rooms.roomOf };
    const request = { ...settings, ...asked, startsPerSecond, now, limit: claimsAPass };
    const { claims, paceOpensAt, isCut } = await store.claim(request);
    if (claims.length > 0) lastClaimAt = clock.now();
    const othersFollowAt = onOwnClock(paceOpensAt, now);
    for (const claim of claims) attempts.handOver(claim, othersFollowAt);
    if (isCut) dispatch.wake();
    return paceOpensAt;
  }

  async function lookAround(): Promise<void> {
    await recover({ store, attempts, clock, log });
    changes.wake();
  }

  /** Best effort: a lease that is not released ends by itself. */
  async function releaseLease(): Promise<void> {
    await leases?.release().catch((error) => log.warn({ err: error }, "The lease of this process was not released"));
  }

  return {
    wake() {
      dispatch.wake();
      wakeUps?.announce();
    },
    async settled(batchId) {
      await attempts.settled(batchId);
      if (leases) await allDispatched(leases, batchId, clock);
    },
    async stopped(batchId) {
      await attempts.stopped(batchId);
      // What passed its last check elsewhere, and is not written down as sent yet, is checked once more before it is.
      if (leases && !carrier.countsOnTheirWay) await allDispatched(leases, batchId, clock);
    },
    carrierRest: circuitBreaker.rest,
    lineWaitOf: rooms.lineWaitOf,
    idle: () => background.idle(),
    standing() {
      const [leaseUntil, carrierRestsUntil] = [leaseKeeper?.until(), circuitBreaker.until()];
      return {
        inFlight: attempts.held().size,
        ...(lastPassAt && { lastPassAt }),
        ...(lastClaimAt && { lastClaimAt }),
        ...(leaseUntil && { leaseUntil }),
        ...(carrierRestsUntil && { carrierRestsUntil }),
        startsPerSecond: circuitBreaker.startsPerSecond(),
      };
    },
    async start() {
      lastPass = { at: await store.lastActivityAt(await storeNow(store, clock)), monotonicMs: clock.monotonicMs() };
      await leaseKeeper?.start();
      await recover({ store, attempts, clock, log });
      dispatch.start();
      if (store.watch) {
        changes.start();
        endWatch = store.watch(changes.wake);
      }
      await wakeUps?.start(dispatch.wake);
    },
    async stop() {
      await wakeUps?.stop();
      await endWatch?.();
      changes.stop();
      leaseKeeper?.stop();
      dispatch.stop();
      await attempts.stop();
      carrier.close();
      await background.idle();
      await releaseLease();
    },
  };
}

/** Whether the time of `stop_when` has come: such a batch ends, and is not held for what else is over by then. */
function isPastItsEnd({ rules }: RunningBatch, now: Date): boolean {
  return rules.stopWhen?.atMs !== undefined && rules.stopWhen.atMs <= now.getTime();
}

function latest(first: Date, ...others: readonly (Date | undefined)[]): Date {
  return new Date(Math.max(first.getTime(), ...others.map((at) => at?.getTime() ?? 0)));
}

const stoppedByOperator =
  "All calls were stopped by the operator (stop-all). Resume the batch to go on after the release.";
