import type { SentGrant } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { Problem } from "../../domain/problem.ts";
import { asksAPerson } from "../../domain/start-policy.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";
import {
  type ApprovalRequest,
  afterAnswer,
  changedSince,
  needsAPerson,
  notStartable,
  type ObtainApprovalParts,
  obtainApproval,
  otherThanExpected,
  type RequestedBy,
  refusedByLimits,
  type StartConfirmation,
  type StartSummary,
  startUnderWay,
  stoppedByKillSwitch,
  timeHasPassed,
} from "../approve/index.ts";
import type { CreationLog } from "../create/index.ts";
import { brokenLimits } from "../limits/index.ts";
import type { Actor, Audit, KillSwitch } from "../records/index.ts";
import { type BatchSnapshot, recipientsToCall, type StartAction } from "./read-batch-for-start.ts";
import { startEffect } from "./send-start.ts";
import type { StartExecutor } from "./start-execution.ts";
import type { StartRow } from "./start-log.ts";
import { prepareStart, type StartProposal, type StartProposalParts } from "./start-proposal.ts";
import { callSpanOf, lastCallAt, maxAttemptsKnown } from "./summarize-start.ts";

export type LiveStarterParts = StartProposalParts &
  Omit<ObtainApprovalParts, "mode"> & {
    readonly creations: CreationLog;
    readonly database: DatabaseSync;
    readonly audit: Audit;
    readonly killSwitch: KillSwitch;
    readonly executor: StartExecutor;
  };

export type StartOrder = {
  readonly batchId: string;
  readonly action: StartAction;
  readonly by: RequestedBy;
  readonly expected: StartConfirmation;
};

export type StartResult =
  | { readonly kind: "started"; readonly batch: Batch }
  | {
      readonly kind: "waits";
      readonly how: string;
      readonly summary: StartSummary;
      readonly request?: ApprovalRequest;
    };

/** Live starts: checked against what the upstream says, held to the limits, agreed to, written down, sent once. */
export class LiveStarter {
  readonly #parts: LiveStarterParts;

  constructor(parts: LiveStarterParts) {
    this.#parts = parts;
  }

