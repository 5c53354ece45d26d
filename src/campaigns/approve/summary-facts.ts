import { plainText } from "../../domain/text.ts";
import { toWallTime, type WallTime } from "../../domain/time/zone.ts";
import type { StartSummary } from "./approval.ts";

/** One thing that a person should know before they agree, wherever they are asked. Plain text, one line each. */
export type Fact = { readonly label: string; readonly lines: readonly string[] };

const longestLine = 200;
const count = new Intl.NumberFormat("en-US");
const countryNames = new Intl.DisplayNames(["en"], { type: "region" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "UTC" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** Names, samples and notes hold text from outside, which is cut and stripped here; a page has still to escape it. */
export function toSummaryFacts(summary: StartSummary): readonly Fact[] {
  const { agentName, agentId, countries, localWindow, samples, notes } = summary;
  const facts: Fact[] = [
    { label: "Batch", lines: [summary.name, summary.batchId] },
    { label: "Who calls", lines: agentName ? [agentName, agentId] : [agentId] },
    { label: "From", lines: [summary.fromNumber] },
    { label: "How many", lines: [people(summary.recipients)] },
    { label: "Starts", lines: describeStart(summary) },
    {
      label: "Countries",
      lines: countries.map(({ country, recipients }) => `${toCountry(country)}: ${count.format(recipients)}`),
    },
    {
      label: "Phones ring",
      lines: localWindow ? [`${localWindow.first} to ${localWindow.last}, on the recipients' own clocks`] : [],
    },
    { label: "For example", lines: samples },
    { label: "Also", lines: notes },
  ];
  return facts
    .filter(({ lines }) => lines.length > 0)
    .map(({ label, lines }) => ({ label, lines: lines.map((line) => plainText(line, longestLine)) }));
}

/** `1 person`, `1,200 people`. */
export function people(recipients: number): string {
  return `${count.format(recipients)} ${recipients === 1 ? "person" : "people"}`;
}

/** When the batch is to start: on the clocks of its zone, then in UTC. */
export function describeStart({ start, timezone }: Pick<StartSummary, "start" | "timezone">): readonly string[] {
  if (start.kind === "now") return ["now, as soon as you agree"];
  return [`${atLength(toWallTime(start.at, timezone))} in ${timezone}`, `${atLength(toWallTime(start.at, "UTC"))} UTC`];
}

function atLength(wall: WallTime): string {
  const day = new Date(`${wall.slice(0, 10)}T00:00Z`);
  return `${weekday.format(day)} ${date.format(day)}, ${wall.slice(11)}`;
}

function toCountry(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (countryNames.of(code) ?? code) : code;
}
