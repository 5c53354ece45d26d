/**
 * Quiet hours in every zone, two days to either side of every clock change from 2024 to 2037, in steps of 15 minutes,
 * judged by the machine's compiled tzdata, or by that in a directory given as argument. Exit 1 on any difference.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { QuietHours } from "../src/domain/batch/plan.ts";
import { isQuiet, nextOpening } from "../src/domain/time/quiet-hours.ts";
import { nextOffsetChange, zoneNames } from "../src/domain/time/zone.ts";
import { zoneDataRelease } from "../src/domain/time/zone-data.ts";
import { readTzif, type TzifRules, tzifOffset } from "./data/tzif.ts";

const minuteMs = 60_000;
const stepMs = 15 * minuteMs;
const aroundMs = 48 * 60 * minuteMs;
const from = Date.UTC(2024, 0);
const until = Date.UTC(2038, 0);
/** The last change of a year that has any is months before its end. */
const lastChangesFrom = Date.UTC(2037, 6);

// The usual hours of rest, and windows that start or end in the gaps and overlaps at midnight, of 30 minutes, at 2 and 3.
const windows: readonly QuietHours[] = [
  { enabled: true, start: "21:00", end: "08:00" },
  { enabled: true, start: "00:30", end: "02:30" },
  { enabled: true, start: "02:15", end: "09:00" },
  { enabled: true, start: "23:30", end: "00:30" },
];

const directory = process.argv[2] ?? "/usr/share/zoneinfo";
const figures = { zones: 0, changes: 0, instants: 0, checks: 0, differences: 0, outside: 0, late: 0 };

function toMinutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function isInWindow({ start, end }: QuietHours, localMs: number): boolean {
  const minutes = Math.floor(localMs / minuteMs) % 1440;
  const [first, last] = [toMinutes(start), toMinutes(end)];
  return first <= last ? first <= minutes && minutes < last : minutes >= first || minutes < last;
}

/** The changes that either source has. */
function allChanges(zone: string, source: TzifRules): readonly number[] {
  const changes = new Set(source.changes.filter((change) => change >= from && change < until));
  const end = new Date(until - 1);
  for (let at = nextOffsetChange(zone, new Date(from - 1), end); at; at = nextOffsetChange(zone, at, end)) {
    changes.add(at.getTime());
  }
  return [...changes];
}

function checkInstant(zone: string, source: TzifRules, at: number): void {
  const isQuietThere = (window: QuietHours, instant: number): boolean =>
    isInWindow(window, instant + tzifOffset(source, instant));
  for (const window of windows) {
    figures.checks++;
    if (isQuiet(window, zone, new Date(at)) !== isQuietThere(window, at)) figures.differences++;
    const opening = nextOpening(window, zone, new Date(at)).getTime();
    if (isQuietThere(window, opening)) figures.outside++;
    let earlier = at;
    while (earlier < opening && isQuietThere(window, earlier)) earlier += stepMs;
    if (earlier < opening) figures.late++;
  }
}

function checkZone(zone: string, source: TzifRules): void {
  const before = figures.differences + figures.outside + figures.late;
  const changes = allChanges(zone, source);
  const instants = new Set<number>();
  for (const change of changes) {
    for (let at = change - aroundMs; at <= change + aroundMs; at += stepMs) instants.add(at);
  }
  for (const at of instants) checkInstant(zone, source, at);
  figures.zones++;
  figures.changes += changes.length;
  figures.instants += instants.size;
  const wrong = figures.differences + figures.outside + figures.late - before;
  if (wrong > 0) console.log(`${zone}: ${wrong} of its checks differ`);
}

async function readRules(zone: string): Promise<TzifRules | Error> {
  try {
    const bytes = await readFile(join(directory, zone));
    return readTzif(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), lastChangesFrom);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function sourceRelease(): Promise<string> {
  const text = await readFile(join(directory, "tzdata.zi"), "latin1").catch(() => "");
  return /^# version (\S+)/.exec(text)?.[1] ?? "of unknown release";
}

console.log(`ours: tzdb ${zoneDataRelease}; compared with: tzdb ${await sourceRelease()} in ${directory}`);
const leftOut: string[] = [];
for (const zone of zoneNames()) {
  const rules = await readRules(zone);
  if (rules instanceof Error) leftOut.push(`${zone}: ${rules.message}`);
  else checkZone(zone, rules);
}
console.table(figures);
console.log(leftOut.length === 0 ? "no zone left out" : `left out:\n${leftOut.join("\n")}`);
const failures = figures.differences + figures.outside + figures.late;
process.exitCode = failures > 0 || figures.zones === 0 ? 1 : 0;
