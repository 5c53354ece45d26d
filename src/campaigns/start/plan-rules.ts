import { isDeepStrictEqual } from "node:util";
import type { RulesPatch } from "../../contract/batch/calling-rules.ts";
import { present } from "../../contract/fields.ts";
import type { Task } from "../../domain/batch/batch.ts";
import { recipientClock } from "../../domain/batch/plan.ts";
import { parseE164, parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { isIssue, Problem } from "../../domain/problem.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import type { Clock } from "../../lib/clock.ts";
import { withinCallingHours } from "../create/index.ts";
import type { BatchBefore, ContentChange } from "./content-change.ts";

/**
 * The rules to send along with a change. In a live batch the operator's calling hours are kept for everybody who is then on the
 * list: other quiet hours, or people in other zones, make another window. Throws `refused_by_limit` where no hour suits them, and
 * `unsupported` where the hours that the batch was given are not known.
 */
export function planRules(
  { batch, tasks, facts, environment }: BatchBefore,
  { recipients, rules = {} }: ContentChange,
  { policy, clock }: { readonly policy: StartPolicy; readonly clock: Clock },
): RulesPatch {
  const needsWindow = recipients !== undefined || "quietHours" in rules;
  if (environment !== "live" || !needsWindow) return rules;
  if (!facts?.rules || batch.timezone === undefined) throw hoursUnknown(batch.batchId);
  const quietHours = "quietHours" in rules ? rules.quietHours : facts.rules.quietHours;
  // The API tells the place in the batch, which is the row of nobody's list.
  const waiting = tasks.filter(({ status }) => status === "pending").map(({ row: _place, ...task }) => task);
  const people: readonly Listed[] = recipients ?? waiting;
  const plan = {
    rules: quietHours ? { quietHours } : {},
    timezone: batch.timezone,
    // Who was called by their own clocks goes on to be, where other quiet hours name no clock.
    ...(facts.rules.quietHours?.zone === recipientClock && ({ clock: recipientClock } as const)),
    recipients: people.flatMap(toCallable),
    start: batch.scheduledAt ? ({ kind: "at", at: batch.scheduledAt } as const) : ({ kind: "draft" } as const),
  };
  const window = withinCallingHours(plan, policy.hours, clock.now(), batch.contentDigest !== undefined).rules
    .quietHours;
  return isDeepStrictEqual(window, facts.rules.quietHours) ? withoutHours(rules) : { ...rules, quietHours: window };
}

function withoutHours({ quietHours: _, ...rules }: RulesPatch): RulesPatch {
  return rules;
}

type Listed = Pick<Task, "toNumber" | "fallbackNumber" | "timezone" | "row">;

function toCallable({ toNumber: text, fallbackNumber, timezone, row }: Listed) {
  const number = parsePhoneNumber(text);
  const second = fallbackNumber === undefined ? undefined : parseE164(fallbackNumber, undefined, "fallback_number");
  if (isIssue(number)) return [];
  const { e164: toNumber, ...told } = number;
  return [{ toNumber, ...told, ...present({ timezone, row, fallbackNumber: isIssue(second) ? undefined : second }) }];
}

function hoursUnknown(batchId: string): Problem {
  return new Problem(
    "unsupported",
    `${batchId} was not made here, or by an earlier version, so the hours at which it calls are not known and could be lost by this change. Nothing was changed. cancel_batch it and make another with create_batch_call.`,
  );
}
