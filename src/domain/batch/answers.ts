import type { Issue } from "../problem.ts";
import { plainText } from "../text.ts";

/** What was found out in one call, by name. Name, value and quote are words of other people: data, and never more than that. */
export type Answer = {
  readonly name: string;
  readonly value: string;
  /** The sentence that it rests on, where the platform gives it. */
  readonly quote?: string;
};

/** What is to be found out in every call of a batch, where the carrier can be told. */
export type AnswerWanted = {
  readonly name: string;
  /** In words, for whoever extracts it. */
  readonly meaning: string;
  /** The only values that it may have; any when absent. */
  readonly choices?: readonly string[];
};

export const mostAnswers = 30;
export const longestAnswerName = 60;
const longestValue = 500;
const longestQuote = 500;
/** What one batch may want, as the service takes it. */
export const wantedLimits = { names: 20, name: longestAnswerName, meaning: 300, choices: 20, choice: 100 };

/** The answers as they are kept: one plain line each, at most 30, of one name the first. Those without a name or a value are left out. */
export function cleanAnswers(found: readonly Answer[]): readonly Answer[] {
  const byName = new Map<string, Answer>();
  for (const { name, value, quote } of found) {
    if (byName.size >= mostAnswers) break;
    const clean = { name: plainText(name, longestAnswerName), value: plainText(value, longestValue) };
    if (clean.name === "" || clean.value === "" || byName.has(clean.name)) continue;
    const said = plainText(quote ?? "", longestQuote);
    byName.set(clean.name, said === "" ? clean : { ...clean, quote: said });
  }
  return [...byName.values()];
}

/** Everything that is wrong with what is wanted. */
export function answersWantedIssues(wanted: readonly AnswerWanted[]): readonly Issue[] {
  const issue = (field: string, code: string, message: string): Issue => ({ field, code, message });
  const issues = wanted.flatMap(({ name, meaning, choices }, index) => {
    const at = `answers_wanted[${index}]`;
    const isFirst = wanted.findIndex((other) => other.name === name) === index;
    return [
      isPlain(name, wantedLimits.name) ||
        issue(`${at}.name`, "not_plain", `Must be one line of at most ${wantedLimits.name} characters.`),
      isFirst || issue(`${at}.name`, "duplicate", "Is wanted twice. Give each answer a name of its own."),
      isPlain(meaning, wantedLimits.meaning) ||
        issue(`${at}.meaning`, "not_plain", `Must be one line of at most ${wantedLimits.meaning} characters.`),
      choices === undefined ||
        (choices.length > 0 && choices.length <= wantedLimits.choices && choices.every(isChoice)) ||
        issue(
          `${at}.choices`,
          "not_plain",
          `Must be 1 to ${wantedLimits.choices} lines of at most ${wantedLimits.choice} characters. Leave choices out where any answer will do.`,
        ),
    ].filter((found) => typeof found === "object");
  });
  if (wanted.length <= wantedLimits.names) return issues;
  return [...issues, issue("answers_wanted", "too_many", `At most ${wantedLimits.names} answers can be wanted.`)];
}

function isChoice(text: string): boolean {
  return isPlain(text, wantedLimits.choice);
}

function isPlain(text: string, longest: number): boolean {
  return text !== "" && plainText(text, longest) === text;
}

/** How often each value of one answer was given. */
export type AnswerCounts = {
  readonly name: string;
  /** The most frequent first. */
  readonly values: readonly { readonly value: string; readonly recipients: number }[];
  /** Recipients with one of the values that are too many to be listed. */
  readonly others: number;
  /** Recipients who answered the phone and gave no answer to it. */
  readonly without: number;
};

/** What the recipients of a batch answered, counted. */
export type AnswerSummary = {
  /** Who answered the phone: each of them gave an answer, or none, to every name. */
  readonly recipients: number;
  /** In alphabetical order. */
  readonly byName: readonly AnswerCounts[];
};

const mostValues = 20;
const mostNames = 50;

/** Counts the answers of recipients who answered the phone, one list for each of them; an empty one is somebody who gave none. */
export function countAnswers(recipients: readonly (readonly Answer[])[]): AnswerSummary {
  const tally: Tally = new Map();
  for (const answers of recipients) for (const { name, value } of answers) add(tally, name, value, 1);
  return toSummary(tally, recipients.length);
}

/** The same from counts of single values. */
export function summarizeAnswers(
  counts: readonly { readonly name: string; readonly value: string; readonly recipients: number }[],
  recipients: number,
): AnswerSummary {
  const tally: Tally = new Map();
  for (const one of counts) add(tally, one.name, one.value, one.recipients);
  return toSummary(tally, recipients);
}

/** Counts of several batches as those of all of them. */
export function sumAnswers(parts: readonly AnswerSummary[]): AnswerSummary {
  const tally: Tally = new Map();
  const others = new Map<string, number>();
  for (const { name, values, others: more } of parts.flatMap(({ byName }) => byName)) {
    for (const { value, recipients } of values) add(tally, name, value, recipients);
    others.set(name, (others.get(name) ?? 0) + more);
  }
  return toSummary(
    tally,
    parts.reduce((sum, { recipients }) => sum + recipients, 0),
    others,
  );
}

/** How often each value was given, by name. */
type Tally = Map<string, Map<string, number>>;

function add(tally: Tally, name: string, value: string, recipients: number): void {
  const values = tally.get(name) ?? new Map<string, number>();
  values.set(value, (values.get(value) ?? 0) + recipients);
  tally.set(name, values);
}

/** Free texts of many values are cut to the 20 most frequent. */
function toSummary(tally: Tally, recipients: number, moreOf: ReadonlyMap<string, number> = new Map()): AnswerSummary {
  const names = [...tally].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, mostNames);
  const byName = names.map(([name, values]): AnswerCounts => {
    const ranked = [...values].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    const shown = ranked.slice(0, mostValues).map(([value, count]) => ({ value, recipients: count }));
    const cut = ranked.slice(mostValues).reduce((sum, [, count]) => sum + count, 0);
    const others = cut + (moreOf.get(name) ?? 0);
    const given = shown.reduce((sum, one) => sum + one.recipients, others);
    return { name, values: shown, others, without: Math.max(0, recipients - given) };
  });
  return { recipients, byName };
}

const longestShown = 60;

/** `confirmed 212, wants another day 31, no answer to it 40`, behind the name. */
export function toAnswerCountsText({ name, values, others, without }: AnswerCounts): string {
  const parts = [
    ...values.map(({ value, recipients }) => `${plainText(value, longestShown)} ${recipients}`),
    ...(others > 0 ? [`other values ${others}`] : []),
    ...(without > 0 ? [`no answer to it ${without}`] : []),
  ];
  return `${name}: ${parts.join(", ")}`;
}
