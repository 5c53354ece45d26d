import { z } from "zod";
import {
  type Answer,
  type AnswerSummary,
  type AnswerWanted,
  cleanAnswers,
  longestAnswerName,
  mostAnswers,
  wantedLimits,
} from "../domain/batch/answers.ts";
import { namesOptOut, readOptOut } from "../domain/said.ts";
import { plainText } from "../domain/text.ts";
import { isObject } from "./envelope.ts";
import { givenText, present } from "./fields.ts";

/** Answers as our service writes them: a list, so that no name of somebody else's making becomes a key. */
export const answersBody = z.array(z.object({ name: z.string(), value: z.string(), quote: z.string().optional() }));

export function toAnswersBody(answers: readonly Answer[] | undefined): z.input<typeof answersBody> | undefined {
  return answers?.map((answer) => ({ ...answer }));
}

const count = z.int().nonnegative();
/** Counts of a batch's answers, one entry for each name. */
export const answerCountsBody = z.array(
  z.object({
    name: z.string(),
    values: z.array(z.object({ value: z.string(), recipients: count })).describe("The 20 most frequent, those first."),
    others: count.describe("Recipients with one of the other values."),
    without: count.describe("Recipients who answered the phone and gave no answer to it."),
  }),
);

export function toAnswerCountsBody({ byName }: AnswerSummary): z.input<typeof answerCountsBody> {
  return byName.map(({ values, ...counts }) => ({ ...counts, values: values.map((value) => ({ ...value })) }));
}

const plainName = givenText(longestAnswerName)
  .min(1)
  .refine((name) => plainText(name, longestAnswerName) === name, {
    error: "Must be one line without control characters and without spaces at its ends.",
    params: { code: "not_plain" },
  });
const choice = givenText(wantedLimits.choice).min(1);

/** What is to be found out in every call of a batch: an extension, as no page of the API has it. */
export const answersWantedBody = z
  .array(
    z.strictObject({
      name: plainName.describe("By which the answer comes back; at most 60 characters, once."),
      meaning: givenText(wantedLimits.meaning).min(1).describe("What is to be found out, in words."),
      choices: z.array(choice).min(1).max(wantedLimits.choices).nullish().describe("The only values that it may have."),
    }),
  )
  .max(wantedLimits.names)
  .refine((wanted) => new Set(wanted.map(({ name }) => name)).size === wanted.length, {
    error: "Must have each name once.",
    params: { code: "duplicate" },
  });

export function toAnswersWantedBody(wanted: readonly AnswerWanted[]): z.input<typeof answersWantedBody> {
  return wanted.map(({ name, meaning, choices }) => ({ name, meaning, ...(choices && { choices: [...choices] }) }));
}

/** None where there are none: an empty list asks for nothing. */
export function fromAnswersWantedBody(
  body: z.output<typeof answersWantedBody> | null | undefined,
): readonly AnswerWanted[] | undefined {
  if (!body || body.length === 0) return undefined;
  return body.map(({ name, meaning, choices }) => ({ name, meaning, ...present({ choices }) }));
}

/**
 * Reads what a platform found out in a call, leniently: a list of `{name, value, quote}` (ours, a bridge's), or an object by
 * name, whose values are plain (custom analysis of Retell, structured data of Vapi) or `{value, rationale}` (data collection
 * of ElevenLabs); either as text, too. What is nested in an object is named with it: `analysis.opt_out`. The rest is left out, as is null.
 * Wishes not to be called any more are kept whatever else is too much, and before a no of the same name.
 */
export function fromAnswersBody(body: unknown): readonly Answer[] {
  const found = readNamed("", typeof body === "string" ? fromJsonText(body) : body, deepest);
  const wishes = found.filter(({ name, value }) => namesOptOut(name) && readOptOut(value) !== "no");
  const kept = cleanAnswers(found);
  const isLost = (wish: Answer): boolean =>
    cleanAnswers([wish]).some((one) => !kept.some((other) => isSame(one, other)));
  return wishes.some(isLost) ? cleanAnswers([...wishes, ...found]) : kept;
}

function isSame(one: Answer, other: Answer): boolean {
  return one.name === other.name && one.value === other.value;
}

/** The answers of several places of one report: those of the first that has any, and what any place says of an opt-out that is not a no. */
export function fromAnswerPlaces(places: readonly unknown[]): readonly Answer[] {
  const found = places.map(fromAnswersBody);
  const first = found.find((answers) => answers.length > 0) ?? [];
  const wishes = found.flat().filter(({ name, value }) => namesOptOut(name) && readOptOut(value) !== "no");
  return fromAnswersBody([...first, ...wishes]);
}

/** How deep an answer may be nested. */
const deepest = 3;
const longestJson = 200_000;

function fromJsonText(text: string): unknown {
  if (text.length > longestJson || !/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readNamed(path: string, body: unknown, depth: number): readonly Answer[] {
  const isList = Array.isArray(body);
  if (depth === 0 || !(isList || isObject(body))) return [];
  const entries = isList ? body.map((entry) => [undefined, entry] as const) : Object.entries(body);
  return entries.slice(0, mostRead).flatMap(([key, entry]): readonly Answer[] => {
    const name = key === undefined ? undefined : `${path}${key}`.slice(0, 4 * longestAnswerName);
    const answers = toAnswer(name, entry);
    if (answers.length > 0 || !isObject(entry) || "value" in entry) return answers;
    return readNamed(name === undefined ? path : `${name}.`, entry, depth - 1);
  });
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
