import type { Batch } from "../../domain/batch/batch.ts";
import { Problem } from "../../domain/problem.ts";
import { type Background, KeyedMutex } from "../../lib/background.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { type ApprovalStore, startUnderWay } from "../approve/index.ts";
import type { Asker, Edits, StartLog } from "../start/index.ts";
import type { GroupRecord, Stop } from "./group-log.ts";
import { batchIdsOf } from "./read-group.ts";
import { type CreatedPart, doToParts, type GroupStepParts, readParts, repeatIt, requireGroup } from "./steps.ts";

type GroupStopParts = GroupStepParts & {
  readonly startLog: Pick<StartLog, "openOf">;
  readonly approvals: Pick<ApprovalStore, "openFor">;
  readonly clock: Clock;
  readonly background: Background;
  /** What is done to one batch. */
  readonly single: Pick<Edits, "pause" | "cancel" | "revoke">;
};

/** So long a start that was sent is looked for before its part is stopped; as long as a start waits for its own answer. */
const startSeenAfterMs = 6000;
const lookEveryMs = 200;
const triedAgainAfterMs = 1000;

/**
 * Pauses and cancels all parts of a group. The stop is on disk before the first request, and is over when all parts are stopped:
 * what a crash or a failure left is done by whoever looks next, until the group is started or resumed.
 */
export class GroupStops {
  readonly #parts: GroupStopParts;
  readonly #mutex = new KeyedMutex();

  constructor(parts: GroupStopParts) {
    this.#parts = parts;
  }

