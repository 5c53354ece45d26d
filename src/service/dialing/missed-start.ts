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
  return `The start at ${toWords(scheduledAt, timezone)} was missed by ${toDuration(lateMs)}: nothing was running at that time. Nobody was called. Resume the batch to start it now.`;
}

/**
 * Why a running batch is held in which somebody fell due while nothing ran, in words for its user; undefined when nobody was
 * due more than 15 minutes ago. Retries and the openings of calling hours are no more made up for unasked than starts.
 * `dueAt` is when the first of them could have been dialed after the last sign that something ran.
 */
export function whyMissed(dueAt: Date, { timezone }: Pick<StoredBatch, "timezone">, now: Date): string | undefined {
  const lateMs = now.getTime() - dueAt.getTime();
  if (lateMs <= toleratedMs) return undefined;
  return `Calls that were due at ${toWords(dueAt, timezone)} were missed by ${toDuration(lateMs)}: nothing was running at that time. Resume the batch to go on.`;
}

/** Whether nothing ran for so long that what fell due meanwhile is not made up for. */
export function isLongGap(gapMs: number): boolean {
  return gapMs > toleratedMs;
}

function toWords(at: Date, timezone: string): string {
  return `${toWallTime(at, timezone).replace("T", " ")} (${timezone})`;
}

function toDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
