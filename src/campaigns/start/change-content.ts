import { isDeepStrictEqual } from "node:util";
import { mayHaveSucceeded } from "../../client/ambiguous-outcome.ts";
import { type RulesPatch, withRules } from "../../contract/batch/calling-rules.ts";
import { present } from "../../contract/fields.ts";
import type { Task } from "../../domain/batch/batch.ts";
import { numbersDigest } from "../../domain/batch/fingerprint.ts";
import { type PlanPreview, previewPlan } from "../../domain/batch/outlook.ts";
import type { CallingRules, Recipient } from "../../domain/batch/plan.ts";
import { numberFinder } from "../../domain/phone/shown-number.ts";
import { Problem } from "../../domain/problem.ts";
import { allowedAttempts, longestSpanOf, mostAttemptsOf, retriesFor } from "../../domain/retry-rules.ts";
import { toBatchHours } from "../../domain/time/calling-hours.ts";
import { type ContentFacts, toSentPeople } from "../create/index.ts";
import type { BatchBefore, ContentChange, ContentChanged, ContentChangeParts } from "./content-change.ts";
import { planRules } from "./plan-rules.ts";
import { readTasks } from "./read-batch-for-start.ts";
import { replaceDraft } from "./replace-draft.ts";

/**
 * Changes list and rules of a batch, and what is known here of its content. It never agrees to a call: what was agreed to and is
 * changed waits for a person. The same change again does no harm, also after one whose answer was lost.
 */
export async function changeContent(
  parts: ContentChangeParts,
  batchId: string,
  wanted: ContentChange,
): Promise<ContentChanged> {
  const { api, creations } = parts;
  const [batch, tasks, environment] = await Promise.all([
    api.getBatch(batchId),
    readTasks(api, batchId),
    api.environment(),
  ]);
  const sent = wanted.recipients && (await toSentPeople(api, wanted.recipients));
  const change = { ...wanted, ...(sent && { recipients: sent.recipients }) };
  const facts = creations.factsOf(batchId);
  const before = { batch, tasks, environment, ...(facts && { facts }) };
  const rules = planRules(before, change, parts);
  if (facts) creations.changeFacts(batchId, { ...facts, isChanged: true });
  try {
    const made = await send(parts, before, change, rules);
    const changed = { ...made, unverified: [...made.unverified, ...(sent?.leftOut ?? [])] };
    if (facts) creations.changeFacts(batchId, await factsAfter(parts, { ...before, facts }, change, rules, changed));
    return changed;
  } catch (error) {
    if (facts && !mayHaveSucceeded(error) && !(error instanceof Problem && error.code === "bad_response"))
      creations.changeFacts(batchId, facts);
    throw error;
  }
}

async function send(
  parts: ContentChangeParts,
  before: BatchBefore,
  { recipients, campaignId }: ContentChange,
  rules: RulesPatch,
): Promise<ContentChanged> {
  const { api } = parts;
  const { batchId } = before.batch;
  if (!(await api.hasBrake())) return replaceDraft(parts, before, recipients, rules);
  const hold = before.environment === "live";
  const edited =
    Object.keys(rules).length > 0
      ? await api.editBatch(batchId, { rules, ...present({ campaignId }), ...(hold && { hold }) })
      : before.batch;
  if (!recipients) return { batch: edited, unverified: [] };
  const changed = await api.replaceList(batchId, recipients, { hold });
  return { ...changed, unverified: [] };
}

/** What a start has to know, of the list that the API shows now. Throws `bad_response` where that is not the one that was sent. */
async function factsAfter(
  { api }: ContentChangeParts,
  { batch, facts }: BatchBefore & { readonly facts: ContentFacts },
  wanted: ContentChange,
  change: RulesPatch,
  { batch: changed, unverified }: ContentChanged,
): Promise<ContentFacts> {
  const { recipients } = wanted;
  const { blankVariables } = recipients ? wanted : facts;
  const listed = await readTasks(api, batch.batchId);
  const tasks = recipients ? inSentForm(listed, recipients) : listed;
  if (recipients) requireList(batch.batchId, tasks, recipients);
  const rules = facts.rules && withRules(facts.rules, change);
  const attempts = changed.maxAttempts ?? mostAttemptsOf(rules ?? {}, recipients ?? []);
  const hours = rules ? toBatchHours(rules.quietHours, batch.timezone ?? "UTC") : facts.hours;
  const preview = rules && previewAfter(facts.preview, wanted, rules, { attempts, recipients: tasks.length });
  const { hours: _hours, blankVariables: _blank, preview: _preview, ...others } = facts;
  return {
    ...others,
    ...(recipients && { numbersDigest: numbersDigest(tasks) }),
    attempts,
    ...(rules && { rules, spanMs: longestSpanOf(rules, attempts), retriesForMs: retriesFor(rules, attempts) }),
    unverified,
    isChanged: true,
    ...(facts.hoursBefore === undefined &&
      !isDeepStrictEqual(hours, facts.hours) && { hoursBefore: facts.hours ?? null }),
    ...(facts.rulesBefore === undefined && facts.rules && { rulesBefore: facts.rules }),
    ...(recipients && { isOtherList: true }),
    ...present({ hours, blankVariables, preview }),
  };
}

/** Other rules alone change how often each is called, which is then known of all of them together only. */
function previewAfter(
  before: PlanPreview | undefined,
  { recipients, blankVariables = [], leftOut = [], unreadZones }: ContentChange,
  rules: CallingRules,
  everybody: PlanPreview["groups"][number],
): PlanPreview | undefined {
  if (recipients) return previewPlan({ recipients, rules, blankVariables, leftOut, ...present({ unreadZones }) });
  return before && { ...before, groups: [everybody], attemptsOfNumber: allowedAttempts(rules) };
}

/** With the numbers of those people as they were sent, in whatever form the API writes them. */
function inSentForm(tasks: readonly Task[], recipients: readonly Recipient[]): readonly Task[] {
  const sent = recipients.flatMap(({ toNumber, fallbackNumber }) => [
    toNumber,
    ...(fallbackNumber ? [fallbackNumber] : []),
  ]);
  const find = numberFinder(sent);
  return tasks.map((task) => ({
    ...task,
    toNumber: find(task.toNumber) ?? task.toNumber,
    ...(task.fallbackNumber !== undefined && { fallbackNumber: find(task.fallbackNumber) ?? task.fallbackNumber }),
  }));
}

/** Everybody who was sent is on the list, and nobody else waits to be called, nor on another fallback number. */
function requireList(batchId: string, tasks: readonly Task[], recipients: readonly Recipient[]): void {
  const wanted = new Map<string, string | undefined>(
    recipients.map(({ toNumber, fallbackNumber }) => [toNumber, fallbackNumber]),
  );
  const listed = new Set(tasks.map(({ toNumber }) => toNumber));
  const isWhole = [...wanted.keys()].every((number) => listed.has(number));
  const isWanted = ({ toNumber, fallbackNumber }: Task) =>
    wanted.has(toNumber) && wanted.get(toNumber) === fallbackNumber;
  if (isWhole && tasks.every((task) => task.status !== "pending" || isWanted(task))) return;
  throw new Problem(
    "bad_response",
    `The API took the new list of ${batchId}, but reading it back, other people are on it. Do not start it: give the same change again, or cancel_batch it and create it again.`,
  );
}
