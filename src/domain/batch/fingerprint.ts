import { createHash } from "node:crypto";
import type { Environment } from "./batch.ts";
import type { Consent } from "./consent.ts";
import type { BatchPlan, CallingRules, Recipient } from "./plan.ts";

/** Whose content it is: the same list of two principals, or for two accounts, is two batches. */
export type ContentOwner = {
  /** Scheme, host and port of the upstream, or another name of it that outlives a restart. */
  readonly origin: string;
  readonly account: string;
  readonly principal: string;
};

/**
 * Names the content of a plan for one owner: SHA-256, hex. When it is to start is not part of it, so that asking for a
 * start later is not a second batch. Suppressed people are: the list stays the same when somebody opts out, or is excluded, meanwhile.
 */
export function contentKey(plan: BatchPlan, { origin, account, principal }: ContentOwner): string {
  const owner = { origin, account, principal };
  const ownerText = JSON.stringify(owner);
  const known = lastKeys.get(plan);
  if (known?.ownerText === ownerText) return known.key;
  const key = sha256({ owner, content: toContent(plan) });
  lastKeys.set(plan, { ownerText, key });
  return key;
}

// A create asks for the key of one plan three times, and a thousand people are sorted and written for each. A plan never changes.
const lastKeys = new WeakMap<BatchPlan, { readonly ownerText: string; readonly key: string }>();

/** What an upstream says of a batch that is to be started; what it does not say is absent. */
export type StartContent = {
  /** In any order; a number that stands twice counts twice. */
  readonly numbers: readonly string[];
  readonly agentId?: string | undefined;
  readonly fromNumber?: string | undefined;
  readonly timezone?: string | undefined;
  /** Of all of it and more: variables, rules for retries and hours. */
  readonly contentDigest?: string | undefined;
};

export type StartCircumstances = {
  /** Origin and id of the account. */
  readonly account: string;
  readonly environment: Environment;
  /** What is to be done, and when: `now`, an ISO instant, or another fixed word. */
  readonly time: string;
};

/** Names exactly what a person agrees to: these people, this account, this environment, this time. SHA-256, hex. */
export function startFingerprint(content: StartContent, { account, environment, time }: StartCircumstances): string {
  const { numbers, agentId = null, fromNumber = null, timezone = null, contentDigest: digest = null } = content;
  return sha256({ numbers: numbers.toSorted(), agentId, fromNumber, timezone, digest, account, environment, time });
}

/** Names what a person agrees to of linked batches: each part by its own fingerprint. SHA-256, hex. */
export function groupFingerprint(
  groupId: string,
  parts: readonly { readonly batchId: string; readonly fingerprint: string }[],
): string {
  return sha256({ groupId, parts: parts.map(({ batchId, fingerprint }) => [batchId, fingerprint]) });
}

/** Names a list of people by their numbers, whatever their order: SHA-256, hex. */
export function numbersDigest(
  people: readonly { readonly toNumber: string; readonly fallbackNumber?: string }[],
): string {
  const numbers = people.map(({ toNumber, fallbackNumber }) =>
    fallbackNumber === undefined ? toNumber : `${toNumber}>${fallbackNumber}`,
  );
  return sha256(numbers.toSorted());
}

/**
 * Names everything that decides who is called, from where, by whom, what is said, and how often and at what hours: SHA-256,
 * hex. The name and the time of the start are not part of it. `listDigest` stands for the recipients, their variables and
 * their own retries. What the calls are for is part of it where it is said.
 */
export function contentDigest({
  fromNumber,
  agentId,
  timezone,
  rules,
  listDigest,
  consent,
  answersWanted,
}: DialedContent): string {
  const said = { ...(consent && { consent: toPair(consent) }), ...(answersWanted && { answersWanted }) };
  return sha256({ fromNumber, agentId, timezone, rules, listDigest, ...said });
}

type DialedContent = Pick<BatchPlan, "agentId" | "timezone" | "rules"> & {
  readonly consent?: Consent | undefined;
  readonly answersWanted?: BatchPlan["answersWanted"] | undefined;
  readonly fromNumber: string;
  readonly listDigest: string;
};

function toPair({ purpose, basis }: Consent): readonly (string | null)[] {
  return [purpose ?? null, basis ?? null];
}

function toContent(plan: BatchPlan): object {
  const people = [...plan.recipients, ...(plan.suppressed ?? [])];
  return {
    name: plan.name,
    agentId: plan.agentId,
    fromNumber: plan.fromNumber,
    timezone: plan.timezone,
    ...(plan.clock && { clock: plan.clock }),
    rules: withoutExclusion(plan.rules),
    ...(plan.consent && { consent: toPair(plan.consent) }),
    ...(plan.answersWanted && { answersWanted: plan.answersWanted }),
    ...(plan.exclude && { exclude: plan.exclude }),
    people: people.sort(byNumber).map(personWriter()),
  };
}

/** What the list was told to leave out stands for it: an earlier version knew no more, and the parts of linked batches come one by one. */
function withoutExclusion({ exclude: _, ...rules }: CallingRules): CallingRules {
  return rules;
}

// A list that was only sorted again is still the same people.
function byNumber(a: Recipient, b: Recipient): number {
  return a.toNumber < b.toNumber ? -1 : 1;
}

/** Variables are the one part whose keys come in the order of the caller; people of one list have the same ones, sorted once. */
function personWriter(): (recipient: Recipient) => readonly unknown[] {
  let names: readonly string[] = [];
  let sorted: readonly string[] = [];
  return (recipient) => {
    const own = Object.keys(recipient.variables);
    if (own.length !== names.length || own.some((name, index) => name !== names[index]))
      [names, sorted] = [own, own.toSorted(byText)];
    return toPerson(recipient, sorted);
  };
}

function toPerson(recipient: Recipient, names: readonly string[]): readonly unknown[] {
  const { toNumber, variables, maxRetries, fallbackNumber, timezone, notBefore } = recipient;
  const person = [toNumber, names.map((name) => [name, variables[name]]), maxRetries];
  const called = fallbackNumber === undefined ? person : [...person, fallbackNumber];
  return timezone === undefined && notBefore === undefined ? called : [...called, { timezone, notBefore }];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function sha256(value: object): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
