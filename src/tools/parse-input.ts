import type { z } from "zod";
import { type Issue, Problem } from "../domain/problem.ts";
import { placeOf } from "./issue-place.ts";
import { ruleOf } from "./issue-words.ts";
import type { Effect, Tool } from "./tool.ts";
import { unknownArgument } from "./unknown-argument.ts";

/**
 * Checks the arguments of a call. Throws one `invalid_input` that lists everything wrong with their shape: its place,
 * what is wrong and the accepted form.
 */
export function parseInput<Input extends z.ZodObject>(
  tool: Pick<Tool<Input>, "input" | "effect">,
  args: unknown,
): z.output<Input> {
  const parsed = tool.input.safeParse(args ?? {}, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw invalidInput(
    parsed.error.issues.flatMap((issue) => toIssues(issue, tool.input)),
    tool.effect,
  );
}

/** The error for issues with the arguments, whoever found them. It says that the call had no effect. */
export function invalidInput(issues: readonly Issue[], effect: Effect): Problem {
  const count = issues.length === 1 ? "One thing is" : `${issues.length} things are`;
  return new Problem("invalid_input", `${count} wrong with the arguments. ${noEffect(effect)}`, { issues });
}

function noEffect(effect: Effect): string {
  switch (effect) {
    case "may_dial":
      return "Nothing was created.";
    case "dials":
      return "Nothing was changed and nobody was called.";
    case "reads":
    case "writes":
    case "destroys":
      return "Nothing was changed.";
    case "writes_file":
      return "Nothing was written.";
  }
}

function toIssues(issue: z.core.$ZodIssue, input: z.ZodObject): Issue[] {
  const place = placeOf(issue.path);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownArgument(key, issue.path, input));
  return [{ ...place, ...ruleOf(issue) }];
}
