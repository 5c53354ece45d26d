import { type E164, parseE164 } from "./phone/phone-number.ts";
import { type Issue, isIssue, Problem } from "./problem.ts";

const setting = "BATCH_CALL_TEST_NUMBERS";

/** Numbers that the operator named for test calls; none where there are none. */
export type TestNumbers = { readonly testNumbers?: readonly string[] | undefined };

/** Reads `+14155550123,+442079460018`: whole numbers with their country codes. */
export function parseTestNumbers(text: string): readonly E164[] | Issue {
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.filter((part) => part !== "").map((part) => parseE164(part, undefined, setting));
  const wrong = numbers.find(isIssue);
  if (wrong) return wrong;
  return [...new Set(numbers.flatMap((number) => (isIssue(number) ? [] : [number])))];
}

/** Throws `refused_by_limit` unless all of them are named: a test call rings nobody else, whoever asks for it. */
export function requireTestNumbers(numbers: readonly string[], { testNumbers = [] }: TestNumbers): void {
  if (numbers.length > 0 && numbers.every((number) => testNumbers.includes(number))) return;
  const named = testNumbers.length === 0 ? "names no number" : "does not name it";
  const message = `This is not a number for test calls: ${setting} ${named}. Nothing was created and nobody was called. No tool can change that; the operator sets ${setting} to numbers that ring their own phones, such as +14155550123.`;
  throw new Problem("refused_by_limit", message, {
    issues: [{ field: "to_number", code: "not_a_test_number", message: `Is not in ${setting}.` }],
  });
}
