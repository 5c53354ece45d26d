import { zonesOfRecipient } from "../phone/recipient-time.ts";
import { type Issue, isIssue } from "../problem.ts";
import { plainText } from "../text.ts";
import { reachedOnAll } from "../time/recipient-hours.ts";
import { lastZone } from "../time/zone.ts";
import { parseZone, readZone } from "../time/zone-name.ts";

const dateShape = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2})?(?:\.\d+)?(?:(Z)|([+-]\d{2}):?(\d{2}))?)?$/;

/** A day, or a time of a day, as ISO 8601 writes it. Other ways leave open which is the month. */
type WrittenTime = { readonly wall: string; readonly offset?: string };

function readTime(cell: string): WrittenTime | undefined {
  const [, year, month, day, hour = "00", minute = "00", utc, offsetHours, offsetMinutes] =
    dateShape.exec(cell.trim()) ?? [];
  if (year === undefined) return undefined;
  const wall = `${year}-${month}-${day}T${hour}:${minute}`;
  const atMs = Date.parse(`${wall}Z`);
  if (Number.isNaN(atMs) || !new Date(atMs).toISOString().startsWith(wall)) return undefined;
  const offset = utc ?? (offsetHours && `${offsetHours}:${offsetMinutes}`);
  return offset === undefined ? { wall } : { wall, offset };
}

export function isNotBefore(cell: string): boolean {
  return readTime(cell) !== undefined;
}

/** Why a row with such a cell is not called: called at once, it might be called before. */
export function notBeforeIssue(cell: string, field: string): Issue {
  const message = `"${plainText(cell, 40)}" is not read as a time; write 2026-03-02, 2026-03-02 10:00 or 2026-03-02T10:00+01:00.`;
  return { field, code: "invalid_time", message };
}

/**
 * Before when somebody is not called, as a cell says it: an instant, or a time on their own clock, a day being its first minute. The
 * latest of the clocks that may be theirs counts, of all clocks where nobody knows. Undefined for a blank cell.
 */
export function readNotBefore(cell: string, number: string, timezone: string | undefined): Date | undefined {
  const written = readTime(cell);
  if (!written) return undefined;
  const { wall, offset } = written;
  const at = offset === undefined ? undefined : new Date(wall + offset);
  if (at && !Number.isNaN(at.getTime())) return at;
  const zones = zonesOfRecipient(number, timezone);
  return reachedOnAll(wall, zones.length > 0 ? zones : [lastZone]);
}

/** The zone that a cell names; undefined for a blank one and one that names none. */
export function readTimezone(cell: string): string | undefined {
  return cell.trim() === "" ? undefined : readZone(cell.trim());
}

/** Why a row with such a cell is not called: by the clock of its number somebody might be called at night. Undefined for one that is read. */
export function timezoneIssue(cell: string, field: string): Issue | undefined {
  const read = readZone(cell.trim()) ?? parseZone(plainText(cell.trim(), 40), field);
  return isIssue(read) ? read : undefined;
}
