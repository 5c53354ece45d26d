import { type Answer, cleanAnswers, longestAnswerName, mostAnswers } from "../domain/batch/answers.ts";
import { isObject } from "./envelope.ts";

/**
 * Reads what a platform found out in a call, leniently: a list of `{name, value, quote}` (ours, a bridge's), or an object by
 * name, whose values are plain (custom analysis of Retell, structured data of Vapi) or `{value, rationale}` (data collection
 * of ElevenLabs). What is neither is left out, as are null and nested objects.
 */
export function fromAnswersBody(body: unknown): readonly Answer[] {
  if (Array.isArray(body)) return cleanAnswers(body.slice(0, mostRead).flatMap((entry) => toAnswer(undefined, entry)));
  if (!isObject(body)) return [];
  const entries = Object.entries(body).slice(0, mostRead);
  return cleanAnswers(entries.flatMap(([name, entry]) => toAnswer(name.slice(0, 4 * longestAnswerName), entry)));
}

const mostRead = 4 * mostAnswers;
const longestText = 10_000;
const quoteFields = ["quote", "rationale", "sentence"] as const;

/** The entry of an object by its key, or of a list by the name that it says itself. */
function toAnswer(key: string | undefined, entry: unknown): readonly Answer[] {
  if (!isObject(entry)) {
    const value = toText(entry);
    return key === undefined || value === undefined ? [] : [{ name: key, value }];
  }
  const name = key ?? entry["name"];
  const value = toText(entry["value"]);
  if (typeof name !== "string" || value === undefined) return [];
  const quote = quoteFields.map((field) => entry[field]).find((text) => typeof text === "string");
  return [{ name, value, ...(typeof quote === "string" && { quote: quote.slice(0, longestText) }) }];
}

function toText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value.slice(0, longestText);
    case "number":
      return Number.isFinite(value) ? String(value) : undefined;
    case "boolean":
      return value ? "yes" : "no";
  }
  if (!Array.isArray(value)) return undefined;
  const parts = value.slice(0, mostRead).map((part) => (Array.isArray(part) ? undefined : toText(part)));
  const texts = parts.filter((part) => part !== undefined);
  return texts.length === 0 || texts.length < parts.length ? undefined : texts.join(", ");
}
