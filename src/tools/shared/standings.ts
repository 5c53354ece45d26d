import { outcomes, type Task } from "../../domain/batch/batch.ts";
import type { ToolContext } from "../tool.ts";
import { readCalls } from "./call-details.ts";

/** What the calls to a recipient can come to. `cancelled`: their batch ended before anybody called them. */
export const results = [...outcomes, "unknown", "cancelled"] as const;
export type Result = (typeof results)[number];

/** Who did not pick up, was busy or could not be called. A voicemail reached them, as for the hours between batches. */
export const unreached = ["no_answer", "busy", "failed"] as const satisfies readonly Result[];

/** Where a recipient stands: `unreached` where an API tells no more than that, `in_progress` while their batch may still call them. */
export type Standing = Result | "unreached" | "in_progress";

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
  return new Map(tasks.map((task) => [task, standingOf(task, calls.get(task.callId ?? "")?.outcome)]));
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
  return Array.from(
    counts,
    ([standing, count]) => `${count} ${standing === "in_progress" ? "still to be called" : standing}`,
  ).join(", ");
}
