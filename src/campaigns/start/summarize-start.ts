import type { Task } from "../../domain/batch/batch.ts";
import { toBlankText } from "../../domain/batch/preview-variables.ts";
import { maskNumber } from "../../domain/phone/mask.ts";
import { parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { isIssue } from "../../domain/problem.ts";
import { longestSpanMs } from "../../domain/retry-rules.ts";
import { costOfStart, type StartPolicy } from "../../domain/start-policy.ts";
import { lastZone, reachedOnAll } from "../../domain/time/recipient-hours.ts";
import { toWallTime } from "../../domain/time/zone.ts";
import type { StartSummary } from "../approve/index.ts";
import { changesSince } from "./changes-since.ts";
import type { BatchSnapshot, StartAction } from "./read-batch-for-start.ts";
import type { AgreedBefore, CallSpan } from "./start-log.ts";

/** Attempts that are counted for a batch whose rules nobody here knows: the most that the API takes. */
const mostAttempts = 10;
const mostSamples = 3;
const mostBlank = 10;

export type SummaryFacts = {
  readonly action: StartAction;
  readonly people: readonly Task[];
  readonly fingerprint: string;
  readonly agentName?: string | undefined;
  /** Zone of a batch whose own is not reported. */
  readonly fallbackZone: string;
  readonly policy: StartPolicy;
  /** True when an earlier start of this batch got no answer, and was not seen to happen. */
  readonly followsUnknown: boolean;
  /** Of a batch that runs: what was agreed to before. */
  readonly agreedBefore?: AgreedBefore;
  readonly now: Date;
  /** Whether the API can pause and cancel a batch that runs. */
  readonly hasBrake: boolean;
};

/** What a person is asked to agree to, as the upstream tells it. */
export function summarize(snapshot: BatchSnapshot, facts: SummaryFacts): StartSummary {
  const { batch } = snapshot;
  const hours = snapshot.facts?.hours;
  const { action, people, fingerprint, agentName, policy, agreedBefore } = facts;
  const changes = agreedBefore ? changesSince(agreedBefore, snapshot, maxAttemptsKnown(snapshot)) : [];
  const isNew = ({ toNumber }: Task) => agreedBefore?.newNumbers.has(toNumber) ?? false;
  const newFirst = [...people.filter(isNew), ...people.filter((task) => !isNew(task))];
  return {
    batchId: batch.batchId,
    name: batch.name,
    agentId: batch.agentId ?? "not reported by the API",
    ...(agentName !== undefined && { agentName }),
    fromNumber: batch.fromNumber ?? "not reported by the API",
    recipients: people.length,
    start: action.kind === "at" ? action : { kind: "now" },
    timezone: batch.timezone ?? facts.fallbackZone,
    countries: countCountries(people),
    ...(hours && { hours }),
    // Nobody here sent the hours of a batch that was made elsewhere.
    ...(snapshot.facts && { localWindow: { first: policy.hours.start, last: policy.hours.end } }),
    hasBrake: facts.hasBrake,
    samples: newFirst.slice(0, mostSamples).map(({ toNumber }) => maskNumber(toNumber)),
    notes: notesOf(snapshot, facts),
    ...(changes.length > 0 && { changes }),
    fingerprint,
    ...(batch.stateVersion !== undefined && { stateVersion: batch.stateVersion }),
  };
}

/** The most attempts that a recipient of the batch may get, as far as the API shows its rules. */
export function maxAttemptsKnown({ batch, facts }: BatchSnapshot): number {
  return batch.maxAttempts ?? facts?.attempts ?? mostAttempts;
}

/** The instant from which on no phone may ring any more of a start, whatever its rules still say. */
export function lastCallAt({ facts, ...snapshot }: BatchSnapshot, action: StartAction, now: Date): Date {
  return new Date(lastFirstCallMs(snapshot, action, now) + (facts?.spanMs ?? longestSpanMs));
}

/** When the last of those is due for the first time who are not called before a time of their own. */
function lastFirstCallMs({ batch, tasks }: Omit<BatchSnapshot, "facts">, action: StartAction, now: Date): number {
  const from = action.kind === "at" ? action.at : now;
  const local = action.kind === "at" ? action.local : action.kind === "resume" ? batch.notBeforeLocal : undefined;
  const own = tasks.map(({ notBefore }) => notBefore?.getTime() ?? 0);
  const latest = local === undefined ? 0 : reachedOnAll(local, [lastZone]).getTime();
  return Math.max(from.getTime(), latest, ...own);
}

/** From when and until when a start is expected to ring phones, by its rules. */
export function callSpanOf(
  { action, snapshot }: { readonly action: StartAction; readonly snapshot: BatchSnapshot },
  now: Date,
): CallSpan {
  const from = action.kind === "at" ? action.at : now;
  return { from, until: new Date(lastFirstCallMs(snapshot, action, now) + (snapshot.facts?.retriesForMs ?? 0)) };
}

function countCountries(people: readonly Task[]): StartSummary["countries"] {
  const counts = new Map<string, number>();
  for (const { toNumber } of people) {
    const country = countryOf(toNumber);
    counts.set(country, (counts.get(country) ?? 0) + 1);
  }
  return [...counts]
    .map(([country, recipients]) => ({ country, recipients }))
    .sort((a, b) => b.recipients - a.recipients);
}

function countryOf(text: string): string {
  const number = parsePhoneNumber(text);
  return (isIssue(number) ? undefined : number.country) ?? "unknown";
}

/** `2026-03-04 11:00 (America/New_York)` */
function toMinute(at: Date, zone: string): string {
  return `${toWallTime(at, zone).slice(0, 16).replace("T", " ")} (${zone})`;
}

const notVerified =
  "This API does not show what is said to each person, how often it calls and at what hours. Nobody has checked that these still are as they were sent.";

/** What the agreement covers beside the first numbers, whose countries the summary counts. */
function toFallbackNote(people: readonly Task[], numbers: readonly string[]): string {
  const n = numbers.length;
  const who = n === 1 ? "1 of them has a second number, which is" : `${n} of them have a second number, which is`;
  const known = new Set(people.map(({ toNumber }) => countryOf(toNumber)));
  const others = [...new Set(numbers.map(countryOf))].filter((country) => !known.has(country));
  const where = others.length === 0 ? "" : ` Some second numbers are in other countries: ${others.join(", ")}.`;
  return `${who} called when the first is not reached.${where}`;
}

function notesOf(
  snapshot: BatchSnapshot,
  { action, people, policy, followsUnknown, fallbackZone, hasBrake, now }: SummaryFacts,
): readonly string[] {
  const { batch, facts } = snapshot;
  const attempts = maxAttemptsKnown(snapshot);
  const isAttemptsKnown = batch.maxAttempts !== undefined || facts !== undefined;
  const lastAt = lastCallAt(snapshot, action, now);
  const fallbacks = people.flatMap(({ fallbackNumber }) => fallbackNumber ?? []);
  const { spend } = policy.limits;
  const cost = spend && costOfStart(people.length, maxAttemptsKnown(snapshot), spend.pricePerCall);
  return [
    action.kind === "resume" && "These people are called when a paused batch goes on.",
    action.kind === "resume" && action.redialUnknown && "Some of them may have been reached already.",
    !hasBrake && "Once it runs, it can be stopped only in your API provider's own portal.",
    followsUnknown && "An earlier start of this batch got no answer. Should it arrive late, it starts the same batch.",
    facts === undefined &&
      `This batch was not made here, so ${isAttemptsKnown ? "" : "how often and "}at what hours each person is called is not known.`,
    isAttemptsKnown &&
      attempts > 1 &&
      `Each person is called up to ${attempts} times${fallbacks.length > 0 ? ", on both numbers together" : ""}.`,
    fallbacks.length > 0 && toFallbackNote(people, fallbacks),
    batch.contentDigest !== undefined && `Nobody is called after ${toMinute(lastAt, batch.timezone ?? fallbackZone)}.`,
    batch.contentDigest === undefined && notVerified,
    ...(facts?.blankVariables ?? []).slice(0, mostBlank).map((blank) => `${toBlankText(blank)}.`),
    cost !== undefined && `This costs at most ${cost}.`,
    facts && facts.unverified.length > 0 && `The API did not confirm: ${facts.unverified.join(", ")}.`,
  ].filter((note) => typeof note === "string");
}
