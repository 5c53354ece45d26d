import type { HeldPeople } from "../../domain/batch/held-people.ts";
import type { Outlook } from "../../domain/batch/outlook.ts";
import type { LeftOut } from "../../domain/batch/plan.ts";
import { type Example, fillOpening } from "../../domain/batch/preview-examples.ts";
import type { LocalTime } from "../../domain/batch/preview-places.ts";
import { toMoneyText } from "../../domain/start-policy.ts";
import { counted } from "../../domain/text.ts";
import { toDayText } from "./day-text.ts";

/**
 * One thing that a person should know before they agree, or decide to ask for a start. `pair`: a main line and what makes it precise.
 * `list`: lines of the same kind. Lines may hold text from outside.
 */
export type Fact = {
  readonly label: string;
  readonly kind: "pair" | "list";
  readonly lines: readonly string[];
  /** Many lines or long ones: where there is little room the first three, cut, are enough. */
  readonly isLong?: true;
};

/** `elsewhere`: people in further groups, where countries and zones are not all of them. */
type KnownOutlook = { readonly [K in keyof Outlook]?: Outlook[K] | undefined } & {
  readonly elsewhere?: { readonly countries: number; readonly zones: number } | undefined;
};

const mostGroups = 6;
const count = new Intl.NumberFormat("en-US");
const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

/** What is known of a start, in the same words wherever a person reads them. Without lines where it is not known. */
export function toOutlookFacts(outlook: KnownOutlook): readonly Fact[] {
  const { countries = [], zones = [], rules = [], rings, held = [], cost, elsewhere } = outlook;
  return [
    {
      label: "Countries",
      kind: "list",
      lines: toGroupLines(countries, ({ country }) => toCountryName(country), elsewhere?.countries),
    },
    {
      label: "Time zones",
      kind: "list",
      lines: toGroupLines(zones, (group) => toZonesText(group.zones), elsewhere?.zones),
    },
    { label: "Rules", kind: "list", lines: rules },
    {
      label: "First and last ring",
      kind: "list",
      lines: rings
        ? [`not before ${toClockText(rings.first)}`, `at the latest ${toClockText(rings.last)}, by the rules`]
        : [],
    },
    { label: "Held back", kind: "list", lines: toHeldLines(held) },
    { label: "Expected", kind: "list", lines: toForecastLines(outlook) },
    {
      label: "Cost",
      kind: "list",
      lines: cost
        ? [
            `at most ${toMoneyText(cost.most, cost.currency)}`,
            `about ${toMoneyText(cost.likely, cost.currency)} expected`,
          ]
        : [],
    },
  ];
}

/** Rows that are not called, by reason: `3 on the do-not-call list`. */
export function toLeftOutLines(leftOut: readonly LeftOut[]): readonly string[] {
  return leftOut.map(({ code, rows }) => `${count.format(rows)} ${reasonWords[code] ?? code.replaceAll("_", " ")}`);
}

const reasonWords: Readonly<Record<string, string>> = {
  duplicate: "with a number that another row has",
  do_not_call: "on the do-not-call list",
  left_out: "left out on purpose",
  no_country: "with a number without its country",
  too_short: "with a number that is too short",
  too_long: "with a number that is too long",
  empty: "without a number",
  same_as_from_number: "with the number that calls",
  not_again: "who are not called again",
  excluded: "left out because of other batches",
  letters: "with letters in the number",
  spreadsheet_mangled: "with a number that a spreadsheet changed",
  emergency: "with an emergency number",
  short_code: "with a short code",
  extension: "with an extension",
  invalid: "with a number that is not valid",
  premium: "with a premium-rate number",
  shared_cost: "with a shared-cost number",
  satellite: "with a satellite number",
  number_type: "with a number that no person answers",
  ambiguous: "with a number that can be read in two ways",
  two_numbers: "with two numbers in one cell",
  country_contradiction: "with a number of another country than their row says",
  unknown_country: "with a country that is not known",
  unknown_zone: "with a time zone that is not known",
  invalid_time: "with a time that cannot be read",
  variables_too_large: "with too much text",
  unclosed_quote: "with a quote that is not closed",
  stray_quote: "with a quote in the wrong place",
  too_few_cells: "with fewer cells than columns",
  too_many_cells: "with more cells than columns",
  out_of_range: "with a number of retries that is not allowed",
};

