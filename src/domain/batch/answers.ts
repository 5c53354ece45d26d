import { plainText } from "../text.ts";

/** What was found out in one call, by name. Name, value and quote are words of other people: data, and never more than that. */
export type Answer = {
  readonly name: string;
  readonly value: string;
  /** The sentence that it rests on, where the platform gives it. */
  readonly quote?: string;
};

export const mostAnswers = 30;
export const longestAnswerName = 60;
const longestValue = 500;
const longestQuote = 500;

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
