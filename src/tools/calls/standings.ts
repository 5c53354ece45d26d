import { outcomes, type Task } from "../../domain/batch/batch.ts";
import { isTakenOut } from "../../domain/batch/taken-out.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { isWrongNumber } from "../../domain/said.ts";
import { counted } from "../../domain/text.ts";
import type { ToolContext } from "../tool.ts";
import { readCalls } from "./call-details.ts";

/** What the calls to a recipient can come to. `cancelled`: their batch ended before anybody called them. */
export const results = [...outcomes, "unknown", "cancelled"] as const;
export type Result = (typeof results)[number];

/** Who did not pick up, was busy or could not be called. A voicemail reached them, as for the hours between batches. */
export const unreached = ["no_answer", "busy", "failed"] as const satisfies readonly Result[];

/**
 * Where a recipient stands: `unreached` where an API tells no more than that, `in_progress` while their batch may still call them,
 * `taken_out` when somebody took them out of its list, whatever an earlier call came to, and `wrong_number` when somebody else
 * answered there last: no later batch calls that number for them again, and they have no other one.
 */
export type Standing = Result | "unreached" | "in_progress" | "taken_out" | "wrong_number";

export type Standings = ReadonlyMap<Task, Standing>;

/**
 * Each recipient's standing. What the API does not tell with a recipient is looked up in their last call; `failed` without an outcome
 * is `unreached`. One that was called and has no outcome is `unknown`.
 */
export async function readStandings(tasks: readonly Task[], { api }: Pick<ToolContext, "api">): Promise<Standings> {
  const untold = tasks.filter(
    ({ status, outcome, isCallUnread }) => outcome === undefined && (status === "failed" || isCallUnread === true),
  );
  const calls = await readCalls(untold, api);
  const isGone = (task: Task): boolean => task.status !== "calling" && isTakenOut(task);
  const standing = (task: Task): Standing =>
    isGone(task) ? "taken_out" : toStanding(task, calls.get(task.callId ?? "")?.outcome);
  return new Map(tasks.map((task) => [task, standing(task)]));
}

function toStanding(task: Task, ofCall: Result | undefined): Standing {
  const isOver = task.status === "failed" || task.status === "completed";
  if (isOver && isWrongNumber(task)) return hasUntried(task) ? standingOf(task, ofCall) : "wrong_number";
  // Their batch ended between a wrong number and the fallback number that was to follow it.
  if (task.status === "cancelled" && isWrongNumber(task)) return hasUntried(task) ? "cancelled" : "wrong_number";
  return standingOf(task, ofCall);
}

/** Whether a recipient whose number is a wrong one has another that nobody called yet. */
function hasUntried({ toNumber, fallbackNumber, dials = [] }: Task): boolean {
  const called = new Set(dials.map((dial) => toTodaysNumber(dial.toNumber)));
  return (
    fallbackNumber !== undefined &&
    fallbackNumber !== toNumber &&
    dials.length > 0 &&
    !called.has(toTodaysNumber(fallbackNumber))
  );
}

export function standingOf({ status, outcome, attempts, callId }: Task, ofCall: Result | undefined): Standing {
  switch (status) {
    case "pending":
    case "calling":
      return "in_progress";
    case "unknown":
      return "unknown";
    case "completed":
      return outcome ?? ofCall ?? "answered";
    case "failed":
      return outcome ?? ofCall ?? "unreached";
    case "cancelled": {
      const wasCalled = attempts === undefined ? callId !== undefined : attempts > 0;
      return outcome ?? (wasCalled ? "unknown" : "cancelled");
    }
  }
}

export function countStandings(standings: Standings): ReadonlyMap<Standing, number> {
  const counts = new Map<Standing, number>();
  for (const standing of standings.values()) counts.set(standing, (counts.get(standing) ?? 0) + 1);
  return counts;
}

export function toCountsText(counts: ReadonlyMap<Standing, number>): string {
  return Array.from(counts, ([standing, count]) => {
    const words = standingWords(standing);
    return counted(count, words, words);
  }).join(", ");
}

function standingWords(standing: Standing): string {
  if (standing === "in_progress") return "still to be called";
  if (standing === "wrong_number") return "at a wrong number";
  return standing === "taken_out" ? "taken out of its list" : standing;
}
