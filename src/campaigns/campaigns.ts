import type { Batch, Task } from "../domain/batch/batch.ts";
import type { Consent } from "../domain/batch/consent.ts";
import type { HeldNumbers } from "../domain/batch/held-people.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import type { LocalTime } from "../domain/batch/preview-places.ts";
import type { StartPolicy } from "../domain/start-policy.ts";
import type { ApprovalRequest, PeoplePage, RequestedBy, StartConfirmation } from "./approve/index.ts";
import type { GroupEdits, PartRecord } from "./group/index.ts";
import type { DoNotCallList } from "./limits/index.ts";
import type { StartRequest, StartStatus } from "./start/index.ts";

/** A start that waits for a person. */
export type ApprovalNeeded = {
  /** What a person can do about it, and what to do meanwhile. */
  readonly how: string;
  readonly expectedRecipients: number;
  readonly fingerprint: string;
};

/** How a question that waits is told of: without its id, with which it is answered. */
export type OpenQuestion = Pick<ApprovalRequest, "expiresAt"> &
  Pick<ApprovalRequest["summary"], "recipients" | "start">;

type CreateResult = {
  readonly batch: Batch;
  /** The plan as it was sent. */
  readonly sent: BatchPlan;
  /** True when the same content was created before and this is that batch. */
  readonly replayed: boolean;
  /** True of a batch that was found again and runs, or is scheduled, although no start of it was sent from here. */
  readonly isSetGoing?: true;
  /** Fields that the API did not echo, so that nobody knows whether it took them as meant. */
  readonly unverified: readonly string[];
  /** Set when a start was asked for and a person has to agree first; nothing rings until then. */
  readonly approval?: ApprovalNeeded;
};

/** The only way to a ringing phone. Creation never dials; starting asks whether it may. */
export type Campaigns = GroupEdits & {
  create(
    plan: BatchPlan,
    options: { readonly allowDuplicate: boolean; readonly by: RequestedBy },
  ): Promise<CreateResult>;
  /** The plan as `create` sends it, with what the operator's calling hours add. Throws `refused_by_limit` as `create` does. */
  toSend(plan: BatchPlan): Promise<BatchPlan>;
  /** The batch that `create` would replay for this content, if there is one. Changes nothing. */
  findSame(plan: BatchPlan, principal: string): Promise<Batch | undefined>;
  /** The batch of this content that is over, where `create` makes another one after it: its people are called again. Only in the simulation. */
  findEnded(plan: BatchPlan, principal: string): Promise<Batch | undefined>;
  /**
   * Throws `needs_approval` while a person has yet to agree, or said no; `refused_by_limit` for a limit of the operator;
   * `wrong_state` where the batch cannot start; `outcome_unknown` while nobody knows whether it did.
   */
  start(batchId: string, start: StartRequest, by: RequestedBy, expected: StartConfirmation): Promise<Batch>;
  /** The parts of a group, in the order of the list's rows; undefined for what is no group of this data directory. */
  partsOf(batchId: string): Promise<readonly PartRecord[] | undefined>;
  /** Id of the group that a batch is a part of. */
  groupOf(batchId: string): Promise<string | undefined>;
  /**
   * Rings a number that the operator named for tests, once, as a batch of its own, without asking anybody. Throws `refused_by_limit` for any
   * other number, and where one of the operator's other limits forbids a start.
   */
  testCall(plan: BatchPlan, by: RequestedBy): Promise<Batch>;
  /** Throws as `start` does. */
  resume(batchId: string, options: { readonly redialUnknown: boolean }, by: RequestedBy): Promise<Batch>;
  /** The rules for retries and quiet hours as they were sent, a line each; undefined for a batch that was not made here. */
  rulesOf(batch: Batch): readonly string[] | undefined;
  /** Whether the batch is to start by its recipients' clocks: it has a time of theirs, or was made to go by them and has no time yet. */
  isOnOwnClocks(batch: Batch): boolean;
  /** What its calls are for, as far as the API shows it or it was said here. */
  consentOf(batch: Batch): Consent | undefined;
  /**
   * That all calls are stopped, here or at the service, since when and how that is released, in a sentence or two; undefined while they
   * are not, and where the service does not answer.
   */
  whyStopped(): Promise<string | undefined>;
  startStatus(batchId: string): Promise<StartStatus | undefined>;
  /** The question about a start of the batch that a person may answer now. It can be shown, and not answered by whoever reads it here. */
  openQuestion(batchId: string): OpenQuestion | undefined;
  /** Those of the people whom another batch reached so lately that a live start would not call them yet. */
  heldNumbers(people: readonly Pick<Task, "toNumber">[]): Promise<HeldNumbers>;
  /** The last minute in which a phone may ring by what a person agreed to, as the question told it; undefined where nobody did. */
  lastRing(batch: Batch): Promise<LocalTime | undefined>;
  /** A batch by what people know it by; undefined for one that is gone. Text from outside. */
  nameOfBatch(batchId: string): Promise<string | undefined>;
  /** What the limits say to a start of this plan: refusals of a live one, warnings for a simulated one. `same` is the batch that exists of it. */
  warnings(plan: BatchPlan, same?: Batch): Promise<readonly string[]>;
  /** A page of those whom a question is about; undefined where what the page has is not any more what was asked about. */
  askedPeople(
    request: ApprovalRequest,
    page: PeoplePage,
  ): Promise<{ readonly people: readonly Task[]; readonly total: number } | undefined>;
  /** Launches what a person agreed to outside of a call. */
  proceed(request: ApprovalRequest): Promise<void>;
  /** Takes up what an earlier process left open: starts, questions, drafts that nobody knows of. */
  takeUp(): Promise<void>;
  /** What the operator set, for whoever tells people about it. */
  readonly policy: StartPolicy;
  /** Numbers that are left out of every new batch. */
  readonly doNotCall: DoNotCallList;
  /** Ends the work in the background. */
  close(): Promise<void>;
};
