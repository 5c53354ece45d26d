import type { CallReading } from "../../client/api.ts";
import type { Task } from "../../domain/batch/batch.ts";
import { mayBeShown } from "../../domain/phone/shown-number.ts";
import { dropUndefined } from "../arguments/shapes.ts";

/** Whether the task ended with a call, and the API does not say with the task how that went. */
export function isUntold({ status, outcome, callId }: Task): boolean {
  return outcome === undefined && callId !== undefined && (status === "completed" || status === "failed");
}

/** Whether it is the last call to that recipient: nobody else's, and of no other batch, where the call says that. */
export function isCallOf(task: Task, call: CallReading, batchId?: string): boolean {
  const numbers = [task.toNumber, task.fallbackNumber, task.dials?.at(-1)?.toNumber];
  const isTheirs = numbers.some((number) => number !== undefined && isSameNumber(number, call.toNumber));
  return call.callId === task.callId && isTheirs && (batchId === undefined || isOfBatch(call, batchId));
}

function isSameNumber(number: string, called: string | undefined): boolean {
  return called === undefined || mayBeShown(number, called);
}

function isOfBatch(call: CallReading, batchId: string): boolean {
  return call.batchId === undefined || call.batchId === batchId;
}

/** The task with what its last call tells: `completed` means answered, whatever word the API has for a call that is over. */
export function withCall(task: Task, { outcome, reason, answers }: CallReading): Task {
  if (!isUntold(task)) return task;
  const known = outcome && { outcome, status: outcome === "answered" ? ("completed" as const) : ("failed" as const) };
  const why = outcome === "answered" ? undefined : (task.reason ?? reason);
  return { ...task, ...known, ...dropUndefined({ reason: why, answers }) };
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Whether nothing of a call can change any more. Its analysis comes some time after its end, and no page says how long after: a
 * call is settled once it has a summary, when nobody picked up, so that there is nothing to analyse, and a day after its end.
 */
export function isSettled({ isOver, outcome, reason, summary, endedAt, startedAt }: CallReading, now: Date): boolean {
  if (!isOver) return false;
  if (summary !== undefined || outcome === "no_answer" || outcome === "busy") return true;
  if (outcome === "failed" && reason !== undefined && !reason.startsWith("error")) return true;
  const last = endedAt ?? startedAt;
  return last !== undefined && now.getTime() - last.getTime() > dayMs;
}
