import { z } from "zod";
import { fieldNamed } from "../../domain/field-named.ts";
import { ownLimits } from "../../domain/own-limits.ts";
import { isCountryCode } from "../../domain/phone/phone-number.ts";
import { type Issue, Problem, placeOf } from "../../domain/problem.ts";
import { findPlaceholder } from "../../domain/text.ts";
import type { Effect, Tool, ToolContext } from "../tool.ts";
import { wordsAt } from "../words/words-at.ts";
import { ruleOf } from "./issue-messages.ts";
import { readLeniently } from "./lenient-input.ts";
import { adviseStopWhen } from "./stop-when-slips.ts";
import { unknownArgument } from "./unknown-argument.ts";

/**
 * Reads the arguments of a call leniently, then checks them strictly. Throws one `invalid_input` with everything that is
 * wrong with their shape, and with what the tool itself finds wrong in the others.
 */
export async function readInput(tool: Tool, given: unknown, context: ToolContext): Promise<z.output<z.ZodObject>> {
  const args = readLeniently(tool.input, given);
  try {
    return parseInput(tool, args);
  } catch (error) {
    if (!(error instanceof Problem) || !tool.findIssues) throw error;
    const { part, failed } = parsePart(tool.input, args);
    throw invalidInput([...error.issues, ...(await tool.findIssues(part, failed, context))], tool.effect);
  }
}

/** Those arguments that are right by themselves. */
function parsePart(input: z.ZodObject, args: unknown) {
  const given = Object.entries(typeof args === "object" && args !== null ? args : {});
  const known = given.flatMap(([name, value]) => {
    const schema = fieldNamed(input.shape, name);
    return schema ? [{ name, parsed: z.safeParse(schema, value), isFilledIn: !placeholderIn(value) }] : [];
  });
  return {
    part: Object.fromEntries(
      known.flatMap(({ name, parsed, isFilledIn }) => (parsed.success && isFilledIn ? [[name, parsed.data]] : [])),
    ),
    failed: new Set(known.filter(({ parsed, isFilledIn }) => !parsed.success || !isFilledIn).map(({ name }) => name)),
  };
}

/**
 * Checks the arguments of a call. Throws one `invalid_input` that lists everything wrong with their shape: its place,
 * what is wrong and the accepted form.
 */
export function parseInput<Input extends z.ZodObject>(
  tool: Pick<Tool<Input>, "input" | "effect">,
  args: unknown,
): z.output<Input> {
  const parsed = compiledInput(tool.input).safeParse(args ?? {}, { reportInput: true });
  const unfilled = findUnfilled(args, tool.input);
  if (parsed.success && unfilled.length === 0) return parsed.data;
  const misshapen = ownLimits(parsed.error?.issues ?? []).flatMap((issue) => toIssues(issue, tool.input));
  throw invalidInput([...misshapen, ...unfilled], tool.effect);
}

const compiled = new WeakMap<z.ZodObject, z.ZodObject>();

/** The schema with its checks as code, made at its first use: a list of 1,000 people takes a third of the time. What is refused, the schema words itself. */
export function compiledInput<Input extends z.ZodObject>(input: Input): Input {
  const known = compiled.get(input);
  // Safe: what is kept for a schema is its own clone.
  if (known !== undefined) return known as Input;
  const made = z.compile(input);
  compiled.set(input, made);
  return made;
}

/** A placeholder is not a value; in a list it is one row's, and is named with the blank variables. */
function findUnfilled(args: unknown, input: z.ZodObject): readonly Issue[] {
  return Object.entries(typeof args === "object" && args !== null ? args : {}).flatMap(([field, value]) => {
    const placeholder = fieldNamed(input.shape, field) && placeholderIn(value);
    if (placeholder === undefined) return [];
    const message = `It holds ${placeholder}, which nobody filled in. Give the value itself.`;
    return [{ field, code: "placeholder", message }];
  });
}

function placeholderIn(value: unknown): string | undefined {
  return typeof value === "string" ? findPlaceholder(value) : undefined;
}

/** The error for issues with the arguments, whoever found them. It says that a call that could have had an effect had none. */
export function invalidInput(issues: readonly Issue[], effect: Effect): Problem {
  const count = issues.length === 1 ? "One thing is" : `${issues.length} things are`;
  return new Problem("invalid_input", `${count} wrong with the arguments.${noEffect(effect)}`, { issues });
}

function noEffect(effect: Effect): string {
  switch (effect) {
    case "may_dial":
      return " Nothing was created.";
    case "dials":
      return " Nothing was changed and nobody was called.";
    case "reads":
      return "";
    case "keeps_list":
    case "writes":
    case "steers":
    case "destroys":
    case "erases":
      return " Nothing was changed.";
    case "writes_file":
      return " Nothing was written.";
  }
}

function toIssues(issue: z.core.$ZodIssue, input: z.ZodObject): Issue[] {
  const place = placeOf(issue.path, "arguments");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownArgument({ key, value: readProperty(issue.input, key) }, issue.path, input));
  const { code, message } = ruleOf(issue);
  const form =
    adviseStopWhen(place.field, issue.input) ?? (isOfWrongForm(issue) ? wordsAt(input, issue.path) : undefined);
  return [{ ...place, code, message: form === undefined ? message : `${message} ${form}` }];
}

/** Whether the value shows that its writer does not know the form of the argument, or of the one that it is a part of. */
function isOfWrongForm(issue: z.core.$ZodIssue): boolean {
  const { input } = issue;
  const isParts = typeof input === "object" && input !== null;
  if (issue.code !== "invalid_type") return issue.code === "invalid_value" && isParts;
  return isParts || (input !== undefined && (issue.expected === "object" || issue.expected === "array"));
}

function readProperty(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null
    ? Object.entries(object).find(([name]) => name === key)?.[1]
    : undefined;
}

/** A country as people write it, in capitals; undefined when none was given, an issue when it is not a country. */
export function parseCountry(text: string | undefined, field: string): string | undefined | Issue {
  if (text === undefined) return undefined;
  const code = text.trim().toUpperCase();
  if (isCountryCode(code)) return code;
  return {
    field,
    code: "unknown_country",
    message: `"${text.slice(0, 40)}" is not a country code. Write two letters, such as US, GB or IN.`,
  };
}
