import { z } from "zod";
import { isTestCall } from "../campaigns/index.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { percentDone } from "../domain/batch/progress.ts";
import { isIssue } from "../domain/problem.ts";
import { counted, plainText } from "../domain/text.ts";
import { isZone, toOffset, toWallTime } from "../domain/time/zone.ts";
import { nowField, nowIn, toNowText } from "./arguments/now.ts";
import { invalidInput } from "./arguments/parse-input.ts";
import {
  batchStatus,
  dropUndefined,
  pageEnd,
  pageInput,
  toPageEnd,
  toPageEndLines,
  toPageRequest,
} from "./arguments/shapes.ts";
import { lines, readUpstream, toOwnClockText } from "./batch/batch-view.ts";
import { findAgent } from "./rules/account-names.ts";
import type { ToolContext } from "./tool.ts";
import { defineTool } from "./tool.ts";

const longestName = 60;

// A hundred rows are to take some 5,000 tokens; get_batch_status has everything else.
const batchRow = () =>
  z.looseObject({
    batch_id: z.string(),
    name: z.string(),
    status: z.string(),
  });

type BatchRow = z.output<ReturnType<typeof batchRow>>;

function toRow(batch: Batch, { timezone }: Pick<ToolContext, "timezone">): BatchRow {
  const {
    batchId,
    name,
    status,
    total,
    isPaused,
    heldReason,
    scheduledAt,
    notBeforeLocal,
    timezone: own = timezone,
  } = batch;
  return {
    batch_id: batchId,
    name: plainText(name, longestName),
    status,
    total,
    ...dropUndefined({
      is_paused: isPaused || undefined,
      is_held: heldReason !== undefined || undefined,
      scheduled_at: status === "scheduled" && scheduledAt ? toZoned(scheduledAt, isZone(own) ? own : "UTC") : undefined,
      start_local: status === "scheduled" ? notBeforeLocal : undefined,
      percent_done: status === "draft" || status === "scheduled" ? undefined : percentDone(batch),
    }),
  };
}

/** `2026-03-03T09:00-05:00 America/New_York`. */
function toZoned(at: Date, zone: string): string {
  return `${toWallTime(at, zone)}${toOffset(at, zone)} ${zone}`;
}

/** `- "June reminders" (batch_call_…): sent, paused, 40% of 30 done`. */
function toLine({ name, batch_id: id, status, total, ...row }: BatchRow): string {
  const { scheduled_at: at, start_local: local } = row;
  const start = typeof local === "string" ? `${toOwnClockText(local)}, the first of them at ${String(at)}` : at;
  const facts = [
    start === undefined ? status : `${status} for ${String(start)}`,
    row["is_paused"] === true && "paused",
    row["is_held"] === true && "held",
    row["percent_done"] === undefined
      ? counted(Number(total), "person", "people")
      : `${String(row["percent_done"])}% of ${Number(total).toLocaleString("en-US")} done`,
  ];
  return `- "${name}" (${id}): ${facts.filter(Boolean).join(", ")}`;
}

export const listBatchesTool = defineTool({
  name: "list_batches",
  title: "List all batches",
  description: `List batches and their state, newest first.
Use to find a batch_id, or what runs, is scheduled or draft.
Not for a batch whose id is known (get_batch_status), or its people (get_batch_results). All filters must match; a group_… is one entry.
Test calls come in test_calls.`,
  toolset: "campaigns",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    status: batchStatus().optional().describe("sent: begun, maybe paused."),
    agent_id: z.string().min(1).optional().describe("From list_agents."),
    name: z.string().min(1).optional().describe("Part of the name."),
    ...pageInput(),
  }),
  output: z.object({
    batches: z.array(batchRow()),
    test_calls: z.array(z.looseObject({})).optional(),
    environment: z.string().optional(),
    now: nowField(),
    ...pageEnd(),
  }),

  async run(input, context) {
    const page = toPageRequest(input);
    const agent = input.agent_id === undefined ? undefined : await findAgent(input.agent_id, context.api);
    const listed = await context.api.listBatches({
      ...page,
      ...(input.status && { status: [input.status] }),
      ...(input.agent_id !== undefined && { agentId: [isIssue(agent) || !agent ? input.agent_id : agent.agentId] }),
      ...(input.name !== undefined && { name: [input.name] }),
    });
    // An agent that was deleted has batches still.
    if (isIssue(agent) && listed.rows.length === 0) throw invalidInput([agent], "reads");
    const { environment } = await readUpstream(context.api);
    const view = (batch: Batch) => toRow(batch, context);
    const tests = listed.rows.filter(isTestCall).map(view);
    return {
      batches: listed.rows.filter((batch) => !isTestCall(batch)).map(view),
      ...(tests.length > 0 && { test_calls: tests }),
      environment,
      now: nowIn(context.timezone, context),
      ...toPageEnd(input, page, listed),
    };
  },

  summarize: ({ batches, test_calls: tests = [], environment, now, ...end }) =>
    lines(
      batches.length === 0
        ? end.next_cursor
          ? "No batches on this page."
          : "No batches."
        : `Newest first, ${environment}:`,
      ...batches.map(toLine),
      tests.length > 0 && "Test calls:",
      ...tests.map((batch) => toLine(batchRow().parse(batch))),
      toNowText(now),
      ...toPageEndLines(end),
    ),
});
