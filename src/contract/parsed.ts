import type { z } from "zod";
import type { Issue } from "../domain/problem.ts";

/** What a body became, or everything that is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks a body against a schema and words what is wrong in our own terms. */
export function parseWith<S extends z.ZodType>(schema: S, body: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(body, { reportInput: true });
  return result.success ? { ok: true, value: result.data } : { ok: false, issues: result.error.issues.map(toIssue) };
}

function toIssue(issue: z.core.$ZodIssue): Issue {
  return { ...placeOf(issue.path), ...ruleOf(issue) };
}

/** `tasks[3].to_number` is field `to_number` of row 4; every other path is written out. */
function placeOf(path: readonly PropertyKey[]): Pick<Issue, "row" | "field"> {
  const [list, index, ...rest] = path;
  if (list === "tasks" && typeof index === "number") return { row: index + 1, field: fieldOf(rest) || "tasks" };
  return { field: fieldOf(path) || "body" };
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

function ruleOf(issue: z.core.$ZodIssue): Pick<Issue, "code" | "message"> {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? { code: "required", message: `This field is required (${issue.expected}).` }
        : { code: "wrong_type", message: `Must be of type ${issue.expected}.` };
    case "too_big":
      return { code: "too_large", message: `Must be at most ${issue.maximum}${unitOf(issue.origin)}.` };
    case "too_small":
      return { code: "too_small", message: `Must be at least ${issue.minimum}${unitOf(issue.origin)}.` };
    case "invalid_value":
      return { code: "not_allowed", message: `Must be one of: ${issue.values.join(", ")}.` };
    case "invalid_format":
      return { code: "bad_format", message: issue.message };
    case "custom":
      return { code: String(issue.params?.code ?? "not_allowed"), message: issue.message };
    case "not_multiple_of":
    case "unrecognized_keys":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
      return { code: "not_allowed", message: issue.message };
  }
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " elements" : "";
}
