import { z } from "zod";
import { type Issue, isIssue } from "../domain/problem.ts";

export type SettingRow = {
  readonly name: `BATCH_CALL_${string}`;
  /** What docs/operating.md and --help say the default is. */
  readonly shownDefault: string;
  readonly about: string;
  /** How a client's form for the installation asks for it; without one it is not asked there. */
  readonly asked?: { readonly title: string; readonly kind: "text" | "secret" | "directory" };
};

/** The messages of a setting's schema complete the sentence "must be ...". */
export function amount(least: number, most: number) {
  const error = `a number from ${least} to ${most}`;
  return z.coerce.number(error).min(least, error).max(most, error);
}

export function wholeNumber(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.coerce.number(error).int(error).min(least, error).max(most, error);
}

/** A setting that the domain reads; its own words about a bad one are kept. */
export function readBy<T>(parse: (text: string) => T | Issue) {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (!isIssue(value)) return value;
    context.addIssue({ code: "custom", message: value.message, params: { isSentence: true } });
    return z.NEVER;
  });
}
