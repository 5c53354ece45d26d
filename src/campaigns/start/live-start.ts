import type { Batch } from "../../domain/batch/batch.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";
import {
  type ApprovalRequest,
  afterAnswer,
  changedSince,
  type ObtainApprovalParts,
  obtainApproval,
  type RequestedBy,
  type StartConfirmation,
  type StartSummary,
  timeHasPassed,
} from "../approve/index.ts";
import type { CreationLog } from "../create/index.ts";
import type { Audit, KillSwitch } from "../records/index.ts";
import type { StartAction } from "./read-batch-for-start.ts";
import { requireReleased } from "./require-released.ts";
import {
  type Asker,
  approvalModeOf,
  isSame,
  isStarted,
  needsAgreement,
  recordRefusal,
  refuseEnded,
  refuseSecond,
  requireAllowed,
  requireExpected,
} from "./start-checks.ts";
import type { StartExecutor } from "./start-execution.ts";
import { refuseByLimits } from "./start-limits.ts";
import { candidates, prepareStart, type StartProposal, type StartProposalParts } from "./start-proposal.ts";
import { type CommittedStart, writeStart } from "./write-start.ts";

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
  /** A test call: its batch was made of a number that the operator named for tests, and agreed to by that. */
  readonly isTest?: boolean;
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

  async start({ batchId, action, by, expected, isTest = false }: StartOrder): Promise<StartResult> {
    const proposal = await recordRefusal(this.#parts, by, batchId, async () => {
      await requireReleased(this.#parts);
      const prepared = await prepareStart(this.#parts, batchId, action);
      if (isStarted(this.#parts, prepared)) return prepared;
      requireAllowed(prepared.snapshot.batch, action);
      requireExpected(prepared.summary, expected);
      if (needsAgreement(action)) refuseEnded(prepared.snapshot, action, this.#parts.clock.now());
      refuseByLimits(this.#parts, prepared.summary, [prepared], isTest);
      return prepared;
    });
    if (isStarted(this.#parts, proposal)) return { kind: "started", batch: proposal.snapshot.batch };
    await refuseSecond(this.#parts, proposal);
    if (needsAgreement(action)) {
      const agreement = await obtainApproval(
        {
          ...this.#parts,
          ...(isTest
            ? namedByOperator
            : { mode: approvalModeOf(this.#parts.policy, action, [proposal.snapshot.batch]) }),
        },
        proposal.summary,
        by,
        expected,
      );
      if (agreement.kind === "waits") return { ...agreement, summary: proposal.summary };
    }
    return { kind: "started", batch: await this.#execute(proposal, by, isTest) };
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
  async #execute(agreed: StartProposal, by: Asker, isTest = false): Promise<Batch> {
    const { executor, database, approvals, clock } = this.#parts;
    const { batchId } = agreed.summary;
    const { row, grant } = await recordRefusal(this.#parts, by, batchId, async () => {
      // Before the agreement is used up.
      await requireReleased(this.#parts);
      const proposal = await prepareStart(this.#parts, batchId, agreed.action);
      if (!isSame(proposal.summary, agreed.summary)) {
        approvals.voidFor(batchId, "The batch changed between the question and the start.", by, clock.now());
        throw changedSince(batchId);
      }
      requireAllowed(proposal.snapshot.batch, proposal.action);
      return inTransaction(database, () => this.#commit(proposal, by, isTest));
    });
    return executor.execute(row, agreed.action, grant);
  }

  /** Uses up the agreement and writes the start down, together or not at all. */
  #commit(proposal: StartProposal, by: Asker, isTest: boolean): CommittedStart {
    const { approvals, clock } = this.#parts;
    const { action, summary } = proposal;
    const now = clock.now();
    if (action.kind === "at" && action.at <= now) throw timeHasPassed(action.at);
    refuseByLimits(this.#parts, summary, [proposal], isTest);
    const approval = needsAgreement(action) ? approvals.consume(summary.batchId, summary.fingerprint, now) : undefined;
    if (needsAgreement(action) && !approval) throw afterAnswer("used");
    return writeStart(this.#parts, proposal, { by, approval, now, isTest });
  }
}

/** The operator agreed to calls to these numbers when they named them. */
const namedByOperator = { mode: "policy", why: "test call, to a number of BATCH_CALL_TEST_NUMBERS" } as const;
