import { countryOf, zonesAgainst } from "../phone/recipient-time.ts";
import { counted } from "../text.ts";
import { recipientQuietHours } from "../time/recipient-hours.ts";
import { type CallingRules, type Recipient, recipientClock } from "./plan.ts";

/** Rows whose zone shows the time of no zone of the country of their number: one of the two may be somebody else's. */
export type ZoneConflict = {
  /** IANA zone that the list gives. */
  readonly zone: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** The zones that the numbers tell; the first few of them. */
  readonly ofNumbers: readonly string[];
  readonly rows: number;
  /** The first few of them. */
  readonly firstRows: readonly number[];
};

const mostRows = 5;
const mostZones = 2;
const mostTexts = 5;
const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

type ZonedPerson = Pick<Recipient, "row" | "timezone"> & { readonly toNumber: string };

/** The rows of these people whose zone contradicts their number, by zone and country. */
export function findZoneConflicts(people: readonly ZonedPerson[]): readonly ZoneConflict[] {
  const found = people.flatMap(({ row, toNumber, timezone }): readonly ZoneConflict[] => {
    const against = zonesAgainst(toNumber, timezone);
    if (timezone === undefined || !against) return [];
    return [{ zone: timezone, country: countryOf(toNumber) ?? "", ofNumbers: against, rows: 1, firstRows: [row] }];
  });
  return mergeZoneConflicts([found]);
}

/** Those of several lists, or of parts of one. */
export function mergeZoneConflicts(all: readonly (readonly ZoneConflict[])[]): readonly ZoneConflict[] {
  const merged = new Map<string, ZoneConflict>();
  for (const conflict of all.flat()) {
    const { zone, country, ofNumbers, rows, firstRows } = conflict;
    const key = `${zone} ${country}`;
    const known = merged.get(key);
    merged.set(key, {
      zone,
      country,
      ofNumbers: [...new Set([...(known?.ofNumbers ?? []), ...ofNumbers])].slice(0, mostZones),
      rows: (known?.rows ?? 0) + rows,
      firstRows: [...(known?.firstRows ?? []), ...firstRows].slice(0, mostRows),
    });
  }
  return [...merged.values()];
}

/** What people read of them, a sentence or two for each kind, and what becomes of retries at times of theirs. */
export function toZoneConflictTexts(conflicts: readonly ZoneConflict[], rules: CallingRules = {}): readonly string[] {
  const others = conflicts.slice(mostTexts).reduce((sum, { rows }) => sum + rows, 0);
  return [
    ...conflicts
      .slice(0, mostTexts)
      .map((conflict) => `${toText(conflict)}${toRetryText(rules)} Correct what is wrong.`),
    ...(others > 0
      ? [
          `${counted(others, "more row has a zone that its number contradicts", "more rows have zones that their numbers contradict")}.`,
        ]
      : []),
  ];
}

function toText({ zone, country, ofNumbers, rows, firstRows }: ZoneConflict): string {
  const named = `${firstRows.join(", ")}${rows > firstRows.length ? " and more" : ""}`;
  const who = `${counted(rows, "row")} (${named}) ${rows === 1 ? "has" : "have"} the zone ${zone} and ${rows === 1 ? "a number" : "numbers"} of ${countryNames.of(country) ?? country} (${ofNumbers.join(", ")})`;
  return `${who}: quiet hours hold on both clocks, times on the first.`;
}

function toRetryText(rules: CallingRules): string {
  if (!recipientQuietHours(rules)) return "";
  const times = (rules.retryRules ?? []).flatMap(({ enabled, timing }) =>
    enabled && timing.kind === "at" && timing.zone === recipientClock ? timing.time : [],
  );
  if (times.length === 0) return "";
  return ` A retry at ${[...new Set(times)].join(" or ")} that falls into quiet hours on either is made when they are over on both.`;
}
