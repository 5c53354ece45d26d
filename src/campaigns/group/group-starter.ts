import type { Batch, Task } from "../../domain/batch/batch.ts";
import { partsText } from "../../domain/batch/group.ts";
import { Problem } from "../../domain/problem.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import { KeyedMutex } from "../../lib/background.ts";
import { inTransaction } from "../../lib/sqlite.ts";
import {
  type ApprovalRequest,
  type ApprovalWatcher,
  afterAnswer,
  obtainApproval,
  type PeoplePage,
  type RequestedBy,
  type StartConfirmation,
  type StartSummary,
  timeHasPassed,
} from "../approve/index.ts";
import {
  type Asker,
  approvalModeOf,
  candidates,
  describeStartStatus,
  findAskedPeople,
  isSame,
  isStarted,
  type LiveStarterParts,
  needsAgreement,
  prepareStart,
  readTasks,
  recordRefusal,
  refuseByLimits,
  refuseEnded,
  refuseSecond,
  requireAllowed,
  requireExpected,
  requireReleased,
  type StartAction,
  type StartProposal,
  type StartResult,
  type StartStatus,
  stopWhenOf,
  writeStart,
} from "../start/index.ts";
import type { GroupLog, GroupRecord } from "./group-log.ts";
import { type GroupProposal, type PartActions, prepareGroup } from "./group-proposal.ts";
import { nothingToStart } from "./nothing-to-start.ts";
import { planGroupResume } from "./plan-group-resume.ts";
import { batchIdsOf, partsAtOnce, readGroup } from "./read-group.ts";
import { SendParts } from "./send-parts.ts";
import { toPartActions } from "./start-simulated-group.ts";
import { readParts, requireGroup } from "./steps.ts";

export type GroupStarterParts = LiveStarterParts & { readonly groups: GroupLog };

type GroupOrder = {
  readonly groupId: string;
  readonly by: RequestedBy;
  readonly expected: StartConfirmation;
};

/**
 * Live starts of groups. One question covers all parts that are to be started; its answer is used up in the transaction that writes
 * all of their starts down. Their requests leave one after the other, each once, and each part must still be what was agreed to.
 */
export class GroupStarter {
  readonly #parts: GroupStarterParts;
  readonly #sending: SendParts;
  readonly #mutex = new KeyedMutex();

  constructor(parts: GroupStarterParts) {
    this.#parts = parts;
    this.#sending = new SendParts(parts);
  }

