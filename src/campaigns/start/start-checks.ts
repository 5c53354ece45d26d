import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { isHeldByCanary, whyNobodyLeft } from "../../domain/batch/steering.ts";
import { Problem } from "../../domain/problem.ts";
import { type ApprovalMode, asksAPerson, type StartPolicy } from "../../domain/start-policy.ts";
import type { Clock } from "../../lib/clock.ts";
import {
  needsAPerson,
  notStartable,
  otherCount,
  otherThanExpected,
  type RequestedBy,
  type StartConfirmation,
  type StartSummary,
  startUnderWay,
} from "../approve/index.ts";
import type { ActingPage, Actor, Audit } from "../records/index.ts";
import type { BatchSnapshot, StartAction } from "./read-batch-for-start.ts";
import { startEffect } from "./send-start.ts";
import type { StartExecutor } from "./start-execution.ts";
import type { StartLog } from "./start-log.ts";
import type { StartProposal } from "./start-proposal.ts";
import { stopWhenOf } from "./summarize-start.ts";

// What a start of one batch, and of several as one, is asked before anybody is.

/** Who asks for a start. */
export type Asker = Omit<RequestedBy, "askPerson">;

type StartState = Pick<StartSummary, "fingerprint" | "stateVersion">;

/** Whether the start is still that which was asked about, and nobody stopped the batch or set it going since. */
export function isSame(now: StartState, asked: StartState): boolean {
  return now.fingerprint === asked.fingerprint && now.stateVersion === asked.stateVersion;
}

/**
 * How somebody agrees to a start of these batches. One whose canary held it waits for a person whatever the operator chose: the program
 * that started it must not be the one that lets the others be called. So does a resume under `host`: it takes no fingerprint by which
 * the host's own user could agree to it.
 */
export function approvalModeOf(
  policy: StartPolicy,
  action: StartAction,
  batches: readonly Pick<Batch, "steered">[],
): ApprovalMode {
  if (policy.approval === "host" && action.kind === "resume") return "auto";
  return !asksAPerson(policy) && batches.some(({ steered }) => isHeldByCanary(steered?.steering))
    ? "auto"
    : policy.approval;
}

/** What goes on under the agreement that it had before a pause needs no other. */
export function needsAgreement(action: StartAction): boolean {
  return action.kind !== "resume" || action.grantId === undefined;
}

export function toActor({ principal, client }: Asker): Actor {
  return { principal, ...(client !== undefined && { client }) };
}

/** Who does something that nobody has to agree to, and on which page, for the record. */
export function toDoer(by: Asker): Actor & { readonly channel?: ActingPage } {
  return { ...toActor(by), ...(by.through && { channel: by.through }) };
}

/** Throws `wrong_state` for a batch that the action is not for. */
export function requireAllowed(batch: Batch, action: StartAction): void {
  const isHeld = batch.isPaused || batch.heldReason !== undefined;
  const isUnbegun = batch.status === "draft" || batch.status === "scheduled";
  if (action.kind === "resume" ? !isHeld : isHeld || !isUnbegun) throw notStartable(batch);
}

export function requireExpected(summary: StartSummary, { recipients, fingerprint }: StartConfirmation): void {
  if (recipients !== undefined && recipients !== summary.recipients) throw otherCount(summary.recipients, recipients);
  if (fingerprint !== undefined && fingerprint !== summary.fingerprint) throw otherThanExpected(summary);
}

/**
 * Throws `refused_by_limit` where `stop_when` has been reached: the batch would end at once, and nobody is asked about calls that
 * are never made. It is not ended by that: another end can still be given.
 */
export function refuseEnded(snapshot: BatchSnapshot, action: StartAction, now: Date): void {
  const stopWhen = stopWhenOf(snapshot);
  if (!stopWhen) return;
  const at = action.kind === "at" && action.at > now ? action.at : now;
  const why = whyNobodyLeft(stopWhen, snapshot.tasks, at);
  if (why === undefined) return;
  const { batchId } = snapshot.batch;
  throw new Problem(
    "refused_by_limit",
    `${batchId} would end without another call, and nobody was asked: ${why}. Nothing was started and nobody was called. To go on, give it another stop_when, or {} for none, with update_batch; cancel_batch ends it.`,
  );
}

/** True when the batch is scheduled already as asked for, and as was agreed to: a repeat changes nothing. */
export function isStarted(
  { startLog }: { readonly startLog: Pick<StartLog, "wasLast"> },
  { account, action, snapshot: { batch }, summary: { batchId, fingerprint } }: StartProposal,
): boolean {
  if (action.kind !== "at" || batch.status !== "scheduled" || batch.isPaused) return false;
  return startEffect(batch, action) === "taken" && startLog.wasLast(account, batchId, fingerprint);
}

type SecondParts = {
  readonly startLog: Pick<StartLog, "openOf">;
  readonly executor: Pick<StartExecutor, "lookAgain">;
  readonly policy: StartPolicy;
  readonly api: Pick<BatchCallApi, "getBatch">;
};

/** A start whose outcome is open is not sent again, unless a person agrees to that. */
export async function refuseSecond(
  { startLog, executor, policy, api }: SecondParts,
  { account, action, summary: { batchId } }: StartProposal,
): Promise<void> {
  const open = startLog.openOf(account, batchId);
  if (!open) return;
  await executor.lookAgain(open);
  const state = startLog.openOf(account, batchId)?.state;
  if (state === undefined) return requireAllowed(await api.getBatch(batchId), action);
  if (state === "sent") throw startUnderWay(batchId);
  if (!asksAPerson(policy)) throw needsAPerson(batchId);
}

/** Does the work; a refusal that somebody may want to read later goes into the record. */
export async function recordRefusal<T>(
  { audit, clock }: { readonly audit: Audit; readonly clock: Clock },
  by: Asker,
  batchId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem && error.code !== "wrong_state" && error.code !== "not_found") {
      const { principal, client } = by;
      const rules = error.issues.map(({ code }) => code).join(", ");
      const detail = rules === "" ? error.code : `${error.code}: ${rules}`;
      audit.append({ at: clock.now(), kind: "refused", principal, ...(client && { client }), batchId, detail });
    }
    throw error;
  }
}
