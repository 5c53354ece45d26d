import type { CallReading } from "../../client/api.ts";
import type { Result, ResultLine } from "../../contacts/results-file.ts";

import type { Dial, Task } from "../../domain/batch/batch.ts";
import type { ContactList, ListRow } from "../../domain/list/list.ts";
import { localTimeOf, zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import type { ProblemCode } from "../../domain/problem.ts";
import { wrongNumbersOf } from "../../domain/said.ts";
import { toSecondText } from "../../domain/time/instant-text.ts";
import { dropUndefined } from "../arguments/shapes.ts";
import { withCall } from "../calls/task-from-call.ts";
import { toIssue } from "../list/list-issues.ts";

type Told = Pick<ResultLine, "result" | "dials" | "answers" | "transcript">;

type TaskPlace = {
  readonly row?: number | undefined;
  readonly zone?: string | undefined;
  /** Other numbers of the row that are known as wrong ones. */
  readonly wrongNumbers?: readonly string[] | undefined;
  /** Why the last call could not be read. */
  readonly missing?: ProblemCode | undefined;
};

/** What a recipient's task and its last call tell. `zone` stands beside their number in the list. */
export function toTaskResult(
  asListed: Task,
  call: CallReading | undefined,
  { row, zone = "", wrongNumbers = [], missing }: TaskPlace = {},
): Told {
  const task = call ? withCall(asListed, call) : asListed;
  const last = task.dials?.at(-1);
  const startedAt = last?.startedAt ?? call?.startedAt;
  const endedAt = last?.endedAt ?? call?.endedAt;
  const zones = zonesOfRecipient(last?.toNumber ?? call?.toNumber ?? task.toNumber, zone);
  const local = (at: Date | undefined) => at && localTimeOf(at, zones);
  const { cost, cost_unit } = costOf(task, call);
  // One shape for every row of an export, with what is not known in it: that is three times as fast as one for each.
  const result: Result = {
    row,
    to_number: task.toNumber,
    status: task.status,
    outcome: task.outcome,
    reason: task.reason,
    attempts: task.attempts,
    started_utc: toUtcText(startedAt),
    started_local: local(startedAt),
    ended_utc: toUtcText(endedAt),
    ended_local: local(endedAt),
    timezone: zones.length === 1 ? zones[0] : undefined,
    duration_seconds: call?.durationSeconds,
    each_attempt: task.dials?.map(toDialText).join("; "),
    fallback_number: task.fallbackNumber,
    fallback_attempts: task.fallbackAttempts,
    wrong_numbers: [...new Set([...wrongNumbers, ...wrongNumbersOf(task)])].join(" ") || undefined,
    summary: call?.summary,
    recording_url: call?.recordingUrl,
    message_left: task.dials?.some(({ messageLeft }) => messageLeft) ? "yes" : undefined,
    cost,
    cost_unit,
    call_id: task.callId,
    missing: missing && `duration, summary and recording could not be read (${missing})`,
  };
  return { result, ...dropUndefined({ dials: task.dials, answers: task.answers, transcript: call?.transcript }) };
}

/** Of all attempts where the API tells it of each, else of the last call. */
export function costOf(task: Task, call: CallReading | undefined) {
  const known = task.dials?.filter(({ cost }) => cost !== undefined) ?? [];
  if (known.length === 0) return dropUndefined({ cost: call?.cost, cost_unit: call?.costUnit });
  const sum = known.reduce((total, { cost = 0 }) => total + cost, 0);
  return dropUndefined({ cost: Math.round(sum * 10_000) / 10_000, cost_unit: known[0]?.costUnit });
}

const notInBatch = "Is not in this batch: left out of it, taken out of it, or called by another one.";

/** Of a row that the batch does not have. `wrongNumbers` are those of it that are known as such. */
export function toFateResult(row: ListRow, list: ContactList, wrongNumbers: readonly string[]): Result {
  const { fate } = row;
  return {
    row: row.row,
    ...(fate.kind !== "refused" && { to_number: fate.toNumber }),
    ...(wrongNumbers.length > 0 && { wrong_numbers: wrongNumbers.join(" ") }),
    status: fate.kind === "accepted" ? "not_in_batch" : fate.kind,
    reason: toIssue(row, list)?.message ?? notInBatch,
  };
}

/** `2 +12015550101 no_answer 2026-03-02T15:00:05Z from +14155550100`, counted from 1. */
function toDialText({ fromNumber, toNumber, outcome, startedAt }: Dial, index: number): string {
  const at = startedAt ? ` ${toUtcText(startedAt)}` : "";
  return `${index + 1} ${toNumber} ${outcome ?? "open"}${at}${fromNumber === undefined ? "" : ` from ${fromNumber}`}`;
}

export function toUtcText(at: Date | undefined): string | undefined {
  return at && `${toSecondText(at.getTime())}Z`;
}
