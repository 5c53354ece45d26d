import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { DialStore } from "../store/index.ts";
import type { Attempts } from "./attempts.ts";

/**
 * Clarifies the attempts that processes which died left without an outcome, and ends the batches whose end was lost. Nothing is dialed here: an attempt that the
 * carrier never took goes back to its place and is claimed again, under the same token and with every check.
 */
export async function recover(parts: { store: DialStore; attempts: Attempts; clock: Clock; log: Log }): Promise<void> {
  const claims = await parts.store.openAttempts(parts.attempts.held(), parts.clock.now());
  if (claims.length > 0)
    parts.log.info({ attempts: claims.length }, "Attempts without an outcome were found; the carrier is asked");
  await Promise.all(claims.map((claim) => parts.attempts.clarify(claim)));
  const ended = await parts.store.completeFinished(parts.clock.now());
  if (ended.length > 0)
    parts.log.warn({ batchIds: ended }, "Batches in which nobody was left to call were still running");
}
