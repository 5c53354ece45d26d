import type { RulesPatch } from "../../contract/batch/calling-rules.ts";
import { withRules } from "../../contract/batch/calling-rules.ts";
import type { ListChangeReport } from "../../domain/batch/list-change.ts";
import type { BatchPlan, Recipient } from "../../domain/batch/plan.ts";
import { parseE164 } from "../../domain/phone/phone-number.ts";
import { isIssue, Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { verifyCreatedDraft } from "../create/index.ts";
import type { BatchBefore, ContentChanged, ContentChangeParts } from "./content-change.ts";

/**
 * Replaces a draft at an API that can change a list by the whole body only, and reads it back as after a creation. Throws
 * `unsupported` for what such an API cannot do, `bad_response` where it made something else of it.
 */
export async function replaceDraft(
  { api, clock }: ContentChangeParts,
  before: BatchBefore,
  recipients: readonly Recipient[] | undefined,
  change: RulesPatch,
): Promise<ContentChanged> {
  const { batchId } = before.batch;
  const plan = recipients && toPlan(before, recipients, change, clock.now());
  if (!plan) throw onlyWholeDrafts(batchId);
  const replaced = await api.replaceDraft(batchId, plan);
  const verified = verifyCreatedDraft({ api, clock }, plan, replaced, before.environment);
  const { different, unverified } = await verified.catch((error: unknown) => {
    throw error instanceof Problem ? notReadBack(batchId, error) : error;
  });
  if (different.length > 0) throw notAsSent(batchId, different);
  return { batch: replaced, report: compareNumbers(before, plan), unverified };
}

/** Undefined where a part of the body is not known, so that sending it would change that part. */
function toPlan(
  { batch, facts }: BatchBefore,
  recipients: readonly Recipient[],
  change: RulesPatch,
  now: Date,
): BatchPlan | undefined {
  const { name, status, agentId, timezone, scheduledAt } = batch;
  const fromNumber = parseE164(batch.fromNumber ?? "", undefined, "from_number");
  if (status !== "draft" || !facts?.rules || agentId === undefined || timezone === undefined || isIssue(fromNumber))
    return undefined;
  const start =
    scheduledAt && scheduledAt > now ? ({ kind: "at", at: scheduledAt } as const) : ({ kind: "draft" } as const);
  return { name, agentId, fromNumber, timezone, recipients, rules: withRules(facts.rules, change), start };
}

/** Such an API does not tell what is said to whom, so everybody who stays counts as changed. */
function compareNumbers({ tasks }: BatchBefore, { recipients }: BatchPlan): ListChangeReport {
  const before = new Set(tasks.map(({ toNumber }) => toNumber));
  const after = new Set<string>(recipients.map(({ toNumber }) => toNumber));
  const changed = [...after].filter((number) => before.has(number)).length;
  const removed = [...before].filter((number) => !after.has(number)).length;
  const none = { unchanged: 0, notRemoved: [], notFound: 0, suppressed: 0 };
  return { added: after.size - changed, changed, removed, ...none };
}

function onlyWholeDrafts(batchId: string): Problem {
  return new Problem(
    "unsupported",
    `This API changes people and rules of a draft only, as a whole, and only of one that was made here: give list_id for a draft. ${batchId} was left as it is. Otherwise make another batch with create_batch_call. ${queueInFront("can change the people and rules of batches that it was given, also while they run")}`,
  );
}

function notReadBack(batchId: string, error: Problem): Problem {
  const message = `The API took the change of ${batchId}, and reading it back failed: ${error.message} It calls nobody. Do not start it before get_batch_status shows it as meant; the same change can be given again.`;
  return new Problem("outcome_unknown", message, { cause: error });
}

function notAsSent(batchId: string, different: readonly string[]): Problem {
  return new Problem(
    "bad_response",
    `The API took the change of ${batchId}, but reading it back, ${different.join(", ")}. It calls nobody. Do not start it: give the same change again, or cancel_batch it and create it again.`,
  );
}
