import { zoneDataFrom, zoneLines } from "./zone-data.ts";

/** `offsets[0]` holds before `changes[0]`, `offsets[n]` from `changes[n - 1]` on. Both in ms, offsets as local minus UTC. */
export type ZoneRules = { readonly changes: readonly number[]; readonly offsets: readonly number[] };

const minuteMs = 60_000;

/**
 * Rules come as `offsets|turns|waits`: the different offsets in minutes, the first one first; which of them each change
 * brings, a digit each; the minutes from change to change in base 36, the first counted from `zoneDataFrom`.
 */
function parseRules(text: string): ZoneRules {
  const [offsets = "", turns = "", waits = ""] = text.split("|");
  const different = offsets.split(" ").map((minutes) => Number(minutes) * minuteMs);
  const inOrder = ["0", ...turns].map((turn) => different[Number.parseInt(turn, 36)] ?? Number.NaN);
  let at = zoneDataFrom;
  const changes = waits === "" ? [] : waits.split(" ").map((wait) => (at += Number.parseInt(wait, 36) * minuteMs));
  return { changes, offsets: inOrder };
}

const textByName = new Map(
  zoneLines.flatMap((line) => {
    const namesEnd = line.indexOf("|");
    const text = line.slice(namesEnd + 1);
    return line
      .slice(0, namesEnd)
      .split(" ")
      .map((name) => [name, text] as const);
  }),
);
const rulesByName = new Map<string, ZoneRules>();

export const ruledZones: readonly string[] = [...textByName.keys()].sort();

export function hasRules(zone: string): boolean {
  return textByName.has(zone);
}

/** Throws when the zone has none, for then somebody forgot to check its name. */
export function rulesOf(zone: string): ZoneRules {
  const known = rulesByName.get(zone);
  if (known) return known;
  const text = textByName.get(zone);
  if (text === undefined) throw new RangeError(`"${zone}" was used as a time zone without having been checked`);
  const rules = parseRules(text);
  rulesByName.set(zone, rules);
  return rules;
}

/** How many changes are not after the instant. */
function changesBy(instantMs: number, changes: readonly number[]): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle] ?? 0) <= instantMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Local minus UTC in ms. */
export function offsetAt(instantMs: number, { changes, offsets }: ZoneRules): number {
  return offsets[changesBy(instantMs, changes)] ?? Number.NaN;
}

/** The first instant after that one from which another offset holds. */
export function nextChange(instantMs: number, { changes }: ZoneRules): number | undefined {
  return changes[changesBy(instantMs, changes)];
}
