import { z } from "zod";
import type { HeldRules } from "../../domain/batch/batch.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import { callingRulesFields, fromCallingRulesBody, toCallingRulesBody } from "./calling-rules.ts";

const heldBlock = z.looseObject({}).nullable();
const heldRules = z.array(z.looseObject({})).nullable();

/** Rules of a batch as our service shows them, in the form in which they are given; null for those that it has not. */
export const heldRulesFields = {
  retry_config: heldBlock.optional().describe("As it was given; null where there is none."),
  retry_rules: heldRules.optional().describe("The same."),
  quiet_hours: heldBlock.optional().describe("The same."),
};

/** See `heldRulesFields`; `batchZone` stands where quiet hours name no zone. */
export function toHeldRulesBody(rules: CallingRules, batchZone: string) {
  const { retry_config = null, retry_rules = null, quiet_hours = null } = toCallingRulesBody(rules, batchZone);
  return {
    retry_config,
    retry_rules: retry_rules && [...retry_rules],
    quiet_hours,
  };
}

const heldRulesReading = z.object({
  retry_config: callingRulesFields.retry_config.catch(undefined),
  retry_rules: callingRulesFields.retry_rules.catch(undefined),
  quiet_hours: callingRulesFields.quiet_hours.catch(undefined),
});

/** Of an answer those of the three that it tells in a form that can be read; undefined where it tells none. */
export function fromHeldRulesBody(body: unknown): HeldRules | undefined {
  const told = heldRulesReading.safeParse(body).data ?? {};
  const { retryConfig = null, retryRules = null, quietHours = null } = fromCallingRulesBody(told);
  const held = {
    ...(told.retry_config !== undefined && { retryConfig }),
    ...(told.retry_rules !== undefined && { retryRules }),
    ...(told.quiet_hours !== undefined && { quietHours }),
  };
  return Object.keys(held).length > 0 ? held : undefined;
}

/** Rules as they are read back where they were sent for a batch in that zone and nothing was changed. */
export function toHeldRules(rules: CallingRules, batchZone: string): HeldRules {
  return fromHeldRulesBody(toHeldRulesBody(rules, batchZone)) ?? {};
}