const whyWords: Readonly<Record<Example["why"], string>> = {
  short: "shortest values",
  long: "longest values",
  gap: "with a blank",
};

/** Recipients with what the agent says to them first, as far as that is known, or the variables that it is given. */
export function toExampleLines(examples: readonly Example[], opening: string | undefined): readonly string[] {
  return examples.map(({ row, toNumber, variables, why }) => {
    const values = Object.entries(variables).map(([name, value]) => `${name}: ${value || "blank"}`);
    const said = opening === undefined ? values.join(", ") : `"${fillOpening(opening, variables)}"`;
    return `row ${row}, ${toNumber} (${whyWords[why]})${said === "" ? "" : `: ${said}`}`;
  });
}

export const openingUnknown = "The agent's opening is not known: the API does not tell it.";

/** `any of 29 zones from America/Adak` for a number that moves with a person. */
export function toZonesText(zones: readonly string[]): string {
  const [only = "not known", ...others] = zones;
  return others.length === 0 ? only : `any of ${zones.length} zones from ${only}`;
}

function toForecastLines({ calls, minutes, ends, unreached, assumes, stops }: KnownOutlook): readonly string[] {
  if (calls === undefined || minutes === undefined || unreached === undefined) return [];
  const last = ends ? `, the last around ${toClockText(ends)}` : "";
  return [
    `about ${counted(calls, "call")} in ${counted(minutes, "minute")} of calling${last}`,
    `about ${counted(unreached, "person", "people")} will probably answer none of them`,
    ...(stops ? [`it may stop earlier: ${stops.join(", or ")}`] : []),
    `these are estimates: ${assumes}`,
  ];
}

const mostHolds = 5;

/** Who waits, until when, and for which batch's call: `2 people wait until Tuesday 3 March 2026, 10:04 in America/New_York, since …`. */
export function toHeldLines(held: readonly HeldPeople[]): readonly string[] {
  const others = held.slice(mostHolds).reduce((sum, group) => sum + group.people, 0);
  return [
    ...held.slice(0, mostHolds).map(({ people, first, last, by }) => {
      const isOneTime = first.date === last.date && first.time === last.time;
      const until = isOneTime ? toClockText(first) : `${toDayText(first.date)}, ${first.time}, to ${toClockText(last)}`;
      return `${counted(people, "person waits", "people wait")} until ${until}, since ${by} called them`;
    }),
    ...(others > 0 ? [`${counted(others, "person waits", "people wait")} for other batches' calls`] : []),
    ...(held.length > 0 ? ["the operator sets how long a number that one batch reached rests from others"] : []),
  ];
}

/** `Tuesday 3 March 2026, 10:04 in America/New_York` */
export function toClockText({ date, time, zone }: LocalTime): string {
  return `${toDayText(date)}, ${time} in ${zone}`;
}

function toGroupLines<T extends { readonly recipients: number }>(
  groups: readonly T[],
  nameOf: (group: T) => string,
  further = 0,
): readonly string[] {
  const others = groups.slice(mostGroups);
  const elsewhere = others.reduce((sum, { recipients }) => sum + recipients, further);
  return [
    ...groups.slice(0, mostGroups).map((group) => `${nameOf(group)}: ${count.format(group.recipients)}`),
    ...(elsewhere > 0 ? [`elsewhere: ${count.format(elsewhere)}`] : []),
  ];
}

function toCountryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (countryNames.of(code) ?? code) : code;
}
