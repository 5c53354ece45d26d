import { fieldNamed } from "../field-named.ts";
import { looksLikePhoneNumber } from "../list/cell-kinds.ts";
import { maskDigits, maskNumber } from "../phone/mask.ts";
import { plainText } from "../text.ts";
import type { Recipient } from "./plan.ts";
import { isBlank } from "./preview-variables.ts";

/** A recipient who shows how the agent's words come out; numbers are masked. */
export type Example = {
  readonly row: number;
  readonly toNumber: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Why this one: its values are the shortest or the longest, or the agent finds a variable blank. */
  readonly why: "short" | "long" | "gap";
};

const longestValue = 300;

/**
 * Up to three different recipients: the one with the shortest values, the one with the longest, and one who lacks a variable; in the order of their rows. `blank` are
 * the variables that some of them lack.
 */
export function chooseExamples(recipients: readonly Recipient[], blank: readonly string[]): readonly Example[] {
  const gap = recipients.find(({ variables }) => blank.some((name) => isBlank(fieldNamed(variables, name))));
  const whole = recipients.filter((recipient) => recipient !== gap);
  const long = mostOf(whole, lengthOf);
  const short = mostOf(
    whole.filter((recipient) => recipient !== long),
    (recipient) => -lengthOf(recipient),
  );
  return [
    ...(short ? [toExample(short, "short")] : []),
    ...(long ? [toExample(long, "long")] : []),
    ...(gap ? [toExample(gap, "gap")] : []),
  ].sort((a, b) => a.row - b.row);
}

/**
 * What the agent says first to that recipient: its opening with the variables filled in. What is blank stands in brackets, as
 * nobody knows what the agent makes of it.
 */
export function fillOpening(opening: string, variables: Readonly<Record<string, string>>): string {
  return opening.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => {
    const value = fieldNamed(variables, name);
    return value === undefined || isBlank(value) ? `[${name}: blank]` : value;
  });
}

function lengthOf({ variables }: Recipient): number {
  return Object.values(variables).reduce((sum, value) => sum + value.length, 0);
}

function mostOf(recipients: readonly Recipient[], measure: (recipient: Recipient) => number): Recipient | undefined {
  let [best, most]: [Recipient | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  for (const recipient of recipients) {
    const size = measure(recipient);
    if (size > most) [best, most] = [recipient, size];
  }
  return best;
}

function toExample({ row, toNumber, variables }: Recipient, why: Example["why"]): Example {
  const shown = Object.entries(variables).map(([name, value]) => [name, plainText(masked(value), longestValue)]);
  return { row, toNumber: maskNumber(toNumber), variables: Object.fromEntries(shown), why };
}

/** Any column may hold numbers, a relative's too. */
function masked(value: string): string {
  return looksLikePhoneNumber(value) ? maskDigits(value) : value;
}
