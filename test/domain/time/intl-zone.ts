// Zone rules as Intl tells them, without our table and our own arithmetic: what the code under test is judged by.
// Intl goes by the tzdb that the runtime was built with. Zones whose rules have changed since are not left to it: the
// facts in zone-data.test.ts judge those, and the sweep in scripts/ compares every zone with a tzdb of the same release.

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const digits = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...digits });
  formats.set(zone, format);
  return format;
}

/** `YYYY-MM-DDTHH:MM` on the clocks of the zone. */
export function intlWallTime(instantMs: number, zone: string): string {
  // en-US writes MM/DD/YYYY, HH:MM.
  const text = formatOf(zone).format(instantMs);
  return `${text.slice(6, 10)}-${text.slice(0, 2)}-${text.slice(3, 5)}T${text.slice(12, 17)}`;
}

function intlOffsetMs(instantMs: number, zone: string): number {
  return Date.parse(`${intlWallTime(instantMs, zone)}Z`) - Math.floor(instantMs / minuteMs) * minuteMs;
}

function changeBetween(from: number, to: number, zone: string): number {
  const offset = intlOffsetMs(from, zone);
  let [before, changed] = [from, to];
  while (changed - before > minuteMs) {
    const middle = Math.floor((before + changed) / 2 / minuteMs) * minuteMs;
    if (intlOffsetMs(middle, zone) === offset) before = middle;
    else changed = middle;
  }
  return changed;
}

/** The instants at which clocks of the zone are changed from the start of one year to the start of another, in ms. */
export function clockChanges(zone: string, fromYear: number, toYear: number): readonly number[] {
  const changes: number[] = [];
  // The closest changes of any zone since 2011 are the four weeks of Ramadan apart.
  let offset = intlOffsetMs(Date.UTC(fromYear, 0), zone);
  for (let at = Date.UTC(fromYear, 0); at < Date.UTC(toYear, 0); at += 7 * dayMs) {
    const weekLater = at + 7 * dayMs;
    const nextOffset = intlOffsetMs(weekLater, zone);
    if (nextOffset !== offset) changes.push(changeBetween(at, weekLater, zone));
    offset = nextOffset;
  }
  return changes;
}

/** Zones by the tzdb release that changed their rules for some time after 2009, with their links, as its NEWS has them. */
export const zonesByChange = {
  "2025a": ["America/Asuncion"],
  "2025b": ["America/Coyhaique"],
  "2026a": ["Europe/Chisinau", "Europe/Tiraspol"],
  "2026b": ["America/Vancouver", "Canada/Pacific"],
  "2026c": ["America/Edmonton", "America/Yellowknife", "Canada/Mountain", "Africa/Casablanca", "Africa/El_Aaiun"],
  "2026d": ["America/Inuvik"],
  "2026e": ["America/Winnipeg", "America/Rainy_River", "Canada/Central"],
  "2026f": ["America/Havana", "Cuba"],
};

const runtimeRelease = process.versions["tz"] ?? "";
const outdated = new Set(
  Object.entries(zonesByChange).flatMap(([release, zones]) => (release > runtimeRelease ? zones : [])),
);

/** False where the runtime's tzdb is older than the rules of the zone. */
export function isJudgedByIntl(zone: string): boolean {
  return !outdated.has(zone);
}

/** The zones that Intl lists and may judge: the main names, most links left out. */
export const judgedZones: readonly string[] = Intl.supportedValuesOf("timeZone").filter(isJudgedByIntl);
