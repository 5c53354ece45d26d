/** Writes src/domain/time/zone-data.ts from the tzdb that moment-timezone carries; with `--check` fails when it is not current. */
import { readFile, writeFile } from "node:fs/promises";
import moment, { type MomentZone } from "moment-timezone";

// moment-timezone does not say when a release came out. The headings of tzdb's NEWS do.
const releasedOn = new Map([["2026f", "2026-10-27"]]);

const minuteMs = 60_000;
const firstYear = 2010;
const from = Date.UTC(firstYear, 0);
// The source goes on for centuries, but compiled tzdata, which the sweep compares with, lists changes up to here.
const until = Date.UTC(2038, 0);

// They never change their clocks, which is not what people mean by them.
const refusedNames = new Set(["EST", "HST", "MST"]);

/** Offset in minutes, local minus UTC, and the instant from which it holds. */
type Offset = { readonly minutes: number; readonly since: number };

function toOffsets({ untils, offsets }: MomentZone): readonly Offset[] {
  const all = offsets.map((minutes, index) => ({
    minutes: -minutes,
    since: untils[index - 1] ?? Number.NEGATIVE_INFINITY,
  }));
  const inTime = all.filter(({ since }, index) => (untils[index] ?? 0) > from && since < until);
  // Neighbours of one offset differ in their abbreviation only.
  return inTime.filter(({ minutes }, index) => minutes !== inTime[index - 1]?.minutes);
}

function minutesBetween(earlier: number, later: number): string {
  const minutes = (later - earlier) / minuteMs;
  if (!Number.isInteger(minutes)) throw new Error(`clocks change at ${new Date(later).toISOString()}, not on a minute`);
  return minutes.toString(36);
}

/** The rules as `parseRules` in src/domain/time/zone.ts reads them. */
function toRules(zone: MomentZone): string {
  const offsets = toOffsets(zone);
  const different = [...new Set(offsets.map(({ minutes }) => minutes))];
  if (!different.every(Number.isInteger)) throw new Error(`${zone.name} has an offset that is not in minutes`);
  const changes = offsets.slice(1);
  const turns = changes.map(({ minutes }) => different.indexOf(minutes).toString(36));
  const waits = changes.map(({ since }, index) => minutesBetween(changes[index - 1]?.since ?? from, since));
  return [different.join(" "), turns.join(""), waits.join(" ")].join("|");
}

function toLines(names: readonly string[]): readonly string[] {
  const namesByRules = new Map<string, string[]>();
  for (const name of names) {
    const zone = moment.tz.zone(name);
    if (!zone) throw new Error(`${name} is listed and has no rules`);
    const rules = toRules(zone);
    namesByRules.set(rules, [...(namesByRules.get(rules) ?? []), name]);
  }
  return [...namesByRules].map(([rules, sharing]) => `${sharing.join(" ")}|${rules}`);
}

function toModule(release: string): string {
  const released = releasedOn.get(release);
  if (!released) throw new Error(`add the day of tzdb ${release} to releasedOn; it is in the headings of tzdb's NEWS`);
  const lines = toLines(moment.tz.names().filter((name) => !refusedNames.has(name)));
  return `// Made by \`npm run zone-data\` from the tzdb in moment-timezone. Change scripts/zone-data.ts instead.

export const zoneDataRelease = "${release}";
export const zoneDataReleasedOn = "${released}";

/** Where the changes are counted from. The offsets of that instant are taken to have held before, the last ones to go on. */
export const zoneDataFrom = Date.UTC(${firstYear}, 0);

/** Names that share their rules, and the rules: see \`parseRules\` in zone-rules.ts. */
export const zoneLines: readonly string[] = [
${lines.map((line) => `  "${line}",`).join("\n")}
];
`;
}

const target = new URL("../../src/domain/time/zone-data.ts", import.meta.url);
const wanted = toModule(moment.tz.dataVersion);
const isCurrent = (await readFile(target, "utf8").catch(() => "")) === wanted;
if (process.argv.includes("--check")) {
  if (!isCurrent) console.error("src/domain/time/zone-data.ts is not current; run `npm run zone-data`.");
  process.exitCode = isCurrent ? 0 : 1;
} else {
  if (!isCurrent) await writeFile(target, wanted);
  console.log(`tzdb ${moment.tz.dataVersion}: ${isCurrent ? "already there" : "written"}, ${wanted.length} bytes`);
}
