import type { ContentChange } from "../../campaigns/index.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { ListedRecipient } from "../../domain/batch/local-start.ts";
import { endIssues, type StartOrder, toLateText } from "../../domain/batch/no-minute.ts";
import type { BatchPlan, CallingRules } from "../../domain/batch/plan.ts";
import { toStartOrder } from "../../domain/batch/plan-batch.ts";
import type { Issue } from "../../domain/problem.ts";
import type { OperatorHours } from "../../domain/time/ring-times.ts";
import { dropUndefined } from "../arguments/shapes.ts";
import { collectTasks } from "../calls/collect-tasks.ts";
import type { ToolContext } from "../tool.ts";
import { listedTasks } from "./recipient-clocks.ts";

/** What a change makes of a batch, as far as its end goes; what is absent stays. */
type EndChange = {
  readonly rules?: ContentChange["rules"];
  readonly timezone?: string | undefined;
  readonly start?: { readonly at: Date; readonly local?: string | undefined } | undefined;
  readonly people?: readonly ListedRecipient[] | undefined;
};

/** `issues`: nobody would be called before the end; `warnings`: some people would not. */
export type JudgedEnd = { readonly issues: readonly Issue[]; readonly warnings: readonly string[] };

/**
 * What `stop_when.at` leaves of a batch that was changed, or is started. Nobody left is wrong with one that has not begun; what runs may be
 * ended whenever somebody wants.
 */
export async function judgeEnd(batch: Batch, change: EndChange, context: ToolContext): Promise<JudgedEnd> {
  const rules: CallingRules = dropUndefined({ ...rulesOf(batch), ...change.rules });
  if (rules.stopWhen?.atMs === undefined) return { issues: [], warnings: [] };
  const order: StartOrder = {
    rules,
    timezone: change.timezone ?? batch.timezone ?? context.timezone,
    ...startOf(batch, change, context.clock.now()),
    people: change.people ?? (await readUncalled(batch, context)),
    operator: await operatorHours(context),
  };
  const issues = batch.status === "sent" ? [] : endIssues(order);
  return { issues, warnings: issues.length > 0 ? [] : [toLateText(order) ?? []].flat() };
}

/** People whom the end of a plan leaves no minute, while it leaves others some. */
export async function lateWarnings(plan: BatchPlan, context: ToolContext): Promise<readonly string[]> {
  if (plan.rules.stopWhen?.atMs === undefined) return [];
  const text = toLateText(toStartOrder(plan, { now: context.clock.now(), operator: await operatorHours(context) }));
  return text === undefined ? [] : [text];
}

/** Where calls are real and our service places them. */
export async function operatorHours({
  api,
  campaigns,
}: Pick<ToolContext, "api" | "campaigns">): Promise<OperatorHours | undefined> {
  const isHeld = (await api.environment()) === "live" && (await api.hasBrake());
  return isHeld ? campaigns.policy : undefined;
}

/** What says when a batch may call, as far as the API tells it. */
function rulesOf({ heldRules, steered }: Batch): CallingRules {
  const { quietHours } = heldRules ?? {};
  const { stopWhen } = steered?.rules ?? {};
  return { ...(quietHours && { quietHours }), ...(stopWhen && { stopWhen }) };
}

/** A batch that runs, or whose time has passed, goes on from now on. */
function startOf(
  { status, scheduledAt, notBeforeLocal }: Batch,
  { start }: EndChange,
  now: Date,
): Pick<StartOrder, "startAt" | "notBeforeLocal"> {
  if (start) return { startAt: start.at, notBeforeLocal: start.local };
  const isAhead = status !== "sent" && scheduledAt !== undefined && scheduledAt > now;
  return { startAt: isAhead ? scheduledAt : now, notBeforeLocal };
}

/** Who waits for their first call. */
async function readUncalled({ batchId, total }: Batch, context: ToolContext): Promise<readonly ListedRecipient[]> {
  const tasks = await collectTasks(batchId, context, total);
  const uncalled = tasks.filter(({ attempts = 0 }) => attempts === 0);
  return listedTasks(batchId, uncalled, context);
}
