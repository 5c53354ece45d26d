import { type Clock, sleep } from "../../lib/clock.ts";
import type { Leases } from "../store/index.ts";

const pollMs = 50;

const deadlineAloneMs = 5_000;

/**
 * How long after its last check an attempt may be handed to the carrier, in ms. A lease is renewed four times in its
 * duration, so nobody else can have the attempt by then. Where no other process dials, a batch may have been paused and its
 * hours may have ended meanwhile.
 */
export function dispatchDeadlineMs(leases: Leases | undefined): number {
  return leases ? leases.durationMs / 2 : deadlineAloneMs;
}

/**
 * Resolves when no process has a dial of this batch on its way to the carrier, or none may start one any more: what
 * passed its last check longer ago than `dispatchDeadlineMs` is not handed over. By monotonic time: a clock that is set
 * forward here lets no other process off.
 */
export async function allDispatched(leases: Leases, batchId: string, clock: Clock): Promise<void> {
  const deadline = clock.monotonicMs() + dispatchDeadlineMs(leases);
  while ((await leases.isStarting(batchId)) && clock.monotonicMs() < deadline) await sleep(clock, pollMs);
}
