import { toSharesText } from "../../domain/batch/caller-ids.ts";
import { recipientClock } from "../../domain/batch/plan.ts";
import { counted, plainText } from "../../domain/text.ts";
import { toHoursText } from "../../domain/time/calling-hours.ts";
import { isZone, toWallTime, type WallTime } from "../../domain/time/zone.ts";
import type { StartSummary, SummaryPart } from "./approval.ts";
import { toDayText } from "./day-text.ts";
import {
  type Fact,
  openingUnknown,
  toClockText,
  toExampleLines,
  toLeftOutLines,
  toOutlookFacts,
} from "./outlook-facts.ts";

const longestName = 80;
const longestSentence = 200;
// Three ids of batches can be in a rule.
const longestRule = 300;
const longestExample = 400;
const mostParts = 10;
const count = new Intl.NumberFormat("en-US");

// Where clients that render Markdown would begin a link: `//`, `](`, `www.`.
const linkSeam = /(?<=\/)(?=\/)|(?<=\])(?=\()|(?<=www)(?=\.)/gi;

/** What every form, page and terminal says beside the question. */
export const realCallsNotice = "These are real phone calls. Nothing rings unless you agree.";

/** The question itself. */
export function toQuestion({ recipients }: StartSummary): string {
  return `Call ${people(recipients)}?`;
}

/**
 * What a person reads before they agree to a start, in a form, on a page and at a terminal alike. Names, samples and
 * notes hold text from outside, which is stripped and cut. Plain text, one line each, nothing that can be clicked; a page has still to
 * escape it.
 */
export function toSummaryFacts(summary: StartSummary): readonly Fact[] {
  const { name, batchId, agentName, agentId, recipients, countries, notes, changes = [] } = summary;
  const { consent = {}, outlook = {}, leftOut = [], blanks = [], parts = [] } = summary;
  const facts: readonly Fact[] = [
    { label: "Batch", kind: "pair", lines: [quote(name), show(batchId)] },
    {
      label: "Changed since it was agreed to",
      kind: "list",
      lines: changes.map((change) => show(change, longestSentence)),
    },
    { label: "Who calls", kind: "pair", lines: agentName ? [quote(agentName), show(agentId)] : [show(agentId)] },
    { label: "From", ...toCallerLines(summary) },
    { label: "What for", kind: "pair", lines: said(consent.purpose) },
    { label: "Consent", kind: "pair", lines: said(consent.basis) },
    { label: "How many", kind: "pair", lines: [people(recipients)] },
    { label: "Parts", kind: "list", lines: toPartLines(parts) },
    { label: "Not called", kind: "list", lines: toLeftOutLines(leftOut).map((line) => show(line)) },
    { label: "Starts", kind: "pair", lines: describeStart(summary) },
    { label: "Phones ring", kind: "pair", lines: toHoursLines(summary) },
    ...toOutlookFacts({ ...outlook, countries }).map(shownFact),
    { label: "Blank", kind: "list", lines: blanks.map((blank) => show(blank, longestSentence)), isLong: true },
    { label: "For example", kind: "list", lines: toSampleLines(summary), isLong: true },
    { label: "Also", kind: "list", lines: notes.map((note) => show(note, longestSentence)) },
  ];
  return facts.filter(({ lines }) => lines.length > 0);
}

function toCallerLines({ fromNumber, callerIds }: StartSummary): Pick<Fact, "kind" | "lines"> {
  if (!callerIds) return { kind: "pair", lines: [show(fromNumber)] };
  return { kind: "list", lines: toSharesText(callerIds).map((line) => show(line)) };
}

/** Words of whoever made the batch. */
function said(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [show(text, longestSentence)];
}

function shownFact({ lines, ...fact }: Fact): Fact {
  return { ...fact, lines: lines.map((line) => show(line, longestRule)) };
}

/** What was said to the first people does not show what a later change adds: then the numbers that are new stand alone. */
function toSampleLines({ samples, examples, opening, changes = [] }: StartSummary): readonly string[] {
  if (!examples || examples.length === 0 || changes.length > 0) return samples.map((sample) => show(sample));
  const lines = toExampleLines(examples, opening).map((line) => show(line, longestExample));
  return opening === undefined ? [...lines, openingUnknown] : lines;
}

/** `1 person`, `1,200 people`. */
export function people(recipients: number): string {
  return counted(recipients, "person", "people");
}

/** When the batch is to start: on the clocks of its zone, then in UTC. */
export function describeStart({
  start,
  timezone,
  firstRing,
}: Pick<StartSummary, "start" | "timezone" | "firstRing">): readonly string[] {
  const later = firstRing === undefined ? [] : [`the first phone can ring ${toClockText(firstRing)}`];
  if (start.kind === "now")
    return [later.length === 0 ? "now, as soon as you agree" : `as soon as you agree; ${later}`];
  const own = start.local === undefined ? [] : [`${toSentence(start.local)} on everybody's own clock`];
  const utc = `${toSentence(toWallTime(start.at, "UTC"))} UTC`;
  const first = isZone(timezone) ? [`${toSentence(toWallTime(start.at, timezone))} in ${timezone}`, utc] : [utc];
  return own.length === 0 ? [...first, ...later] : [...own, `for the first of them ${first.join(", ")}`, ...later];
}

function toHoursLines({ hours, localWindow }: StartSummary): readonly string[] {
  const own = localWindow && `${localWindow.first} to ${localWindow.last}, on the recipients' own clocks`;
  const isSame = hours?.zone === recipientClock && hours.start === localWindow?.first && hours.end === localWindow.last;
  const isAllDay = localWindow?.first === "00:00" && localWindow.last === "24:00";
  return [hours && toHoursText(hours), isSame || (hours && isAllDay) ? undefined : own].filter(
    (line) => line !== undefined,
  );
}

function toSentence(wall: WallTime): string {
  return `${toDayText(wall.slice(0, 10))}, ${wall.slice(11)}`;
}

/** Each part by its id and size, where they are many the first of them. */
function toPartLines(parts: readonly SummaryPart[]): readonly string[] {
  const named = parts.length > mostParts ? parts.slice(0, mostParts - 1) : parts;
  const others = parts.slice(named.length);
  const more = others.reduce((sum, { recipients }) => sum + recipients, 0);
  return [
    ...named.map(({ batchId, recipients }) => `${show(batchId)}: ${count.format(recipients)}`),
    ...(others.length > 0 ? [`${counted(others.length, "more part")}: ${count.format(more)}`] : []),
  ];
}

function quote(text: string): string {
  return `"${show(text).replaceAll('"', "'")}"`;
}

function show(text: string, maxLength = longestName): string {
  return plainText(text, maxLength).replace(linkSeam, " ");
}