  async start({ batchId, action, by, expected }: StartOrder): Promise<StartResult> {
    const proposal = await this.#recordRefusal(by, batchId, async () => {
      const prepared = await prepareStart(this.#parts, batchId, action);
      if (this.#stands(prepared)) return prepared;
      requireAllowed(prepared.snapshot.batch, action);
      requireExpected(prepared.summary, expected);
      this.#refuseByLimits(prepared);
      return prepared;
    });
    if (this.#stands(proposal)) return { kind: "started", batch: proposal.snapshot.batch };
    await this.#refuseSecond(proposal);
    if (needsAgreement(action)) {
      const agreement = await obtainApproval(
        { ...this.#parts, mode: this.#parts.policy.approval },
        proposal.summary,
        by,
        expected,
      );
      if (agreement.kind === "waits") return { ...agreement, summary: proposal.summary };
    }
    return { kind: "started", batch: await this.#execute(proposal, by) };
  }

  /** Carries out what a person agreed to after the call that asked was over. Returns undefined when it is not ours. */
  async proceed({ id, summary }: ApprovalRequest): Promise<Batch | undefined> {
    const { approvals, clock } = this.#parts;
    if (approvals.get(id, clock.now())?.state !== "approved") return undefined;
    const by = { principal: "approval" };
    const proposals = await Promise.all(
      candidates(summary).map((action) => prepareStart(this.#parts, summary.batchId, action)),
    );
    const proposal = proposals.find((one) => isSame(one.summary, summary));
    if (proposal) return this.#execute(proposal, by);
    approvals.voidFor(summary.batchId, "The batch changed between the question and the answer.", by, clock.now());
    throw changedSince(summary.batchId);
  }

  /** Looks once more at the starts whose outcome an earlier process left open. */
  async reconcile(): Promise<void> {
    const { startLog, executor } = this.#parts;
    for (const row of startLog.allOpen(await this.#parts.account())) {
      await executor.lookAgain(row);
      if (startLog.openOf(row.account, row.batchId)?.state === "sent") executor.follow(row);
    }
  }

  /** Reads the batch again, after whatever time the agreement took, and starts exactly what was agreed to. */
  async #execute(agreed: StartProposal, by: Omit<RequestedBy, "askPerson">): Promise<Batch> {
    const { executor, database, approvals, clock } = this.#parts;
    const { batchId } = agreed.summary;
    const { row, grant } = await this.#recordRefusal(by, batchId, async () => {
      const proposal = await prepareStart(this.#parts, batchId, agreed.action);
      if (!isSame(proposal.summary, agreed.summary)) {
        approvals.voidFor(batchId, "The batch changed between the question and the start.", by, clock.now());
        throw changedSince(batchId);
      }
      requireAllowed(proposal.snapshot.batch, proposal.action);
      return inTransaction(database, () => this.#commit(proposal, by));
    });
    return executor.execute(row, agreed.action, grant);
  }

  /** True when the batch is scheduled already as asked for, and as was agreed to: a repeat changes nothing. */
  #stands({ account, action, snapshot: { batch }, summary: { batchId, fingerprint } }: StartProposal): boolean {
    if (action.kind !== "at" || batch.status !== "scheduled" || batch.isPaused) return false;
    return startEffect(batch, action) === "taken" && this.#parts.startLog.wasLast(account, batchId, fingerprint);
  }

  /** Uses up the agreement and writes the start down, together or not at all. */
  #commit(proposal: StartProposal, by: Omit<RequestedBy, "askPerson">): CommittedStart {
    const { approvals, startLog, clock } = this.#parts;
    const { account, action, numbers, snapshot, summary } = proposal;
    const { batchId, fingerprint, recipients } = summary;
    const now = clock.now();
    if (action.kind === "at" && action.at <= now) throw timeHasPassed(action.at);
    this.#refuseByLimits(proposal);
    const approval = needsAgreement(action) ? approvals.consume(batchId, fingerprint, now) : undefined;
    if (needsAgreement(action) && !approval) throw afterAnswer("used");
    this.#supersedeUnknown(account, batchId, now);
    const attempts = maxAttemptsKnown(snapshot);
    const calls = callSpanOf(proposal, now);
    const launch = { account, batchId, fingerprint, recipients, numbers, attempts };
    const terms = { maxRecipients: recipients, maxAttempts: attempts, lastAt: lastCallAt(snapshot, action, now) };
    const grant = approval && { ...approval.by, ...terms, approvalId: approval.id };
    const { contentDigest, stateVersion } = snapshot.batch;
    const row = startLog.begin(
      {
        ...launch,
        action: action.kind,
        ringsAt: calls.from,
        ringsUntil: calls.until,
        by: approval ? approval.by : toActor(by),
        ...(grant && { grant: { ...grant, ...(contentDigest !== undefined && { contentDigest }) } }),
      },
      now,
    );
    if (!row) throw startUnderWay(batchId);
    this.#agreed(snapshot);
    if (!grant || contentDigest === undefined) return { row };
    return { row, grant: { ...grant, contentDigest, ...(stateVersion !== undefined && { stateVersion }) } };
  }

  /** From here on the hours that were agreed to are those that the batch has. */
  #agreed({ batch, facts }: BatchSnapshot): void {
    if (facts?.hoursBefore === undefined) return;
    const { hoursBefore: _, ...known } = facts;
    this.#parts.creations.changeFacts(batch.batchId, known);
  }

  /** A person who was told of the earlier start agreed to another one. */
  #supersedeUnknown(account: string, batchId: string, now: Date): void {
    const { startLog } = this.#parts;
    const open = startLog.openOf(account, batchId);
    if (open?.state === "unknown") startLog.resolve(open.id, "failed", now);
  }

  #refuseByLimits(proposal: StartProposal): void {
    const { account, action, snapshot, numbers, fallbackNumbers, doNotCall, summary } = proposal;
    const { killSwitch, startLog, policy, clock } = this.#parts;
    if (killSwitch.isOn()) throw stoppedByKillSwitch();
    const now = clock.now();
    const { batchId, timezone } = summary;
    const calls = callSpanOf(proposal, now);
    const ringsAt = calls.from;
    // An API that keeps agreements also knows whom it reached, and holds back single calls.
    const isOurs = snapshot.batch.contentDigest !== undefined;
    const hours = isOurs ? 0 : policy.minHoursBetweenBatches;
    const launch = {
      batchId,
      numbers: numbers.map((number) => parsePhoneNumber(number)),
      fallbackNumbers: fallbackNumbers.map((number) => parsePhoneNumber(number)),
      firstCalls: {
        people: recipientsToCall(snapshot.tasks, action),
        ringsAt,
        timezone,
        ...(action.kind === "at" && { local: action.local }),
        ...(isOurs && { rules: snapshot.facts?.rules }),
      },
      attempts: maxAttemptsKnown(snapshot),
      fromNumber: snapshot.batch.fromNumber,
    };
    const issues = brokenLimits(launch, policy, {
      now,
      near: startLog.near(account, ringsAt),
      calledNear: hours === 0 ? 0 : startLog.countCalledNear(account, batchId, numbers, calls, hours),
      doNotCall,
    });
    if (issues.length > 0) throw refusedByLimits(issues);
  }

