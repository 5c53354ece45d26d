import type { BatchPlan } from "../../domain/batch/plan.ts";
import { toMinuteText } from "../../domain/time/instant-text.ts";
import type { ToolContext } from "../tool.ts";

/** Said of a create that calls the people of a batch again which is over; nothing where the content is new, or is a batch that stands. */
export async function calledBefore(
  plan: BatchPlan,
  { campaigns, principal }: Pick<ToolContext, "campaigns" | "principal">,
): Promise<readonly string[]> {
  const ended = await campaigns.findEnded(plan, principal);
  if (!ended) return [];
  const { batchId, scheduledAt, createdAt } = ended;
  const at = scheduledAt ?? createdAt;
  const when = at ? ` at ${toMinuteText(at)}` : "";
  const began = scheduledAt ? "started" : "created";
  return [
    `These people were called by ${batchId} already, ${began}${when} and over: the same content is another batch then, and calls them again. That is so in the simulation alone; live it would be answered with ${batchId}. Whom it did not reach: from_batch {batch_id: "${batchId}"} in place of the list.`,
  ];
}
