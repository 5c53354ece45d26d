import type { Batch } from "../../domain/batch/batch.ts";
import { parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { Problem } from "../../domain/problem.ts";
import { inTransaction } from "../../lib/sqlite.ts";
import { type AgreementParts, agree, type Caller, type Expected } from "../approve/obtain-approval.ts";
import type { ApprovalRequest, Audit, KillSwitch, LaunchSummary } from "../approve/approval.ts";
import { seenIn } from "./send-start.ts";
import type { Action } from "./read-batch-for-start.ts";
import type { LaunchRow } from "./start-rows.ts";
import type { Ledger } from "../create/creation-log.ts";
import { brokenLimits } from "./check-limits.ts";
import { type Offer, type OfferParts, prepareOffer } from "./start-proposal.ts";
import {
  afterAnswer,
  changedSince,
  needsAPerson,
  notStartable,
  otherThanExpected,
  refusedByLimits,
  startUnderWay,
  stoppedByKillSwitch,
  timeHasPassed,
} from "../approve/refusals.ts";
import type { Settlement } from "./start-execution.ts";
import { attemptsOf } from "./summarize-start.ts";

export type LauncherParts = OfferParts &
  Omit<AgreementParts, "mode"> & {
    readonly ledger: Ledger;
    readonly audit: Audit;
    readonly killSwitch: KillSwitch;
    readonly settlement: Settlement;
  };

export type Order = {
  readonly batchId: string;
  readonly action: Action;
  readonly by: Caller;
  readonly expected: Expected;
  /** False where this very launch was agreed to not long ago. */
  readonly needsAgreement: boolean;
};

export type Launched =
  | { readonly kind: "begun"; readonly batch: Batch }
  | {
      readonly kind: "waits";
      readonly how: string;
      readonly summary: LaunchSummary;
      readonly request?: ApprovalRequest;
    };

/** Live launches: checked against what the upstream says, held to the limits, agreed to, written down, sent once. */
export class Launcher {
  readonly #parts: LauncherParts;

  constructor(parts: LauncherParts) {
    this.#parts = parts;
  }

  async launch({ batchId, action, by, expected, needsAgreement }: Order): Promise<Launched> {
    const offer = await this.#recordRefusal(by, batchId, async () => {
      const prepared = await prepareOffer(this.#parts, batchId, action);
      if (this.#stands(prepared)) return prepared;
      requireAllowed(prepared.inspected.batch, action);
      requireExpected(prepared.summary, expected);
      this.#refuseByLimits(prepared);
      return prepared;
    });
    if (this.#stands(offer)) return { kind: "begun", batch: offer.inspected.batch };
    await this.#refuseSecond(offer);
    const isNew = needsAgreement || this.#isChanged(offer);
    if (isNew) {
      const agreement = await agree({ ...this.#parts, mode: this.#parts.policy.approval }, offer.summary, by, expected);
      if (agreement.kind === "waits") return { ...agreement, summary: offer.summary };
    }
    return { kind: "begun", batch: await this.#carryOut(offer, by, isNew) };
  }

  /** Carries out what a person agreed to after the call that asked was over. Answers undefined when it is not ours. */
  async proceed({ id, summary }: ApprovalRequest): Promise<Batch | undefined> {
    const { book, clock } = this.#parts;
    if (book.get(id, clock.now())?.state !== "approved") return undefined;
    const by = { principal: "approval" };
    const offers = await Promise.all(
      candidates(summary).map((action) => prepareOffer(this.#parts, summary.batchId, action)),
    );
    const offer = offers.find((one) => one.summary.fingerprint === summary.fingerprint);
    if (offer) return this.#carryOut(offer, by, true);
    book.voidFor(summary.batchId, "The batch changed between the question and the answer.", by, clock.now());
    throw changedSince(summary.batchId);
  }

  /** Looks once more at the launches whose outcome an earlier process left open. */
  async reconcile(): Promise<void> {
    const { launches, settlement } = this.#parts;
    for (const row of launches.allOpen(await this.#parts.account())) {
      await settlement.lookAgain(row);
      if (launches.openOf(row.account, row.batchId)?.state === "sent") settlement.follow(row);
    }
  }

  /** Reads the batch again, after whatever time the agreement took, and launches exactly what was agreed to. */
  async #carryOut(agreed: Offer, by: Omit<Caller, "askPerson">, needsAgreement: boolean): Promise<Batch> {
    const { settlement, ledger, book, clock } = this.#parts;
    const { batchId, fingerprint } = agreed.summary;
    const row = await this.#recordRefusal(by, batchId, async () => {
      const offer = await prepareOffer(this.#parts, batchId, agreed.action);
      if (offer.summary.fingerprint !== fingerprint) {
        book.voidFor(batchId, "The batch changed between the question and the start.", by, clock.now());
        throw changedSince(batchId);
      }
      requireAllowed(offer.inspected.batch, offer.action);
      return inTransaction(ledger.database, () => this.#commit(offer, by, needsAgreement));
    });
    return settlement.carryOut(row, agreed.action);
  }

  /** True when the batch is scheduled already as asked for, and as was agreed to: a repeat changes nothing. */
  #stands({ account, action, inspected: { batch }, summary: { batchId, fingerprint } }: Offer): boolean {
    if (action.kind !== "at" || batch.status !== "scheduled" || batch.isPaused) return false;
    return seenIn(batch, action) === "taken" && this.#parts.launches.wasLast(account, batchId, fingerprint);
  }

  /** Uses up the agreement and writes the launch down, together or not at all. */
  #commit(offer: Offer, by: Omit<Caller, "askPerson">, needsAgreement: boolean): LaunchRow {
    const { book, launches, clock } = this.#parts;
    const { account, action, numbers, inspected, summary } = offer;
    const { batchId, fingerprint, recipients } = summary;
    const now = clock.now();
    if (action.kind === "at" && action.at <= now) throw timeHasPassed(action.at);
    this.#refuseByLimits(offer);
    const approval = needsAgreement ? book.consume(batchId, fingerprint, now) : { by };
    if (!approval) throw afterAnswer("used");
    this.#supersedeUnknown(account, batchId, now);
    const launch = { account, batchId, fingerprint, recipients, numbers, attempts: attemptsOf(inspected) };
    const { principal, client, channel } = { channel: undefined, client: undefined, ...approval.by };
    const row = launches.begin(
      {
        ...launch,
        action: action.kind,
        ringsAt: action.kind === "at" ? action.at : now,
        by: { principal, ...(client !== undefined && { client }), ...(channel !== undefined && { channel }) },
      },
      now,
    );
    if (!row) throw startUnderWay(batchId);
    return row;
  }

  /** A person who was told of the earlier start agreed to another one. */
  #supersedeUnknown(account: string, batchId: string, now: Date): void {
    const { launches } = this.#parts;
    const open = launches.openOf(account, batchId);
    if (open?.state === "unknown") launches.settle(open.id, "failed", now);
  }

  #refuseByLimits({ account, action, inspected, numbers, doNotCall, summary }: Offer): void {
    const { killSwitch, launches, policy, clock } = this.#parts;
    if (killSwitch.isOn()) throw stoppedByKillSwitch();
    const now = clock.now();
    const { batchId, timezone } = summary;
    const ringsAt = action.kind === "at" ? action.at : now;
    const launch = {
      batchId,
      numbers: numbers.map((number) => parsePhoneNumber(number)),
      ringsAt,
      timezone,
      attempts: attemptsOf(inspected),
      fromNumber: inspected.batch.fromNumber,
    };
    const issues = brokenLimits(launch, policy, {
      now,
      near: launches.near(account, ringsAt),
      calledNear: launches.countCalledNear(account, batchId, numbers, ringsAt),
      doNotCall,
    });
    if (issues.length > 0) throw refusedByLimits(issues);
  }

  /** A launch whose outcome is open is not sent again, unless a person agrees to that. */
  async #refuseSecond({ account, action, summary: { batchId } }: Offer): Promise<void> {
    const { launches, settlement, policy } = this.#parts;
    const open = launches.openOf(account, batchId);
    if (!open) return;
    await settlement.lookAgain(open);
    const state = launches.openOf(account, batchId)?.state;
    if (state === undefined) return requireAllowed(await this.#parts.api.getBatch(batchId), action);
    if (state === "sent") throw startUnderWay(batchId);
    if (policy.approval !== "auto") throw needsAPerson(batchId);
  }

  /** What goes on unasked after a short pause is what was agreed to before it. A paused list cannot be edited at all. */
  #isChanged({ account, action, summary: { batchId, fingerprint } }: Offer): boolean {
    return action.kind !== "resume" && !this.#parts.launches.wasLast(account, batchId, fingerprint);
  }

  async #recordRefusal<T>(by: Omit<Caller, "askPerson">, batchId: string, work: () => Promise<T>): Promise<T> {
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
function candidates({ start }: LaunchSummary): readonly Action[] {
  if (start.kind === "at") return [start];
  return [start, { kind: "resume", redialUnknown: false }, { kind: "resume", redialUnknown: true }];
}

function requireAllowed(batch: Batch, action: Action): void {
  const isHeld = batch.isPaused || batch.heldReason !== undefined;
  const isUnbegun = batch.status === "draft" || batch.status === "scheduled";
  if (action.kind === "resume" ? !isHeld : isHeld || !isUnbegun) throw notStartable(batch);
}

function requireExpected(summary: LaunchSummary, { recipients, fingerprint }: Expected): void {
  if (recipients !== undefined && recipients !== summary.recipients) throw otherThanExpected(summary);
  if (fingerprint !== undefined && fingerprint !== summary.fingerprint) throw otherThanExpected(summary);
}
