import { toWallTime } from "../../domain/time/zone.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { DialStore, StoredBatch } from "../store/index.ts";
import type { Attempts } from "./attempts.ts";

/**
 * Clarifies the attempts that processes which died left without an outcome. Nothing is dialed here: an attempt that the
 * carrier never took goes back to its place and is claimed again, under the same token and with every check.
 */
export async function recover(parts: { store: DialStore; attempts: Attempts; clock: Clock; log: Log }): Promise<void> {
  const claims = await parts.store.openAttempts(parts.attempts.held(), parts.clock.now());
  if (claims.length > 0)
    parts.log.info({ attempts: claims.length }, "Attempts without an outcome were found; the carrier is asked");
  await Promise.all(claims.map((claim) => parts.attempts.clarify(claim)));
}

const toleratedMs = 15 * 60_000;

/**
 * Why a scheduled batch is held instead of started, in words for its user; undefined when the start is in time. A start
 * that is missed by more than 15 minutes (machine asleep, everything closed) is never made up for unasked.
 */
export function missedStart(scheduledAt: Date, batch: StoredBatch, now: Date): string | undefined {
  const lateMs = now.getTime() - scheduledAt.getTime();
  if (lateMs <= toleratedMs) return undefined;
  const start = `${toWallTime(scheduledAt, batch.timezone).replace("T", " ")} (${batch.timezone})`;
  return `The start at ${start} was missed by ${toDuration(lateMs)}: nothing was running at that time. Nobody was called. Resume the batch to start it now.`;
}

function toDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
