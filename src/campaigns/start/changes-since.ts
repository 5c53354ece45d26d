import { isDeepStrictEqual } from "node:util";
import type { CallingRules } from "../../domain/batch/plan.ts";
import { removedReason } from "../../domain/batch/taken-out.ts";
import { counted } from "../../domain/text.ts";
import { toHoursText } from "../../domain/time/calling-hours.ts";
import type { ContentFacts } from "../create/index.ts";
import type { BatchSnapshot } from "./read-batch-for-start.ts";
import type { AgreedBefore } from "./start-log.ts";

/** How a batch that runs differs from what was agreed to before, a line each; none where it does not. */
export function changesSince(
  { contentDigest, newNumbers, attempts }: AgreedBefore,
  { batch, tasks, facts }: BatchSnapshot,
  attemptsNow: number,
): readonly string[] {
  if (contentDigest === undefined || contentDigest === batch.contentDigest) return [];
  const removed = tasks.filter(({ status, reason }) => status === "cancelled" && reason === removedReason).length;
  const { hoursBefore, hours } = facts ?? {};
  const changes = [
    newNumbers.size > 0 && `${toPeople(newNumbers.size)} added`,
    removed > 0 && `${toPeople(removed)} taken out`,
    attempts !== attemptsNow && `Calls to each person, at most: ${attempts} before, ${attemptsNow} now`,
    hoursBefore !== undefined &&
      `Phones rang ${hoursBefore ? `from ${toHoursText(hoursBefore)}` : "at all hours"} before, ${hours ? `from ${toHoursText(hours)}` : "at all hours"} now`,
  ].filter((change) => typeof change === "string");
  const rules = facts && otherRules(facts);
  const isToldByHours = hoursBefore !== undefined;
  const told = [...changes, ...(rules ?? []).filter((rule) => !isToldByHours || rule !== ruleWords.quietHours)];
  if (told.length > 0 && !(facts?.isOtherList && changes.length === 0)) return told;
  const list = rules
    ? "What is said to some people, or on which number"
    : "What is said to some people, on or from which number, or when they are called again";
  return [...told, list];
}

/** The rules that are others now, in words; undefined where nobody here knows what they were. */
function otherRules({ rulesBefore: before, rules: now, isOtherList }: ContentFacts): readonly string[] | undefined {
  if (!now || (!before && !isOtherList)) return undefined;
  const differs = (name: keyof CallingRules) => before !== undefined && !isSame(before[name], now[name]);
  return [...new Set(ruleNames.filter(differs).map((name) => ruleWords[name]))];
}

/** Rules that were read from the record have no fields that are undefined. */
function isSame(before: unknown, now: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(before ?? null)), JSON.parse(JSON.stringify(now ?? null)));
}

const ruleWords = {
  retryConfig: "When people are called again",
  retryRules: "When people are called again",
  quietHours: "At what hours people are called",
  voicemail: "What is done at a mailbox",
  exclude: "Whom other batches keep from being called",
  canary: "Who is called first, and what holds the batch then",
  stopWhen: "When the batch ends before everybody is called",
  moreFromNumbers: "From which numbers people are called",
} as const satisfies { readonly [Name in keyof Required<CallingRules>]: string };

// Safe: the keys of a constant object.
const ruleNames = Object.keys(ruleWords) as (keyof typeof ruleWords)[];

function toPeople(count: number): string {
  return counted(count, "person", "people");
}
