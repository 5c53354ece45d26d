import { toWallTime } from "../../domain/time/zone.ts";
import type { StoredBatch } from "../store/index.ts";

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
