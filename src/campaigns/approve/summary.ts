import { plainText } from "../../domain/text.ts";
import { toHoursText } from "../../domain/time/calling-hours.ts";
import { isZone, toWallTime, type WallTime } from "../../domain/time/zone.ts";
import type { StartSummary } from "./approval.ts";

/**
 * One thing that a person should know before they agree. Plain text, one line each, nothing that can be clicked; a page
 * has still to escape it. `pair`: a main line and what makes it precise. `list`: lines of the same kind.
 */
export type Fact = { readonly label: string; readonly kind: "pair" | "list"; readonly lines: readonly string[] };

const longestName = 80;
const longestSentence = 200;
const mostCountries = 6;
const count = new Intl.NumberFormat("en-US");
const countryNames = new Intl.DisplayNames(["en"], { type: "region" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "UTC" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

// Where clients that render Markdown would begin a link: `//`, `](`, `www.`.
const linkSeam = /(?<=\/)(?=\/)|(?<=\])(?=\()|(?<=www)(?=\.)/gi;

/** What every form, page and terminal says beside the question. */
export const realCallsNotice = "These are real phone calls. Nothing rings unless you agree.";

/** The question itself. */
export function toQuestion({ recipients }: StartSummary): string {
  return `Call ${people(recipients)}?`;
}

/** What did not change since somebody agreed to the batch that runs. */
const knownLabels: ReadonlySet<string> = new Set(["Who calls", "From", "Countries"]);

/**
 * What a person reads before they agree to a start, in a form, on a page and at a terminal alike. Names, samples and
 * notes hold text from outside, which is stripped and cut.
 */
export function toSummaryFacts(summary: StartSummary): readonly Fact[] {
  const {
    name,
    batchId,
    agentName,
    agentId,
    fromNumber,
    recipients,
    countries,
    samples,
    notes,
    changes = [],
  } = summary;
  const facts: readonly Fact[] = [
    { label: "Batch", kind: "pair", lines: [quote(name), show(batchId)] },
    {
      label: "Changed since it was agreed to",
      kind: "list",
      lines: changes.map((change) => show(change, longestSentence)),
    },
    { label: "Who calls", kind: "pair", lines: agentName ? [quote(agentName), show(agentId)] : [show(agentId)] },
    { label: "From", kind: "pair", lines: [show(fromNumber)] },
    { label: "How many", kind: "pair", lines: [people(recipients)] },
    { label: "Starts", kind: "pair", lines: describeStart(summary) },
    { label: "Countries", kind: "list", lines: toCountryLines(countries) },
    { label: "Phones ring", kind: "pair", lines: toHoursLines(summary) },
    { label: "For example", kind: "list", lines: samples.map((sample) => show(sample)) },
    { label: "Also", kind: "list", lines: notes.map((note) => show(note, longestSentence)) },
  ];
  const isShown = ({ label, lines }: Fact) => lines.length > 0 && !(changes.length > 0 && knownLabels.has(label));
  return facts.filter(isShown);
}

/** `1 person`, `1,200 people`. */
export function people(recipients: number): string {
  return `${count.format(recipients)} ${recipients === 1 ? "person" : "people"}`;
}

/** When the batch is to start: on the clocks of its zone, then in UTC. */
export function describeStart({ start, timezone }: Pick<StartSummary, "start" | "timezone">): readonly string[] {
  if (start.kind === "now") return ["now, as soon as you agree"];
  const own = start.local === undefined ? [] : [`${toSentence(start.local)} on everybody's own clock`];
  const utc = `${toSentence(toWallTime(start.at, "UTC"))} UTC`;
  const first = isZone(timezone) ? [`${toSentence(toWallTime(start.at, timezone))} in ${timezone}`, utc] : [utc];
  return own.length === 0 ? first : [...own, `for the first of them ${first.join(", ")}`];
}

function toHoursLines({ hours, localWindow }: StartSummary): readonly string[] {
  const own = localWindow && `${localWindow.first} to ${localWindow.last}, on the recipients' own clocks`;
  return [hours && toHoursText(hours), own].filter((line) => line !== undefined);
}

function toSentence(wall: WallTime): string {
  const day = new Date(`${wall.slice(0, 10)}T00:00Z`);
  return `${weekday.format(day)} ${date.format(day)}, ${wall.slice(11)}`;
}

function toCountryLines(countries: StartSummary["countries"]): readonly string[] {
  const others = countries.slice(mostCountries);
  const elsewhere = others.reduce((sum, { recipients }) => sum + recipients, 0);
  return [
    ...countries
      .slice(0, mostCountries)
      .map(({ country, recipients }) => `${toCountryName(country)}: ${count.format(recipients)}`),
    ...(others.length > 0 ? [`elsewhere: ${count.format(elsewhere)}`] : []),
  ];
}

function toCountryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (countryNames.of(code) ?? code) : show(code);
}

function quote(text: string): string {
  return `"${show(text).replaceAll('"', "'")}"`;
}

function show(text: string, maxLength = longestName): string {
  return plainText(text, maxLength).replace(linkSeam, " ");
}