  /** A start whose outcome is open is not sent again, unless a person agrees to that. */
  async #refuseSecond({ account, action, summary: { batchId } }: StartProposal): Promise<void> {
    const { startLog, executor, policy } = this.#parts;
    const open = startLog.openOf(account, batchId);
    if (!open) return;
    await executor.lookAgain(open);
    const state = startLog.openOf(account, batchId)?.state;
    if (state === undefined) return requireAllowed(await this.#parts.api.getBatch(batchId), action);
    if (state === "sent") throw startUnderWay(batchId);
    if (!asksAPerson(policy)) throw needsAPerson(batchId);
  }

  async #recordRefusal<T>(by: Omit<RequestedBy, "askPerson">, batchId: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Problem && error.code !== "wrong_state" && error.code !== "not_found") {
        const { audit, clock } = this.#parts;
        const { principal, client } = by;
        const rules = error.issues.map(({ code }) => code).join(", ");
        const detail = rules === "" ? error.code : `${error.code}: ${rules}`;
        audit.append({ at: clock.now(), kind: "refused", principal, ...(client && { client }), batchId, detail });
      }
      throw error;
    }
  }
}

/** What a question can have been about: it keeps the start and not whether that was a resume. */
function candidates({ start }: StartSummary): readonly StartAction[] {
  if (start.kind === "at") return [start];
  return [start, { kind: "resume", redialUnknown: false }, { kind: "resume", redialUnknown: true }];
}

/** Whether the start is still that which was asked about, and nobody stopped the batch or set it going since. */
function isSame(now: StartSummary, asked: StartSummary): boolean {
  return now.fingerprint === asked.fingerprint && now.stateVersion === asked.stateVersion;
}

/** A start that is on disk, and what goes along with its request where the API keeps agreements. */
type CommittedStart = { readonly row: StartRow; readonly grant?: SentGrant };

/** What goes on under the agreement that it had before a pause needs no other. */
function needsAgreement(action: StartAction): boolean {
  return action.kind !== "resume" || action.grantId === undefined;
}

function toActor({ principal, client }: Omit<RequestedBy, "askPerson">): Actor {
  return { principal, ...(client !== undefined && { client }) };
}

function requireAllowed(batch: Batch, action: StartAction): void {
  const isHeld = batch.isPaused || batch.heldReason !== undefined;
  const isUnbegun = batch.status === "draft" || batch.status === "scheduled";
  if (action.kind === "resume" ? !isHeld : isHeld || !isUnbegun) throw notStartable(batch);
}

function requireExpected(summary: StartSummary, { recipients, fingerprint }: StartConfirmation): void {
  if (recipients !== undefined && recipients !== summary.recipients) throw otherThanExpected(summary);
  if (fingerprint !== undefined && fingerprint !== summary.fingerprint) throw otherThanExpected(summary);
}
