import { z } from "zod";
import type { Issue } from "../../domain/problem.ts";
import { anyCase, epoch } from "../fields.ts";
import type { Parsed } from "../parsed.ts";
import { fromWireTime } from "../wire-time.ts";

/** When a batch begins, as a body says it. A draft may carry its intended time. */
export type BatchStart =
  | { readonly kind: "draft"; readonly at?: Date }
  | { readonly kind: "scheduled"; readonly at: Date }
  | { readonly kind: "now" };

export const startFields = {
  send_now: z.boolean().nullish(),
  trigger_timestamp: epoch.nullish(),
  status: anyCase(["draft", "scheduled", "sent"]).nullish(),
};

const startBody = z.object(startFields);
type StartBody = z.output<typeof startBody>;

/**
 * The decision table of the create page: a draft wins over everything, send_now over a time, and a body with neither
 * is refused (C9: nobody is called because something was left out). Fields of a wrong type are left to the schema.
 */
export function parseStart(body: unknown, now: Date): Parsed<BatchStart> {
  const fields = startBody.safeParse(body);
  if (!fields.success) return { ok: false, issues: [] };
  const { status, send_now: sendNow } = fields.data;
  if (status !== "draft" && sendNow) return { ok: true, value: { kind: "now" } };
  const at = readTrigger(fields.data);
  if (at && at <= now) return { ok: false, issues: [triggerInPast] };
  if (status === "draft") return { ok: true, value: at ? { kind: "draft", at } : { kind: "draft" } };
  return at ? { ok: true, value: { kind: "scheduled", at } } : { ok: false, issues: [noStart] };
}

export function readTrigger({ trigger_timestamp: trigger }: Pick<StartBody, "trigger_timestamp">): Date | undefined {
  return trigger == null ? undefined : fromWireTime(trigger);
}

export const triggerInPast: Issue = {
  field: "trigger_timestamp",
  code: "in_the_past",
  message: "Must be in the future, as a Unix timestamp in milliseconds.",
};

const noStart: Issue = {
  field: "trigger_timestamp",
  code: "required",
  message: 'Give trigger_timestamp to schedule, send_now: true to start at once, or status "draft" to start nothing.',
};
