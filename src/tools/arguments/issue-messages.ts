import type { z } from "zod";
import { nearest } from "../../domain/nearest.ts";
import { ownLimits } from "../../domain/own-limits.ts";
import type { Issue } from "../../domain/problem.ts";
import { outcomeMeant } from "../words/outcome-words.ts";

type ZodIssue = z.core.$ZodIssue;

const longestGiven = 60;

/** Words for a value of the wrong shape: what is wrong and the accepted form. */
export function ruleOf(issue: ZodIssue): Pick<Issue, "code" | "message"> {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue);
    case "too_big":
      return {
        code: "too_many",
        message: `Too ${bigWord(issue.origin)}: at most ${issue.maximum}${unitOf(issue.origin)}${given(issue)}.`,
      };
    case "too_small":
      return {
        code: "too_few",
        message: `Too ${smallWord(issue.origin)}: ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}${unitOf(issue.origin)}${given(issue)}.`,
      };
    case "invalid_value":
      if (issue.input === undefined)
        return { code: "required", message: `Missing; give one of: ${issue.values.join(", ")}.` };
      return {
        code: "not_allowed",
        message: `Must be one of: ${issue.values.join(", ")}${given(issue)}.${meant(issue)}`,
      };
    case "custom":
      return { code: String(issue.params?.["code"] ?? "not_allowed"), message: issue.message };
    case "invalid_union":
      return wrongForm(issue);
    case "invalid_format":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "invalid_key":
    case "invalid_element":
      return { code: "not_allowed", message: issue.message };
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text in quotes",
  number: "a number without quotes",
  int: "a whole number without quotes",
  boolean: "true or false without quotes",
  array: "a list in square brackets",
  object: "an object in braces",
  record: "an object of names with text values",
};

function wrongType(issue: Extract<ZodIssue, { code: "invalid_type" }>): Pick<Issue, "code" | "message"> {
  const wanted = typeWords[issue.expected] ?? issue.expected;
  if (issue.input === undefined) return { code: "required", message: `Missing; give ${wanted}.` };
  if (isPhoneField(issue.path) && typeof issue.input === "number") return phoneAsNumber(issue.input);
  const why = whyNot(issue);
  return { code: "wrong_type", message: `Must be ${wanted}, not ${describe(issue.input)}.${why && ` ${why}`}` };
}

/** Of a value that may have several forms: what is wrong with the one that it has, or which there are. */
function wrongForm(issue: Extract<ZodIssue, { code: "invalid_union" }>): Pick<Issue, "code" | "message"> {
  const first = issue.errors.flatMap((ofForm) => ownLimits(ofForm).slice(0, 1));
  const wanted = first.flatMap((each) =>
    each.code === "invalid_type" && each.path.length === 0 ? [each.expected] : [],
  );
  const within = first.find((each) => each.code !== "invalid_type" || each.path.length > 0);
  if (within) return ruleOf({ ...within, path: [...issue.path, ...within.path] });
  const forms = [...new Set(wanted.map((expected) => typeWords[expected] ?? expected))];
  return { code: "wrong_type", message: `Must be ${forms.join(" or ")}, not ${describe(issue.input)}.` };
}

/** What the value shows of the reason, where the right form is not plain from it. */
function whyNot({ expected, input }: Extract<ZodIssue, { code: "invalid_type" }>): string {
  const isText = typeof input === "string";
  if (isText && /^\s*[[{]/.test(input) && (expected === "array" || expected === "object" || expected === "record"))
    return "As JSON this text is cut off or not valid; names and texts take double quotes.";
  if (expected === "string" && typeof input === "number" && !Number.isSafeInteger(input) && Number.isInteger(input))
    return "A JSON number of that size has lost digits; take it from its source once more.";
  if (expected === "number" && isText && /^\d{1,3}(,\d{3})+$/.test(input)) return `Write ${input.replaceAll(",", "")}.`;
  return "";
}

function isPhoneField(path: readonly PropertyKey[]): boolean {
  return /number/.test(path.filter((key) => typeof key === "string").at(-1) ?? "");
}

function phoneAsNumber(input: number): Pick<Issue, "code" | "message"> {
  const form = Number.isSafeInteger(input)
    ? `Write "+${Math.abs(input)}" if its country code is in it, else take it from its source once more.`
    : "It has lost digits; take it from its source once more.";
  const message = `${input} is a JSON number; a phone number must be text in quotes with its plus, because a number loses the plus and leading zeros. ${form}`;
  return { code: "wrong_type", message };
}

function describe(input: unknown): string {
  if (input === null) return "null";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "object") return "an object";
  return `${JSON.stringify(input).slice(0, 60)} (a ${typeof input})`;
}

function meant({ input, values }: Extract<ZodIssue, { code: "invalid_value" }>): string {
  if (typeof input !== "string") return "";
  const allowed = values.map(String);
  const near = allowed.find((value) => value === outcomeMeant(input)) ?? nearest(input.slice(0, longestGiven), allowed);
  return near === undefined ? "" : ` Did you mean ${near}?`;
}

function given({ input }: ZodIssue): string {
  if (typeof input === "string")
    return input.length > longestGiven ? `, not ${input.length}` : `, not ${JSON.stringify(input)}`;
  if (Array.isArray(input)) return `, not ${input.length.toLocaleString("en-US")}`;
  return input === undefined ? "" : `, not ${describe(input)}`;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function bigWord(origin: string): string {
  if (origin === "string") return "long";
  return origin === "array" ? "many" : "large";
}

function smallWord(origin: string): string {
  if (origin === "string") return "short";
  return origin === "array" ? "few" : "small";
}
