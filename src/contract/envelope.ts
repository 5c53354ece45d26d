import type { BatchStatus } from "../domain/batch/batch.ts";
import type { Issue } from "../domain/problem.ts";
import { joinParts } from "../domain/text.ts";

/** The one shape of every answer but the flat POST /batch-call of the newer page. */
export type SuccessBody<T> = {
  readonly message: string;
  readonly status: "success";
  readonly error: null;
  readonly data: T;
};
export type FailureBody = { readonly message: string; readonly status: "error"; readonly error: string };

export function toSuccessBody<T>(message: string, data: T): SuccessBody<T> {
  return { message, status: "success", error: null, data };
}

export function toFailureBody(message: string, error: string): FailureBody {
  return { message, status: "error", error };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An API failure that came with a 2xx (C5). The flat batch has `status` and `error` too, so the id decides. */
export function isFailureBody(body: unknown): boolean {
  return isObject(body) && body.status === "error" && !("batch_call_id" in body);
}

/** What the API answered with, out of its envelope if it has one (C4). */
export function unwrap(body: unknown): unknown {
  return isObject(body) && "data" in body && !("batch_call_id" in body) ? body.data : body;
}

/** The API's own words for a failure: the detail, else the class; undefined for a body of another shape. */
export function failureText(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  return [body.error, body.message].find((text): text is string => typeof text === "string" && text !== "");
}

const shownIssues = 20;

/** Body of a 400 that lists what is wrong; the pages show one string, so all of it stands in that string. */
export function validationFailure(issues: readonly Issue[]): FailureBody {
  const shown = issues.slice(0, shownIssues).map(toLine);
  const more = issues.length > shownIssues ? [`and ${issues.length - shownIssues} more`] : [];
  return toFailureBody("Validation error", joinParts([...shown, ...more]));
}

function toLine({ row, field, message }: Issue): string {
  const place = row === undefined ? field : `tasks[${row - 1}].${field}`;
  return `${place}: ${message}`;
}

/** The documented words for a step that the batch's state forbids. */
export function wrongStateFailure(
  verb: "execute" | "delete" | "update" | "pause" | "resume" | "cancel",
  status: BatchStatus,
): FailureBody {
  return toFailureBody("Validation error", `Cannot ${verb} batch call with status ${status.toUpperCase()}`);
}

export const batchNotFound = toFailureBody("Batch call not found", "Batch call does not exist");

export function callNotFound(callId: string): FailureBody {
  return toFailureBody("Call not found", `Call with ID '${callId}' does not exist`);
}

export function agentNotFound(agentId: string, organizationId: string): FailureBody {
  return toFailureBody(
    "Agent not found",
    `Agent with ID '${agentId}' does not exist in organization '${organizationId}'`,
  );
}

/** True when the words of a 400 say that the state of the thing forbids the step, not that the request is wrong. */
export function saysWrongState(text: string): boolean {
  return /\bcannot \w+ (a )?batch call\b|\bstatus transition\b|\bcannot be modified\b/i.test(text);
}

/** What the words of a 403 blame: the keys, or what the request names, such as a caller id of another account; undefined where they say neither, or both. */
export function blamedBy(text: string): "keys" | "content" | undefined {
  const keys = /\b(keys?|secrets?|credentials?|tokens?|authenticat\w+|log ?in|signature)\b/i.test(text);
  const content = /\b((from|to|phone|caller)[ _-]?(numbers?|id)|numbers?|agent(_id|s)?)\b/i.test(text);
  if (keys === content) return undefined;
  return keys ? "keys" : "content";
}
