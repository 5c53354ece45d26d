import type { LiveBatch, LiveBatches } from "../../campaigns/approve/index.ts";
import type { ActingPage } from "../../campaigns/records/index.ts";
import type { Counts } from "../../domain/batch/batch.ts";
import { unmarkedName } from "../../domain/batch/marked-name.ts";
import { stateOf } from "../../domain/batch/shown-state.ts";
import { counted } from "../../domain/text.ts";
import type { ToolContext } from "../tool.ts";
import { toTimeText, viewBatch, withProvider } from "./batch-view.ts";
import { changeBatch } from "./change-batch.ts";

const count = new Intl.NumberFormat("en-US");

/** What the tools for status and pause say, for a page. `makeContext` makes what they are given for whoever asks. */
export function buildLiveBatches(makeContext: (principal: string, through?: ActingPage) => ToolContext): LiveBatches {
  return {
    async look(batchId): Promise<LiveBatch> {
      const context = makeContext("page");
      const { api, campaigns } = context;
      const batch = await viewBatch(await api.getBatch(batchId), context);
      const launch = (await campaigns.startStatus(batchId))?.toPerson;
      const { counts, outcomes = {}, held_reason: held, is_final: isOver, allowed_actions: actions } = batch;
      const facts = [
        { label: "Start", text: launch },
        { label: "Stopped", text: await campaigns.whyStopped() },
        { label: "Why it is held", text: held },
        ...toCountFacts(counts),
        { label: "Last outcomes", text: toOutcomesText(outcomes) },
        { label: "Next attempt", text: batch.next_attempt_at && toTimeText(batch.next_attempt_at) },
        { label: "Expected end", text: batch.eta_at && toTimeText(batch.eta_at) },
      ];
      return {
        name: unmarkedName(batch.name),
        state: stateOf(batch).word,
        facts: facts.flatMap(({ label, text }) => (text ? [{ label, text }] : [])),
        canStop: actions.includes("pause_batch"),
        isOver,
        isUnstarted: batch.status === "draft" && launch === undefined,
      };
    },
    async stop(batchId, by, through) {
      const context = makeContext(by, through);
      const paused = await changeBatch(batchId, "pause_batch", context, () =>
        context.campaigns.pause(batchId, context),
      );
      return withProvider(await viewBatch(paused, context)) || "";
    },
  };
}

/** Whom calls reached, or tried to, apart from whom nobody calls any more. */
function toCountFacts(counts: Counts | undefined) {
  if (!counts) return [];
  const called = counts.completed + counts.failed + counts.unknown;
  const { cancelled } = counts;
  return [
    { label: "Done", text: `${count.format(called)} of ${counted(counts.total, "person", "people")}` },
    { label: "In a call now", text: count.format(counts.calling) },
    { label: "Not called any more", text: cancelled > 0 ? counted(cancelled, "person", "people") : undefined },
  ];
}

function toOutcomesText(outcomes: Readonly<Record<string, number>>): string {
  return Object.entries(outcomes)
    .filter(([, people]) => people > 0)
    .map(([outcome, people]) => `${outcome.replaceAll("_", " ")} ${count.format(people)}`)
    .join(", ");
}
