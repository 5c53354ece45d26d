import { type Clock, sleep } from "../../lib/clock.ts";
import type { Leases } from "../store/index.ts";

const pollMs = 50;

/**
 * How long after its last check an attempt may be handed to the carrier. A lease is renewed four times in its duration,
 * so nobody else can have the attempt by then.
 */
export function dispatchDeadlineMs({ durationMs }: Leases): number {
  return durationMs / 2;
}

/**
 * Resolves when no process has a dial of this batch on its way to the carrier, or none may start one any more: what
 * passed its last check longer ago than `dispatchDeadlineMs` is not handed over.
 */
export async function allDispatched(leases: Leases, batchId: string, clock: Clock): Promise<void> {
  const deadline = clock.now().getTime() + dispatchDeadlineMs(leases);
  while ((await leases.isStarting(batchId)) && clock.now().getTime() < deadline) await sleep(clock, pollMs);
}