  /** Starts the parts that did not begin yet. */
  async start(order: GroupOrder, action: StartAction): Promise<StartResult> {
    const group = await this.#whole(order.groupId);
    const hasGoneOn = await this.continueStarts(order.groupId);
    const actions = toPartActions(action, await readParts(this.#parts, group), this.#parts.clock.now());
    // What was agreed to before is what was asked for now.
    if (actions.size === 0 && hasGoneOn) return { kind: "started", batch: await readGroup(this.#parts.api, group) };
    return this.#begin(order, group, actions, action);
  }

  /** Lets the parts go on that are paused or held, and begins those that people who came later are in, under one agreement. */
  async resume(order: GroupOrder, resume: Extract<StartAction, { kind: "resume" }>): Promise<StartResult> {
    const group = await this.#notCancelled(order.groupId);
    const hasGoneOn = await this.continueStarts(order.groupId);
    const actions = await planGroupResume(this.#parts, group, resume);
    if (actions.size === 0 && hasGoneOn) return { kind: "started", batch: await readGroup(this.#parts.api, group) };
    return this.#begin(order, group, actions, resume);
  }

  async #begin(
    { groupId, by, expected }: GroupOrder,
    group: GroupRecord,
    actions: PartActions,
    action: StartAction,
  ): Promise<StartResult> {
    const { api } = this.#parts;
    if (actions.size === 0) throw nothingToStart(await readGroup(api, group), action, await api.hasBrake());
    const proposal = await recordRefusal(this.#parts, by, groupId, async () => {
      await requireReleased(this.#parts);
      const all = await prepareGroup(this.#parts, group, actions);
      const prepared = withoutStarted(this.#parts, all);
      const isLess = prepared && prepared.proposals.length < actions.size;
      const rest = isLess ? await prepareGroup(this.#parts, group, actionsOf(prepared)) : prepared;
      if (!rest) {
        requireExpected(all.summary, { recipients: expected.recipients });
        return undefined;
      }
      for (const { snapshot, action } of rest.proposals) requireAllowed(snapshot.batch, action);
      requireExpected(rest.summary, expected);
      if (asksFor(rest)) await this.#refuseEnded(group, rest.proposals, action);
      refuseByLimits(this.#parts, rest.summary, rest.proposals);
      return rest;
    });
    // Scheduled already as asked for, all of it.
    if (!proposal) return { kind: "started", batch: await readGroup(this.#parts.api, group) };
    for (const one of proposal.proposals) await refuseSecond(this.#parts, one);
    if (asksFor(proposal)) {
      const parts = {
        ...this.#parts,
        mode: approvalModeOf(
          this.#parts.policy,
          action,
          proposal.proposals.map(({ snapshot }) => snapshot.batch),
        ),
      };
      const agreement = await obtainApproval(parts, proposal.summary, by, expected);
      if (agreement.kind === "waits") return { ...agreement, summary: proposal.summary };
    }
    return { kind: "started", batch: await this.#execute(proposal.summary, group, actionsOf(proposal), by) };
  }

  /** A budget, and people who are counted, are those of all parts: also of those that are over. */
  async #refuseEnded({ groupId, parts }: GroupRecord, proposals: readonly StartProposal[], action: StartAction) {
    const { api, clock } = this.#parts;
    const [first] = proposals.map(({ snapshot }) => snapshot);
    if (!first || !stopWhenOf(first)) return;
    const known = new Set(proposals.map(({ snapshot }) => snapshot.batch.batchId));
    const others = parts.flatMap(({ batchId }) => (batchId === undefined || known.has(batchId) ? [] : [batchId]));
    const lists = await mapAtOnce(others, partsAtOnce, (batchId) => readTasks(api, batchId).catch(noneWhereGone));
    const tasks = [...proposals.flatMap(({ snapshot }) => snapshot.tasks), ...lists.flat()];
    refuseEnded({ ...first, batch: { ...first.batch, batchId: groupId }, tasks }, action, clock.now());
  }

  /** Carries out what a person agreed to after the call that asked was over. Returns undefined when it is not ours. */
  async proceed({ id, summary }: ApprovalRequest): Promise<Batch | undefined> {
    const { approvals, clock } = this.#parts;
    if (approvals.get(id, clock.now())?.state !== "approved") return undefined;
    const group = await requireGroup(this.#parts, summary.batchId);
    const action = await this.#actionOf(summary);
    const actions = new Map((summary.parts ?? []).map(({ batchId, start }) => [batchId, start ?? action]));
    return this.#execute(summary, group, actions, { principal: "approval" });
  }

  /** What the question was about, by the first part; any other shows it too, or names a start of its own. */
  async #actionOf(summary: StartSummary): Promise<StartAction> {
    const [first] = summary.parts ?? [];
    const [likeliest, ...others] = candidates(summary);
    if (!likeliest) throw new Error("A question was about no start");
    for (const action of first ? [likeliest, ...others] : []) {
      const prepared = await prepareStart(this.#parts, first?.batchId ?? "", action).catch(ignoreProblem);
      if (first && prepared && isSame(prepared.summary, first)) return action;
    }
    return likeliest;
  }

  /** Reads all parts again, and starts exactly what was agreed to, or nothing. */
  async #execute(agreed: StartSummary, group: GroupRecord, actions: PartActions, by: Asker): Promise<Batch> {
    return this.#mutex.take(group.groupId, async () => {
      const { groups, database } = this.#parts;
      const committed = await recordRefusal(this.#parts, by, group.groupId, async () => {
        await requireReleased(this.#parts);
        const proposal = await this.#readAgain(agreed, group, actions, by);
        for (const { snapshot, action } of proposal.proposals) requireAllowed(snapshot.batch, action);
        return inTransaction(database, () => {
          // What goes on again is not to be paused any more.
          groups.endStop(group.groupId, "pause");
          return this.#commit(proposal, by);
        });
      });
      return this.#sending.send(group, committed, actions);
    });
  }

  async #readAgain(agreed: StartSummary, group: GroupRecord, actions: PartActions, by: Asker): Promise<GroupProposal> {
    const { approvals, clock } = this.#parts;
    const proposal = await prepareGroup(this.#parts, group, actions).catch((error: unknown) => {
      if (error instanceof Problem && error.code === "not_found") return undefined;
      throw error;
    });
    if (proposal && isSame(proposal.summary, agreed)) return proposal;
    approvals.voidFor(group.groupId, "The batch changed between the question and the start.", by, clock.now());
    throw changedParts(group, agreed, proposal);
  }

  /** Uses up the agreement and writes all starts down, together or not at all. */
  #commit(proposal: GroupProposal, by: Asker) {
    const { approvals, clock } = this.#parts;
    const { proposals, summary } = proposal;
    const now = clock.now();
    const { start } = summary;
    if (start.kind === "at" && start.at <= now) throw timeHasPassed(start.at);
    refuseByLimits(this.#parts, summary, proposals);
    const needed = asksFor(proposal);
    const approval = needed ? approvals.consume(summary.batchId, summary.fingerprint, now) : undefined;
    if (needed && !approval) throw afterAnswer("used");
    return proposals.map((one) => writeStart(this.#parts, one, { by, approval, now, waits: true }));
  }

  /**
   * Goes on with starts and resumes that were agreed to and whose requests did not leave, because the process that sent them
   * ended. What waits for more than 15 minutes is given up: somebody is asked anew. True when something waited.
   */
  async continueStarts(groupId: string): Promise<boolean> {
    if ((await this.#waitingOf(groupId)).length === 0) return false;
    await this.#mutex.take(groupId, async () => {
      const group = await requireGroup(this.#parts, groupId);
      await this.#sending.sendInterrupted(group, await this.#waitingOf(groupId));
    });
    return true;
  }

  /** The same for all groups, after a restart. */
  async takeUp(): Promise<void> {
    const { startLog, groups, account } = this.#parts;
    const name = await account();
    const ids = startLog.waiting(name).flatMap(({ batchId }) => groups.groupOf(name, batchId)?.groupId ?? []);
    for (const groupId of new Set(ids)) await this.continueStarts(groupId);
  }

  async #waitingOf(groupId: string) {
    const { startLog, account } = this.#parts;
    const name = await account();
    const ids = new Set(batchIdsOf(await requireGroup(this.#parts, groupId)));
    return startLog.waiting(name).filter(({ batchId }) => ids.has(batchId));
  }

  /** A page of those whom a question is about. Only the parts are read that they are in; undefined where one is not what was asked about. */
  async askedPeople({ start, recipients, parts = [] }: StartSummary, { page, limit }: PeoplePage) {
    const [first, end] = [page * limit, (page + 1) * limit];
    const people: Task[] = [];
    let before = 0;
    for (const part of parts) {
      const [from, to] = [Math.max(first - before, 0), Math.min(end - before, part.recipients)];
      before += part.recipients;
      if (from >= to) continue;
      const ofPart = await findAskedPeople(this.#parts, { start, ...part });
      if (!ofPart) return undefined;
      people.push(...ofPart.slice(from, to));
    }
    return { people, total: recipients };
  }

  /** How a start of the group stands. `goesOn` is set where some of it waits for whoever looks at it to go on. */
  async status(
    groupId: string,
    watcher: Pick<ApprovalWatcher, "isWaiting" | "wasMistyped" | "endingOf">,
  ): Promise<{ readonly status?: StartStatus; readonly goesOn: boolean }> {
    const { startLog, account, groups } = this.#parts;
    const name = await account();
    const group = groups.get(name, groupId);
    if (!group) return { goesOn: false };
    const total = group.parts.length;
    const find = (is: (batchId: string) => boolean): readonly number[] =>
      group.parts.flatMap(({ part, batchId }) => (batchId !== undefined && is(batchId) ? [part] : []));
    const waiting = find((batchId) => startLog.openOf(name, batchId)?.waits === true);
    if (waiting.length > 0) {
      const words = `The start was agreed to, and the parts are started one after the other: ${partsText(waiting, total)} still to come.`;
      return { status: { kind: "waits", words, toPerson: words }, goesOn: true };
    }
    const open = group.parts.flatMap(({ batchId }) => (batchId && startLog.openOf(name, batchId)) || []);
    const told = describeStartStatus(open.find(({ state }) => state === "sent") ?? open[0], groupId, watcher);
    const givenUp = find((batchId) => startLog.wasGivenUp(name, batchId));
    if (givenUp.length === 0) return { ...(told && { status: told }), goesOn: false };
    const what = `The start was agreed to, but ${partsText(givenUp, total)} did not begin before that agreement ended: changed, paused, stopped, or interrupted.`;
    const words = `${what} start_batch or resume_batch asks about what is left anew.`;
    const status = told
      ? { ...told, words: `${told.words} ${words}`, toPerson: told.toPerson ? `${told.toPerson} ${what}` : what }
      : { kind: "ended" as const, words, toPerson: what };
    return { status, goesOn: false };
  }

  async #notCancelled(groupId: string): Promise<GroupRecord> {
    const group = await requireGroup(this.#parts, groupId);
    if (group.state !== "cancelled") return group;
    const message = `${groupId} was cancelled. Nothing was started and nobody was called. cancel_batch ends parts of it that are left; create_batch_call makes a new campaign.`;
    throw new Problem("wrong_state", message);
  }

  async #whole(groupId: string): Promise<GroupRecord> {
    const group = await this.#notCancelled(groupId);
    if (group.state !== "creating") return group;
    const made = batchIdsOf(group).length;
    const message = `${groupId} is not whole: ${made} of its ${group.parts.length} parts are created. Nothing was started and nobody was called. Repeat the create_batch_call that began it, then start it; or cancel_batch it.`;
    throw new Problem("wrong_state", message);
  }
}

/** The proposal without what is scheduled already as asked for; undefined where nothing is left. */
function withoutStarted(parts: LiveStarterParts, proposal: GroupProposal): GroupProposal | undefined {
  const proposals = proposal.proposals.filter((one) => !isStarted(parts, one));
  return proposals.length === 0 ? undefined : { ...proposal, proposals };
}

function actionsOf({ proposals }: GroupProposal): PartActions {
  return new Map(proposals.map(({ action, snapshot }) => [snapshot.batch.batchId, action]));
}

function asksFor({ proposals }: GroupProposal): boolean {
  return proposals.some(({ action }) => needsAgreement(action));
}

function changedParts(group: GroupRecord, { parts = [] }: StartSummary, now: GroupProposal | undefined): Problem {
  const found = new Map(now?.summary.parts?.map((part) => [part.batchId, part]));
  const changed = parts.filter((part) => {
    const current = found.get(part.batchId);
    return !current || !isSame(current, part);
  });
  const told = changed.map(({ batchId }) => {
    const part = group.parts.find((one) => one.batchId === batchId)?.part ?? "?";
    return `part ${part} (${batchId})`;
  });
  const which = now ? told.join(", ") : "a part that is gone";
  return new Problem(
    "needs_approval",
    `${group.groupId} is no longer what the person agreed to: ${which} changed in list, agent, caller id, zone, rules or time. That agreement is void. No part was started and nobody was called. Look with get_batch_status, then call the tool again to ask anew.`,
  );
}

/** A part that was deleted called nobody. */
function noneWhereGone(error: unknown): readonly Task[] {
  if (error instanceof Problem && error.code === "not_found") return [];
  throw error;
}

function ignoreProblem(error: unknown): undefined {
  if (error instanceof Problem) return undefined;
  throw error;
}
