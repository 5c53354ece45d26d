import { recipientClock } from "../batch/plan.ts";
import { isZone, zoneNames } from "./zone.ts";

const instant = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{1,2}):(\d{2})(:\d{2}(?:\.\d+)?)? ?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/;

/** A date and time in the one form that is read later, where the text has one meaning only: `2026-12-01 9:00 +0530`. Else the text. */
export function spellInstant(text: string): string {
  const [, date, hour, minute, seconds = "", offset = ""] = instant.exec(text.trim()) ?? [];
  if (date === undefined || hour === undefined) return text;
  return `${date}T${hour.padStart(2, "0")}:${minute}${seconds}${spellOffset(offset)}`;
}

function spellOffset(offset: string): string {
  const [, hours, minutes = "00"] = /^([+-]\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  return hours === undefined ? offset.toUpperCase() : `${hours}:${minutes}`;
}

/**
 * The instant of a count since 1970, in ISO 8601. Nobody says its unit: the API counts in milliseconds or in seconds, and below 1e11 it can
 * only be seconds. Undefined for what is no such count.
 */
export function instantOfCount(value: unknown): string | undefined {
  if (!/^\s*\d{9,14}\s*$/.test(String(value))) return undefined;
  const count = Number(value);
  const at = new Date(count < 1e11 ? count * 1000 : count);
  return Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 19)}Z`;
}

/** A time of day as `HH:MM`, where the text says it by a clock of 24 hours: `9:00`, `09:00:00`. Else the text. */
export function spellTimeOfDay(text: string): string {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})(?::00)?$/.exec(text.trim()) ?? [];
  return hour === undefined ? text : `${hour.padStart(2, "0")}:${minute}`;
}

let zonesByLetters: ReadonlyMap<string, string> | undefined;

/** The name of a zone, or `recipient`, in its own letter case. A text that is no such name comes back as it is. */
export function spellZone(text: string): string {
  if (isZone(text)) return text;
  zonesByLetters ??= new Map([recipientClock, ...zoneNames()].map((name) => [name.toLowerCase(), name]));
  return zonesByLetters.get(text.trim().toLowerCase()) ?? text;
}
