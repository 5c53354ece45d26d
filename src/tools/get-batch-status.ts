import { z } from "zod";
import type { Batch } from "../domain/batch/batch.ts";
import { isFinal, percentDone } from "../domain/batch/progress.ts";
import { toPresetSummary } from "../domain/time/hour-presets.ts";
import { sleep } from "../lib/clock.ts";
import { noticeTeller } from "../lib/notices.ts";
import { nowField, nowIn, toNowText } from "./arguments/now.ts";
import { batchId, cutAt, note } from "./arguments/shapes.ts";
import { batchShape, lines, readUpstream, toBatchText, viewBatch } from "./batch/batch-view.ts";
import { nameListOf } from "./calls/rows-of-tasks.ts";
import { unheededOptOuts } from "./calls/unheeded-opt-outs.ts";
import { heldTexts, lastRingText } from "./rules/agreed-bounds.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const longestWaitSeconds = 45;
const pollMs = 1000;

export const getBatchStatusTool = defineTool({
  name: "get_batch_status",
  title: "Get the status of a batch",
  description: `Read how far a batch is: state, recipients by status and outcome, pace and end.
Use to follow a batch, or before acting on one: allowed_actions names the tools that can.
Not for single recipients (get_batch_results) or to find a batch (list_batches). Until is_final, numbers change.
Has its list_id, rules and the time; what is absent is unknown.`,
  toolset: "campaigns",
  effect: "reads",
  hasView: true,
  idempotent: true,
  input: z.strictObject({
    batch_id: batchId(),
    wait_seconds: cutAt(longestWaitSeconds, 0).optional().describe("Waits at most so long for the end or a halt."),
  }),
  output: z.object({
    batch: batchShape(),
    list_id: z.string().optional(),
    list_name: z.string().optional(),
    note: note(),
    now: nowField(),
    rules: z.array(z.string()).optional(),
    held_back: z.array(z.string()).optional(),
    opt_outs: z.string().optional(),
    stopped: z.string().optional(),
    launch: z.string().optional().describe("A start that waits or failed."),
  }),

  async run({ batch_id: id, wait_seconds: seconds = 0 }, context) {
    const { batch, standing } = await waitUntilSettled(id, Math.min(seconds, longestWaitSeconds), context);
    const { hoursPreset } = context.campaigns.policy;
    const { environment, hasBrake } = await readUpstream(context.api);
    const preset =
      hoursPreset !== undefined && environment === "live" && hasBrake ? [toPresetSummary(hoursPreset)] : [];
    const lastRing = await lastRingText(batch, context);
    const held = await heldTexts(batch, context);
    const optOuts = await unheededOptOuts(batch, context.api);
    const stopped = await context.campaigns.whyStopped();
    const rules = context.campaigns.rulesOf(batch) ?? (preset.length > 0 || lastRing !== undefined ? [] : undefined);
    return {
      batch: await viewBatch(batch, context, async () => stopped),
      ...(await nameListOf(id, context)),
      ...(seconds > longestWaitSeconds && { note: waitWasCut }),
      now: nowIn(batch.timezone, context),
      ...(rules && { rules: [...rules, ...preset, ...(lastRing === undefined ? [] : [lastRing])] }),
      ...(held.length > 0 && { held_back: [...held] }),
      ...(optOuts !== undefined && { opt_outs: optOuts }),
      ...(stopped !== undefined && { stopped }),
      ...(standing && { launch: standing.words }),
    };
  },

  summarize: ({
    batch,
    list_id: listId,
    list_name: listName,
    note: cut,
    now,
    rules = [],
    held_back: held = [],
    opt_outs: optOuts,
    stopped,
    launch,
  }) =>
    lines(
      toBatchText(batch),
      listId && `List ${listId}: ${listName}`,
      ...rules,
      held.length > 0 && `Held back: ${held.join("; ")}`,
      optOuts,
      toNowText(now),
      stopped,
      launch,
      cut,
    ),
});

const waitWasCut = `wait_seconds is at most ${longestWaitSeconds}: this answer waited no longer. Call again to go on waiting.`;

/** The batch, and how the start stands that was asked for it. */
type Settled = {
  readonly batch: Batch;
  readonly standing: Awaited<ReturnType<ToolContext["campaigns"]["startStatus"]>>;
};

/** Reads the batch until nothing happens by itself any more, the time is over, or the caller gave up. */
async function waitUntilSettled(
  id: string,
  seconds: number,
  { api, clock, campaigns, signal, progress }: ToolContext,
): Promise<Settled> {
  const deadline = clock.now().getTime() + seconds * 1000;
  let wasHeld = true;
  for (;;) {
    const batch = await api.getBatch(id);
    const isHeld = batch.heldReason !== undefined;
    if (isHeld && !wasHeld) noticeTeller()?.("warning", `${id} is held: nobody else is called until it is resumed.`);
    wasHeld = isHeld;
    const remainingMs = deadline - clock.now().getTime();
    const standing = await campaigns.startStatus(id);
    if ((isSettled(batch) && standing?.kind !== "waits") || remainingMs <= 0 || signal.aborted)
      return { batch, standing };
    progress?.(Math.round(seconds - remainingMs / 1000), toWaitText(batch), seconds);
    await sleep(clock, Math.min(pollMs, remainingMs), signal);
  }
}

function toWaitText(batch: Batch): string {
  const percent = percentDone(batch);
  return `Waiting for the end of ${batch.batchId}: ${batch.status}${percent === undefined ? "" : `, ${percent}% done`}`;
}

function isSettled(batch: Batch): boolean {
  if (batch.parts && (batch.counts?.calling ?? 0) > 0) return false;
  if (batch.parts)
    return batch.parts.every((part) => part.isHeld || (part.status !== "scheduled" && part.status !== "sent"));
  if (isFinal(batch) || batch.status === "draft") return true;
  const isHalted = batch.isPaused || batch.heldReason !== undefined;
  return isHalted && (batch.counts?.calling ?? 0) === 0;
}
