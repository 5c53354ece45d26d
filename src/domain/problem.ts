/** The closed list of error codes that a tool can answer with; each is the first word of the error text. */
export type ProblemCode =
  | "invalid_input"
  | "not_found"
  | "wrong_state"
  | "needs_approval"
  | "refused_by_limit"
  | "unauthorized"
  | "rate_limited"
  | "unavailable"
  | "unsupported"
  | "outcome_unknown"
  | "bad_response"
  | "internal";

/** One thing that is wrong with an input: where it stands, which rule it breaks, and the accepted form. */
export type Issue = {
  /** Row of the list as a person counts it: in a file the header is row 1; in inline tasks the first task is row 1. */
  readonly row?: number;
  /** All rows of people whom it is about, where it is said once of several; `message` names the first. */
  readonly allRows?: readonly number[];
  /** Name of the argument or column, with a path where it is nested: `quiet_hours.start_time`. */
  readonly field: string;
  /** Short machine-readable name of the rule, such as `too_short` or `unknown_zone`. */
  readonly code: string;
  /** What is wrong and what is accepted instead, in one sentence. */
  readonly message: string;
};

type ProblemDetails = {
  readonly issues?: readonly Issue[];
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number | undefined;
};

/** An answer of "no" that the caller can act upon. Anything else that is thrown is a defect of ours. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly issues: readonly Issue[];
  /** After how long the same may be asked again, where the other side said so. */
  readonly retryAfterSeconds?: number;

  /** `message` says what happened, how things stand and what to do next; it must hold no secret. */
  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "Problem";
    this.code = code;
    this.issues = details.issues ?? [];
    if (details.retryAfterSeconds !== undefined) this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** True when a parse answered with an issue instead of a value. */
export function isIssue(value: unknown): value is Issue {
  return typeof value === "object" && value !== null && "code" in value && "field" in value && "message" in value;
}

/** Where an issue is: `tasks[3].to_number` is field `to_number` of row 4; every other path is written out, and `whole` names its root. */
export function placeOf(path: readonly PropertyKey[], whole: string): Pick<Issue, "row" | "field"> {
  const [list, index, ...rest] = path;
  if (list === "tasks" && typeof index === "number") return { row: index + 1, field: toFieldPath(rest) || "tasks" };
  return { field: toFieldPath(path) || whole };
}

function toFieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}
