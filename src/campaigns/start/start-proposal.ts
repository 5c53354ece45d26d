import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Environment } from "../../domain/batch/batch.ts";
import { startFingerprint } from "../../domain/batch/fingerprint.ts";
import { Problem } from "../../domain/problem.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import type { Clock } from "../../lib/clock.ts";
import type { StartSummary } from "../approve/index.ts";
import type { CreationLog } from "../create/index.ts";
import type { DoNotCallList } from "../limits/index.ts";
import { type BatchSnapshot, readBatchForStart, recipientsToCall, type StartAction } from "./read-batch-for-start.ts";
import type { StartLog } from "./start-log.ts";
import { summarize } from "./summarize-start.ts";

/** A start as the upstream tells it at this moment. */
export type StartProposal = {
  readonly account: string;
  readonly action: StartAction;
  readonly snapshot: BatchSnapshot;
  readonly numbers: readonly string[];
  /** Of those people, where the API calls them. */
  readonly fallbackNumbers: readonly string[];
  readonly doNotCall: number;
  readonly summary: StartSummary;
};

export type StartProposalParts = {
  readonly api: BatchCallApi;
  readonly clock: Clock;
  readonly creations: Pick<CreationLog, "factsOf">;
  readonly startLog: StartLog;
  readonly doNotCall: DoNotCallList;
  readonly policy: StartPolicy;
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
  const [account, environment, hasBrake, snapshot] = await Promise.all([
    parts.account(),
    api.environment(),
    api.hasBrake(),
    readBatchForStart(parts, batchId),
  ]);
  const { batch, tasks } = snapshot;
  const people = recipientsToCall(tasks, action);
  const numbers = people.map(({ toNumber }) => toNumber);
  const fingerprint = fingerprintOf(batch, numbers, action, account, environment);
  const [agentName, listed] = await Promise.all([nameAgent(api, batch.agentId), doNotCall.find(numbers)]);
  const followsUnknown = startLog.openOf(account, batchId)?.state === "unknown";
  const now = parts.clock.now();
  const agreedBefore = batch.status === "sent" ? startLog.agreedBefore(account, batchId, numbers) : undefined;
  const shown = {
    ...(agreedBefore && { agreedBefore }),
    fallbackZone: timezone,
    policy,
    followsUnknown,
    hasBrake,
    now,
  };
  const facts = { action, people, fingerprint, agentName, ...shown };
  const fallbackNumbers = people.flatMap(({ fallbackNumber }) => fallbackNumber ?? []);
  const summary = summarize(snapshot, facts);
  return { account, action, snapshot, numbers, fallbackNumbers, doNotCall: listed.size, summary };
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

/** The name that a person knows the agent by; a summary does without where it cannot be read. */
async function nameAgent(api: BatchCallApi, agentId: string | undefined): Promise<string | undefined> {
  if (agentId === undefined) return undefined;
  try {
    return (await api.getAgent(agentId)).name;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
