import { recipientClock } from "../../domain/batch/plan.ts";
import { zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import type { Issue } from "../../domain/problem.ts";
import { type ClockRules, mayRingFrom, recipientQuietHours } from "../../domain/time/recipient-hours.ts";
import type { NewTask } from "../store/index.ts";
import { invalid } from "./refusal.ts";

/**
 * Refuses people whom rules on the recipient's clock could never call: those whose zone nobody knows, and those for whom quiet
 * hours leave no time that suits every zone their number may be in. Where that turns out only later, their task ends as
 * `not_callable`.
 */
export function refuseClockless(batch: ClockRules, tasks: readonly NewTask[], now: Date): void {
  const { rules, notBeforeLocal } = batch;
  const needsClock =
    notBeforeLocal !== undefined ||
    recipientQuietHours(rules) !== undefined ||
    rules.retryRules?.some(({ enabled, timing }) => enabled && timing.kind === "at" && timing.zone === recipientClock);
  if (!needsClock) return;
  const issues = tasks.flatMap(({ row, ...recipient }): Issue[] => {
    if (zonesOfRecipient(recipient.toNumber, recipient.timezone).length === 0)
      return [{ row, field: "timezone", code: "unknown_zone", message: "Is needed: this number tells no time zone." }];
    if (mayRingFrom(recipient, batch, now) !== "never") return [];
    const message =
      "quiet_hours leave no time that suits every zone this number may be in; give timezone, or shorter quiet_hours.";
    return [{ row, field: "timezone", code: "no_calling_time", message }];
  });
  if (issues.length > 0) throw invalid(...issues);
}
