import { z } from "zod";
import type { Pace } from "../../domain/batch/steering.ts";
import type { Issue } from "../../domain/problem.ts";
import { type Parsed, parseWith, present, toWireTime, zoneName } from "../fields.ts";
import { changedRulesFields, fromChangedRulesBody, type RulesPatch, toChangedRulesBody } from "./calling-rules.ts";
import { agentId, batchName, readTrigger, startFields, triggerInPast } from "./create-batch.ts";
import { fromGrantBody, grantBody, holdField, type SentGrant, toGrantBody } from "./grant.ts";
import { campaignField, fromPaceBody, paceBody, toPaceBody } from "./steering.ts";

/** Body of PATCH /batch-call/{id}: the union of both pages' fields (C22). */
export const editBatchBody = z.strictObject({
  name: batchName.nullish(),
  agent_id: agentId.nullish(),
  timezone: zoneName.nullish(),
  ...startFields,
  ...changedRulesFields,
  pace: paceBody.nullish(),
  campaign_id: campaignField,
  grant: grantBody.nullish(),
  hold: holdField,
});
export type EditBatchBody = z.input<typeof editBatchBody>;

/** What a PATCH asks for. Without `start` the batch stays in its state. */
export type BatchPatch = {
  readonly name?: string;
  readonly agentId?: string;
  readonly timezone?: string;
  readonly scheduledAt?: Date;
  /** Wall time before which nobody is called on their own clock. */
  readonly notBeforeLocal?: string;
  readonly rules?: RulesPatch;
  /** In place of the pace that it had. */
  readonly pace?: Pace;
  /** Makes it a part of that campaign, for good. */
  readonly campaignId?: string;
  /** Whoever changes it does not agree to its calls by that. */
  readonly hold?: boolean;
  readonly start?: "draft" | "scheduled" | "now";
  /** What somebody agreed to, with a start. */
  readonly grant?: SentGrant;
};

/** What a client asks for: status "draft" puts the batch back to draft, "scheduled" makes it start at `scheduledAt`. */
export type BatchEdit = Omit<BatchPatch, "start"> & { readonly status?: "draft" | "scheduled" };

/** `scheduledAt` is the intended time; only `status: "scheduled"` makes the batch start then. */
export function toEditBatchBody(edit: BatchEdit): EditBatchBody {
  return present({
    name: edit.name,
    agent_id: edit.agentId,
    timezone: edit.timezone,
    trigger_timestamp: edit.scheduledAt && toWireTime(edit.scheduledAt),
    not_before_local: edit.notBeforeLocal,
    status: edit.status,
    ...(edit.rules && toChangedRulesBody(edit.rules, edit.timezone)),
    pace: edit.pace && toPaceBody(edit.pace),
    campaign_id: edit.campaignId,
    hold: edit.hold,
    grant: edit.grant && toGrantBody(edit.grant),
  });
}

/** Whether the move is allowed from the batch's state is decided by who knows the state. */
export function fromEditBatchBody(body: unknown, now: Date): Parsed<BatchPatch> {
  const parsed = parseWith(editBatchBody, body);
  if (!parsed.ok) return parsed;
  const { name, agent_id, timezone, status, send_now: sendNow, hold, not_before_local: notBeforeLocal } = parsed.value;
  const scheduledAt = readTrigger(parsed.value);
  const start = startOf(parsed.value);
  if (scheduledAt && status === "sent" && !sendNow) return { ok: false, issues: [sentWithTrigger] };
  if (scheduledAt && scheduledAt <= now && start !== "now" && start !== "draft")
    return { ok: false, issues: [triggerInPast] };
  const grant = parsed.value.grant ? fromGrantBody(parsed.value.grant) : undefined;
  if (grant && start !== "now" && start !== "scheduled") return { ok: false, issues: [grantWithoutStart] };
  const rules = fromChangedRulesBody(parsed.value);
  const pace = parsed.value.pace ? fromPaceBody(parsed.value.pace) : undefined;
  const campaignId = parsed.value.campaign_id;
  const said = {
    pace,
    campaignId,
    name,
    agentId: agent_id,
    timezone,
    scheduledAt,
    notBeforeLocal,
    rules,
    start,
    grant,
    hold,
  };
  return { ok: true, value: present(said) };
}

// As at creation, a draft wins over everything and send_now over a time.
function startOf({ status, send_now: sendNow }: z.output<typeof editBatchBody>): BatchPatch["start"] {
  if (status === "draft") return "draft";
  if (sendNow || status === "sent") return "now";
  return status ?? undefined;
}

const grantWithoutStart: Issue = {
  field: "grant",
  code: "contradiction",
  message: 'Belongs to a start: give it with status "scheduled" or "sent".',
};

const sentWithTrigger: Issue = {
  field: "status",
  code: "contradiction",
  message: 'Status "sent" starts at once; with trigger_timestamp use status "scheduled".',
};
