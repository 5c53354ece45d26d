import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import type { ListedRecipient } from "../../domain/batch/local-start.ts";
import { type CallingRules, recipientClock, type Start } from "../../domain/batch/plan.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import { Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { hasClosedDays, toClosedDaysText } from "../../domain/time/closed-days.ts";
import { reachedOnAll } from "../../domain/time/recipient-hours.ts";
import { namesInstant } from "../../domain/time/wall-time.ts";
import { listOfBatch } from "../calls/rows-of-tasks.ts";
import type { ToolContext } from "../tool.ts";

/**
 * The start as the API can hold it. Throws `unsupported` for what one cannot do that knows one clock for all: rules on each
 * recipient's clock, days without calls, and a start at one time of theirs that is several instants.
 */
export async function settleClocks<S extends Start | undefined>(
  { rules, start }: { readonly rules: CallingRules; readonly start: S },
  people: readonly ListedRecipient[],
  api: Pick<BatchCallApi, "hasBrake">,
): Promise<S | Extract<Start, { kind: "at" }>> {
  const local = start?.kind === "at" ? start.local : undefined;
  const onClocks = rulesOnClocks(rules);
  const { quietHours } = rules;
  const closes = quietHours?.enabled === true && hasClosedDays(quietHours);
  if ((local === undefined && onClocks.length === 0 && !closes) || (await api.hasBrake())) return start;
  if (closes) {
    const message = `This API knows quiet hours by the time of day alone: it would call on ${toClosedDaysText(quietHours)} as well. Nothing was changed or created. Leave quiet_hours.days, not_on and holidays out, and start_batch only for days on which it may call. ${queueInFront("keeps such days")}`;
    throw new Problem("unsupported", message);
  }
  if (onClocks.length > 0) {
    const message = `This API holds no ${onClocks.join(" and no ")} on each recipient's own clock. Nothing was changed or created. Give an IANA zone instead of "recipient", or make a batch for each zone. ${queueInFront("calls by each recipient's clock")}`;
    throw new Problem("unsupported", message);
  }
  const starts = people.map(({ toNumber, timezone }) =>
    reachedOnAll(local ?? "", zonesOfRecipient(toNumber, timezone)),
  );
  const ms = starts.map((at) => at.getTime());
  const [first, last] = [new Date(Math.min(...ms)), new Date(Math.max(...ms))];
  if (first.getTime() === last.getTime()) return { kind: "at", at: first };
  const message = `This API begins a batch at one instant, and ${local} on everybody's own clock is from ${first.toISOString()} to ${last.toISOString()}. Nothing was changed or created. Make a batch for each zone, with that zone as timezone (change_list with leave_out or keep_where makes the lists). ${queueInFront("starts with everybody at their own time")}`;
  throw new Problem("unsupported", message);
}

function rulesOnClocks({ quietHours, retryRules = [] }: CallingRules): readonly string[] {
  const isLocal = retryRules.some(({ timing }) => timing.kind === "at" && timing.zone === recipientClock);
  return [quietHours?.zone === recipientClock && "quiet hours", isLocal && "AT retries"].filter(
    (rule) => typeof rule === "string",
  );
}

/**
 * The clock by which another start of a batch is read. A batch that is to go by its recipients' clocks keeps these where
 * a local time is given alone: a zone beside it, or an offset, says otherwise.
 */
export function clockOfStart(
  { timezone, start_at: startAt }: { readonly timezone?: string | undefined; readonly start_at?: string | undefined },
  batch: Batch,
  { campaigns }: Pick<ToolContext, "campaigns">,
): string | undefined {
  if (timezone !== undefined || startAt === undefined || namesInstant(startAt)) return timezone;
  return campaigns.isOnOwnClocks(batch) ? recipientClock : undefined;
}

/** What becomes of columns of zones and times at an API that knows one clock for all, in sentences. */
export async function clockWarnings(
  { shape, plan }: ContactList,
  { api }: Pick<ToolContext, "api">,
): Promise<readonly string[]> {
  const columns = [plan.notBefore, plan.timezone].flatMap((index) =>
    index === undefined ? [] : [shape.columns[index]],
  );
  if (columns.length === 0 || (await api.hasBrake())) return [];
  const names = columns.map((name) => JSON.stringify(name ?? "")).join(" and ");
  return [
    `This API knows one clock for all, so the times in ${names} are kept with the list and not applied: everybody is called by the batch's own start, zone and hours.`,
  ];
}

/** Those of a batch who are still to be called, by the rows of its list. */
export async function listedTasks(
  batchId: string,
  tasks: readonly Task[],
  context: Pick<ToolContext, "lists" | "campaigns">,
): Promise<readonly ListedRecipient[]> {
  const list = await listOfBatch(batchId, context);
  const waiting = tasks.filter(({ status }) => status === "pending").map(({ row: _place, ...task }) => task);
  if (!list) return waiting;
  const rows = await context.lists.rowsOf(
    list.listId,
    waiting.map(({ toNumber }) => toNumber),
  );
  return waiting.map((task) => {
    const row = rows.get(task.toNumber);
    return row === undefined ? task : { ...task, row };
  });
}
