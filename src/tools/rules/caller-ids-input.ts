import { z } from "zod";
import type { Batch } from "../../domain/batch/batch.ts";
import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { parseMoreCallerIds } from "../../domain/batch/plan-batch.ts";
import type { Issue } from "../../domain/problem.ts";
import { Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { collectPages, inWords } from "../arguments/shapes.ts";
import type { ToolContext } from "../tool.ts";
import { findCallerId } from "./account-names.ts";

/** Beside `from_number`. */
export const moreFromNumbers = () =>
  inWords(z.array(z.string()).max(99), "More of them; the nearest one calls.").optional();

/** Throws `unsupported` where the API calls from one number. */
export async function requireCallerIds({ api }: Pick<ToolContext, "api">): Promise<void> {
  if (await api.hasBrake()) return;
  const message = `This API calls a batch from one number: it takes no more_from_numbers. Nothing was changed or created. Leave it out, or make a batch for the people near each caller id. ${queueInFront("calls each person from the nearest one")}`;
  throw new Problem("unsupported", message);
}

/** All caller ids of a plan; none where there is no plan. */
export function callerIdsIn(plan: BatchPlan | undefined): readonly string[] {
  return callerIdsOf(plan?.fromNumber, plan?.rules.moreFromNumbers);
}

/** Caller ids, or nicknames of them, that a batch is to call from besides its first; an empty list takes them away. */
export async function settleCallerIds(
  given: readonly string[] | undefined,
  { fromNumber }: Batch,
  { api, defaultCountry }: Pick<ToolContext, "api" | "defaultCountry">,
): Promise<{
  readonly rules: { readonly moreFromNumbers?: readonly string[] | undefined };
  readonly issues: readonly Issue[];
}> {
  if (given === undefined) return { rules: {}, issues: [] };
  await requireCallerIds({ api });
  const account = await collectPages((page) => api.listPhoneNumbers(page));
  const facts = { callerIds: account.map(({ phoneNumber }) => phoneNumber), defaultCountry };
  const texts = given.map((text) => findCallerId(text, account, defaultCountry));
  const { numbers, issues } = parseMoreCallerIds(texts, fromNumber, facts);
  return { rules: { moreFromNumbers: numbers.length > 0 ? numbers : undefined }, issues };
}
