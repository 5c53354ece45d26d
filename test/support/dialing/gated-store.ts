import { setImmediate } from "node:timers/promises";
import type { SharedRoom } from "../../../src/service/store/carrier-room.ts";
import type { DialStore, Leases } from "../../../src/service/store/dial-store.ts";

/** Stands before every call: lets it pass, makes it fail, or never answers, as the process does that was killed. */
export type Gate = <T>(method: keyof DialStore, work: () => Promise<T>) => Promise<T>;

export function gateStore(store: DialStore, gate: Gate): DialStore {
  return {
    runningBatches: () => gate("runningBatches", () => store.runningBatches()),
    dueSteps: (...given) => gate("dueSteps", () => store.dueSteps(...given)),
    batchesDue: (...given) => gate("batchesDue", () => store.batchesDue(...given)),
    startScheduled: (...given) => gate("startScheduled", () => store.startScheduled(...given)),
    lastActivityAt: (now) => gate("lastActivityAt", () => store.lastActivityAt(now)),
    firstDueAt: (...given) => gate("firstDueAt", () => store.firstDueAt(...given)),
    hold: (...given) => gate("hold", () => store.hold(...given)),
    leaveOutCallerId: (...given) => gate("leaveOutCallerId", () => store.leaveOutCallerId(...given)),
    callerIdIsBack: (...given) => gate("callerIdIsBack", () => store.callerIdIsBack(...given)),
    steer: (...given) => gate("steer", () => store.steer(...given)),
    completeFinished: (...given) => gate("completeFinished", () => store.completeFinished(...given)),
    claim: (...given) => gate("claim", () => store.claim(...given)),
    markDialing: (...given) => gate("markDialing", () => store.markDialing(...given)),
    mayStillDial: (...given) => gate("mayStillDial", () => store.mayStillDial(...given)),
    handedOver: (...given) => gate("handedOver", () => store.handedOver(...given)),
    release: (...given) => gate("release", () => store.release(...given)),
    markPlaced: (...given) => gate("markPlaced", () => store.markPlaced(...given)),
    complete: (...given) => gate("complete", () => store.complete(...given)),
    optOut: (...given) => gate("optOut", () => store.optOut(...given)),
    openAttempts: (...given) => gate("openAttempts", () => store.openAttempts(...given)),
    getClaim: (...given) => gate("getClaim", () => store.getClaim(...given)),
    nextDueAt: (...given) => gate("nextDueAt", () => store.nextDueAt(...given)),
    stoppedSince: (...given) => gate("stoppedSince", () => store.stoppedSince(...given)),
    ...(store.watch && { watch: store.watch }),
    ...(store.room && { room: gateRoom(store.room, gate) }),
    ...(store.leases && { leases: gateLeases(store.leases, gate) }),
  };
}

function gateLeases(leases: Leases, gate: Gate): Leases {
  return {
    durationMs: leases.durationMs,
    renew: (now) => gate("leases", () => leases.renew(now)),
    release: () => gate("leases", () => leases.release()),
    isStarting: (batchId) => gate("leases", () => leases.isStarting(batchId)),
  };
}

function gateRoom(room: SharedRoom, gate: Gate): SharedRoom {
  return {
    read: (...given) => gate("room", () => room.read(...given)),
    change: (...given) => gate("room", () => room.change(...given)),
  };
}

/** The store, and an end to what it is watched for: a process that was killed hears of no change, and keeps no connection. */
export function mortal(store: DialStore): { readonly store: DialStore; endWatches(): Promise<void> } {
  const ends: (() => Promise<void>)[] = [];
  const { watch } = store;
  const watched = watch && {
    watch: (onChange: () => void) => {
      const end = watch(onChange);
      ends.push(end);
      return end;
    },
  };
  return {
    store: { ...store, ...watched },
    async endWatches() {
      await Promise.all(ends.splice(0).map((end) => end()));
    },
  };
}

/** Fails the given number of calls of one method, before or after their work was done. */
export function failing(method: keyof DialStore, times: number, when: "before" | "after"): Gate {
  let left = times;
  return async (called, work) => {
    if (called !== method || left === 0) return work();
    left -= 1;
    if (when === "after") await work();
    throw new Error(`Scripted fault: ${method} failed ${when} its work`);
  };
}

/** The process dies at its n-th call of the store (1 for the first), before or after that call did its work. */
export function dyingAt(n: number, when: "before" | "after"): Gate & { hasDied(): boolean } {
  let calls = 0;
  let isDead = false;
  const forever = <T>(): Promise<T> => new Promise<T>(() => {});
  const gate: Gate = async (_method, work) => {
    if (isDead) return forever();
    calls += 1;
    if (calls < n) return work();
    isDead = true;
    if (when === "after") await work();
    return forever();
  };
  return Object.assign(gate, { hasDied: () => isDead });
}

/** Holds back the answers of one method until the test lets them out. */
export function holding(method: keyof DialStore): Gate & { letOut(): void } {
  let letOut = (): void => {};
  const out = new Promise<void>((resolve) => {
    letOut = resolve;
  });
  const gate: Gate = async (called, work) => {
    const result = await work();
    if (called === method) await out;
    return result;
  };
  return Object.assign(gate, { letOut });
}

/** Lets the event loop turn so many times. */
export async function turns(n: number): Promise<void> {
  for (let turn = 0; turn < n; turn += 1) await setImmediate();
}

/** Answers take a few turns of the event loop, as the moments have it, so that others come between any two steps. */
export function slowly(moments: readonly number[]): Gate {
  let call = 0;
  return async (_method, work) => {
    call += 1;
    const moment = moments[call % moments.length] ?? 0;
    await turns(moment % 3);
    const result = await work();
    await turns(moment % 4);
    return result;
  };
}
