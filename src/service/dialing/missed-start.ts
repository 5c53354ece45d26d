import { type GrantStanding, whyNotGranted } from "../../domain/batch/grant.ts";
import { toWallTime } from "../../domain/time/zone.ts";
import type { StoredBatch } from "../store/index.ts";

const toleratedMs = 15 * 60_000;

/**
 * Why a scheduled batch whose time has come is held instead of started, in words for its user; undefined when it may start. A
 * start that is missed by more than 15 minutes (machine asleep, everything closed) is never made up for unasked.
 */
export function whyNotStarted(
  grant: GrantStanding | undefined,
  { status, scheduledAt, timezone, contentDigest }: StoredBatch,
  now: Date,
): string | undefined {
  // It was started, or given a later start, meanwhile.
  if (status !== "scheduled" || !scheduledAt || scheduledAt > now) return undefined;
  const lateMs = now.getTime() - scheduledAt.getTime();
  if (lateMs <= toleratedMs) return whyNotGranted(grant, { contentDigest }, now);
  const start = `${toWallTime(scheduledAt, timezone).replace("T", " ")} (${timezone})`;
  return `The start at ${start} was missed by ${toDuration(lateMs)}: nothing was running at that time. Nobody was called. Resume the batch to start it now.`;
}

function toDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
