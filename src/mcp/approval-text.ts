import { plainText } from "../domain/text.ts";
import { isZone, toWallTime } from "../domain/time/zone.ts";
import type { StartSummary } from "../tools/tool.ts";

const longestName = 80;
const longestSentence = 200;
const mostCountries = 6;

// Where clients that render Markdown would begin a link: `//`, `](`, `www.`.
const linkSeam = /(?<=\/)(?=\/)|(?<=\])(?=\()|(?<=www)(?=\.)/gi;

/** What a person reads before they agree to a launch: plain text, a line for each fact, nothing that can be clicked. */
export function toApprovalText(summary: StartSummary): string {
  const { name, batchId, agentName, agentId, fromNumber, countries, localWindow, samples, notes } = summary;
  const agent = agentName === undefined ? show(agentId) : `${quote(agentName)} (${show(agentId)})`;
  return [
    `Call ${countPeople(summary.recipients)}? These are real calls.`,
    `Batch: ${quote(name)} (${show(batchId)})`,
    `Agent: ${agent}`,
    `Caller id: ${show(fromNumber)}`,
    `Start: ${showStart(summary)}`,
    ...(countries.length > 0 ? [`Countries: ${showCountries(countries)}`] : []),
    ...(localWindow
      ? [`Phones ring between ${localWindow.first} and ${localWindow.last}, recipients' local time`]
      : []),
    ...(samples.length > 0 ? [`For example: ${samples.map((sample) => show(sample)).join("; ")}`] : []),
    ...notes.map((note) => `Note: ${show(note, longestSentence)}`),
  ].join("\n");
}

function countPeople(recipients: number): string {
  return recipients === 1 ? "1 person" : `${recipients} people`;
}

function showStart({ start, timezone }: StartSummary): string {
  if (start.kind === "now") return "as soon as you agree";
  const utc = `${showTime(start.at, "UTC")} UTC`;
  return isZone(timezone) ? `${showTime(start.at, timezone)} in ${timezone} (${utc})` : utc;
}

function showTime(at: Date, zone: string): string {
  return toWallTime(at, zone).replace("T", " ");
}

function showCountries(countries: StartSummary["countries"]): string {
  const shown = countries.slice(0, mostCountries).map(({ country, recipients }) => `${show(country)} ${recipients}`);
  const others = countries.slice(mostCountries).reduce((sum, { recipients }) => sum + recipients, 0);
  return [...shown, ...(others > 0 ? [`elsewhere ${others}`] : [])].join(", ");
}

function quote(text: string): string {
  return `"${show(text).replaceAll('"', "'")}"`;
}

function show(text: string, maxLength = longestName): string {
  return plainText(text, maxLength).replace(linkSeam, " ");
}