  /**
   * Stops every part that it can. Throws the first failure, with which parts were stopped and which not; `wrong_state`, with nothing
   * changed, for a pause of parts that none has begun while a person is asked about them.
   */
  async stop(groupId: string, stop: Stop, by: Asker): Promise<Batch> {
    const { groups, single } = this.#parts;
    const group = await requireGroup(this.#parts, groupId);
    if (stop === "pause") await this.#refusePauseOfDrafts(group);
    groups.stop(groupId, stop);
    // What waits for an answer, or for its turn, starts no part any more.
    for (const id of [groupId, ...batchIdsOf(group)]) await single.revoke(id, `The batch was ${words[stop]}.`, by);
    return this.#mutex.take(groupId, () => {
      // An earlier one that was gone on with may just have come to its end.
      groups.stop(groupId, stop);
      return this.#carryOut(groupId, stop, by);
    });
  }

  /** As with one batch: before the question is withdrawn. Whose answer comes meanwhile is not spared, nor what cannot be read. */
  async #refusePauseOfDrafts(group: GroupRecord): Promise<void> {
    const { approvals, clock } = this.#parts;
    const ids = [group.groupId, ...batchIdsOf(group)];
    const isAsked = (): boolean => ids.some((id) => approvals.openFor(id, clock.now()).length > 0);
    if (!isAsked()) return;
    const read = await readParts(this.#parts, group).catch(ignoreProblem);
    if (!read || read.some(({ batch }) => mayRing(batch))) return;
    if (await this.#isUnderWay(read)) return;
    if (isAsked()) throw nothingToPause(group);
  }

  /** Goes on with a stop that is not done. Throws where it still cannot be done. */
  async continueStop(groupId: string): Promise<void> {
    await this.#mutex.take(groupId, async () => {
      const { stopping } = await requireGroup(this.#parts, groupId);
      if (stopping) await this.#carryOut(groupId, stopping, { principal: `interrupted ${stopping}` }, false);
    });
  }

  /** The same for all groups, after a restart. */
  async takeUp(): Promise<void> {
    const { groups, account } = this.#parts;
    for (const { groupId } of groups.stopping(await account())) this.#goOn(groupId);
  }

  /** What is being done to the parts, in words; undefined where nothing is. Whoever looks goes on with it. */
  async status(groupId: string): Promise<string | undefined> {
    const { groups, account, background } = this.#parts;
    const stop = groups.get(await account(), groupId)?.stopping;
    if (!stop) return undefined;
    background.start(() => this.continueStop(groupId).catch(ignoreProblem));
    return `Not all parts are ${words[stop]} yet. ${triedAgain[stop]}`;
  }

  #goOn(groupId: string): void {
    const { background } = this.#parts;
    void background.retryUntilDone({ groupId }, () => this.continueStop(groupId));
  }

  async #carryOut(groupId: string, stop: Stop, by: Asker, isFirst = true): Promise<Batch> {
    const { groups } = this.#parts;
    const group = await requireGroup(this.#parts, groupId);
    const created = group.parts.flatMap(({ part, batchId }) => (batchId === undefined ? [] : [{ part, batchId }]));
    await this.#waitForStarts(created, stop, by);
    let [stopped, lasting] = [0, 0];
    const work = async (one: CreatedPart): Promise<void> => {
      // Started or resumed meanwhile.
      if (!isFirst && (await requireGroup(this.#parts, groupId)).stopping !== stop) return;
      try {
        if (await this.#stopPart(one, stop, by)) stopped += 1;
      } catch (error) {
        // What an API does not offer is not tried again.
        if (!(error instanceof Problem) || error.code !== "unsupported") lasting += 1;
        throw error;
      }
    };
    const advice = () => (lasting > 0 ? `${triedAgain[stop]} Look with get_batch_status.` : repeatIt());
    try {
      const batch = await doToParts(this.#parts, group, created, { verb: words[stop], work, advice });
      if (isFirst && stopped === 0 && stop === "pause") throw nothingToPause(group);
      return batch;
    } finally {
      if (lasting === 0) groups.endStop(groupId, stop);
      else if (isFirst) this.#parts.background.after(triedAgainAfterMs, async () => this.#goOn(groupId));
    }
  }

  /** False for a part that cannot be stopped, as it has ended or never begun, or is gone. */
  async #stopPart({ batchId }: CreatedPart, stop: Stop, by: Asker): Promise<boolean> {
    const { api, single } = this.#parts;
    const batch = await api.getBatch(batchId).catch(undefinedWhereGone);
    if (!batch) return false;
    if (stop === "pause") {
      if (!mayRing(batch) && (await this.#isUnderWay([{ batchId }]))) throw startUnderWay(batchId);
      if (mayRing(batch) && !batch.isPaused) await single.pause(batchId, by);
      return mayRing(batch);
    }
    if (!mayRing(batch) && batch.status !== "draft") return false;
    await single.cancel(batchId, by);
    return true;
  }

  /**
   * A start whose request is on its way could arrive after its part was found to be a draft, and ring phones after the stop. Parts
   * without one are stopped meanwhile.
   */
  async #waitForStarts(created: readonly CreatedPart[], stop: Stop, by: Asker): Promise<void> {
    const { clock } = this.#parts;
    const until = clock.now().getTime() + startSeenAfterMs;
    const done = new Set<CreatedPart>();
    while ((await this.#isUnderWay(created)) && clock.now().getTime() < until) {
      for (const one of created) {
        if (done.has(one) || (await this.#isUnderWay([one]))) continue;
        await this.#stopPart(one, stop, by).catch(ignoreProblem);
        done.add(one);
      }
      await sleep(clock, lookEveryMs);
    }
  }

  async #isUnderWay(created: readonly Pick<CreatedPart, "batchId">[]): Promise<boolean> {
    const { startLog, account } = this.#parts;
    const name = await account();
    return created.some(({ batchId }) => startLog.openOf(name, batchId)?.state === "sent");
  }
}

const words = { pause: "paused", cancel: "cancelled" } as const satisfies Record<Stop, string>;

const triedAgain: Record<Stop, string> = {
  pause: "That is tried again by itself until it is done, or the group is started or resumed.",
  cancel: "That is tried again by itself until it is done.",
};

function mayRing({ status }: Batch): boolean {
  return status === "scheduled" || status === "sent";
}

function nothingToPause({ groupId }: GroupRecord): Problem {
  const message = `${groupId} cannot be paused. None of its parts is scheduled or running. Nothing was changed.`;
  return new Problem("wrong_state", message);
}

function undefinedWhereGone(error: unknown): undefined {
  if (error instanceof Problem && error.code === "not_found") return undefined;
  throw error;
}

function ignoreProblem(error: unknown): undefined {
  if (!(error instanceof Problem)) throw error;
}
