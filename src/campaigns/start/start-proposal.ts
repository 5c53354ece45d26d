import type { BatchCallApi, VoiceAgent } from "../../client/api.ts";
import type { Batch, Environment, Task } from "../../domain/batch/batch.ts";
import type { CallLimits } from "../../domain/batch/call-limits.ts";
import { startFingerprint } from "../../domain/batch/fingerprint.ts";
import type { HeldNumbers } from "../../domain/batch/held-people.ts";
import { Problem } from "../../domain/problem.ts";
import type { StartSummary } from "../approve/index.ts";
import type { CreationLog } from "../create/index.ts";
import type { DoNotCallList } from "../limits/index.ts";
import { findHeldNumbers, type HeldNumbersParts } from "./held-numbers.ts";
import { type BatchSnapshot, readBatchForStart, recipientsToCall, type StartAction } from "./read-batch-for-start.ts";
import type { StartLog } from "./start-log.ts";
import { summarize } from "./summarize-start.ts";

/** A start as the upstream tells it at this moment. */
export type StartProposal = {
  readonly account: string;
  readonly action: StartAction;
  readonly snapshot: BatchSnapshot;
  /** How fast the API calls at most, where it tells that. */
  readonly limits: CallLimits | undefined;
  /** Numbers that wait for the call of another batch. */
  readonly held: HeldNumbers;
  readonly numbers: readonly string[];
  /** Of those people, where the API calls them. */
  readonly fallbackNumbers: readonly string[];
  readonly doNotCall: number;
  readonly summary: StartSummary;
};

export type StartProposalParts = HeldNumbersParts & {
  readonly creations: Pick<CreationLog, "factsOf">;
  readonly startLog: StartLog;
  readonly doNotCall: DoNotCallList;
  /** IANA zone of a batch that tells none. */
  readonly timezone: string;
  /** Origin and id of the account, as one name. */
  readonly account: () => Promise<string>;
};

/** Reads from the upstream what an action would call, and names it by its fingerprint. */
export async function prepareStart(
  parts: StartProposalParts,
  batchId: string,
  action: StartAction,
): Promise<StartProposal> {
  const { api, startLog, policy, timezone, doNotCall } = parts;
  const [account, environment, hasBrake, limits, snapshot] = await Promise.all([
    parts.account(),
    api.environment(),
    api.hasBrake(),
    api.callLimits(),
    readBatchForStart(parts, batchId),
  ]);
  const { batch, tasks } = snapshot;
  const people = recipientsToCall(tasks, action);
  const numbers = people.map(({ toNumber }) => toNumber);
  const fingerprint = fingerprintOf(batch, numbers, action, account, environment);
  const [agent, listed, held] = await Promise.all([
    findAgent(api, batch.agentId),
    doNotCall.find(numbers),
    findHeldNumbers(parts, people, batchId),
  ]);
  const followsUnknown = startLog.openOf(account, batchId)?.state === "unknown";
  const now = parts.clock.now();
  const agreedBefore = batch.status === "sent" ? startLog.agreedBefore(account, batchId, numbers) : undefined;
  const shown = {
    ...(agreedBefore && { agreedBefore }),
    fallbackZone: timezone,
    policy,
    followsUnknown,
    hasBrake,
    held,
    limits,
    now,
  };
  const facts = { action, people, fingerprint, agent, ...shown };
  const fallbackNumbers = people.flatMap(({ fallbackNumber }) => fallbackNumber ?? []);
  const summary = summarize(snapshot, facts);
  return { account, action, snapshot, limits, held, numbers, fallbackNumbers, doNotCall: listed.size, summary };
}

/** Whom a question is about, as the upstream has them now; undefined where the batch is not any more what was asked about. */
export async function findAskedPeople(
  parts: Pick<StartProposalParts, "api" | "clock" | "creations" | "account">,
  summary: Pick<StartSummary, "batchId" | "start" | "fingerprint" | "stateVersion">,
): Promise<readonly Task[] | undefined> {
  const [account, environment, { batch, tasks }] = await Promise.all([
    parts.account(),
    parts.api.environment(),
    readBatchForStart(parts, summary.batchId),
  ]);
  if (batch.stateVersion !== summary.stateVersion) return undefined;
  const lists = candidates(summary).map((action) => ({ action, people: recipientsToCall(tasks, action) }));
  return lists.find(({ action, people }) => {
    const numbers = people.map(({ toNumber }) => toNumber);
    return fingerprintOf(batch, numbers, action, account, environment) === summary.fingerprint;
  })?.people;
}

/** What a question can have been about: it keeps the start and not whether that was a resume. */
export function candidates({ start }: Pick<StartSummary, "start">): readonly StartAction[] {
  if (start.kind === "at") return [start];
  return [start, { kind: "resume", redialUnknown: false }, { kind: "resume", redialUnknown: true }];
}

function fingerprintOf(
  { agentId, fromNumber, timezone, contentDigest }: Batch,
  numbers: readonly string[],
  action: StartAction,
  account: string,
  environment: Environment,
): string {
  return startFingerprint(
    { numbers, agentId, fromNumber, timezone, contentDigest },
    { account, environment, time: toTimeWord(action) },
  );
}

function toTimeWord(action: StartAction): string {
  switch (action.kind) {
    case "now":
      return "now";
    case "at":
      return action.local === undefined ? action.at.toISOString() : `${action.at.toISOString()} ${action.local}`;
    case "resume":
      return action.redialUnknown ? "resume, unknown too" : "resume";
  }
}

/** The name that a person knows the agent by, and what it says first; a summary does without where they cannot be read. */
async function findAgent(api: BatchCallApi, agentId: string | undefined): Promise<VoiceAgent | undefined> {
  if (agentId === undefined) return undefined;
  try {
    return await api.getAgent(agentId);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
