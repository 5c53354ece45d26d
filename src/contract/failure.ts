import type { BatchStatus } from "../domain/batch/batch.ts";
import type { Issue } from "../domain/problem.ts";
import { type FailureBody, toFailureBody } from "./envelope.ts";

const shownIssues = 20;

/** Body of a 400 that lists what is wrong; the pages show one string, so all of it stands in that string. */
export function validationFailure(issues: readonly Issue[]): FailureBody {
  const shown = issues.slice(0, shownIssues).map(toLine);
  const more = issues.length > shownIssues ? [`and ${issues.length - shownIssues} more`] : [];
  return toFailureBody("Validation error", [...shown, ...more].join("; "));
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
