import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { cutPlan, type PlannedPart } from "../../domain/batch/group.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { isFinal } from "../../domain/batch/progress.ts";
import { maxRecipients } from "../../domain/batch/recipients.ts";
import { isSteered } from "../../domain/batch/steering.ts";
import { Problem } from "../../domain/problem.ts";
import type { Clock } from "../../lib/clock.ts";
import { noticeTeller } from "../../lib/notices.ts";
import type { RequestedBy } from "../approve/index.ts";
import type { CreationLog, Drafts } from "../create/index.ts";
import { campaignIdOf, cutDigestOf, type GroupLog, type GroupRecord, keyOfPart, type PartRecord } from "./group-log.ts";
import { batchIdsOf, readGroup } from "./read-group.ts";

type GroupDraftParts = {
  readonly api: BatchCallApi;
  readonly drafts: Drafts;
  readonly creations: Pick<CreationLog, "factsOf">;
  readonly groups: GroupLog;
  readonly clock: Clock;
  readonly account: () => Promise<string>;
};

/** Who waits for the parts, hears of each, and may give up; what is made by then stays. */
type Watcher = Pick<RequestedBy, "progress" | "signal">;

type GroupDraft = {
  readonly batch: Batch;
  readonly sent: BatchPlan;
  readonly replayed: boolean;
  readonly unverified: readonly string[];
};

/**
 * Makes linked drafts of a plan with more people than the API takes in one, once for each content. The cut is on disk before the
 * first of them is sent, and each has a key of its own, so that a repeat goes on where a crash or a refusal ended the work.
 */
export class GroupDrafts {
  readonly #parts: GroupDraftParts;

  constructor(parts: GroupDraftParts) {
    this.#parts = parts;
  }

  /**
   * Whether the content of that key is a group, or becomes one. One that is there stays one when people opt out, or are allowed
   * again, so that the list comes to fit into a batch.
   */
  isGroup(key: string, { recipients }: Pick<BatchPlan, "recipients">): boolean {
    return recipients.length > maxRecipients || this.#parts.groups.latest(key, this.#parts.clock.now()) !== undefined;
  }

  /** What `obtain` would answer with instead of making something, as far as that is known. */
  async find(key: string): Promise<Batch | undefined> {
    const { groups, drafts, api, clock } = this.#parts;
    const known = groups.latest(key, clock.now());
    if (!known) return drafts.find(key);
    return known.state === "creating" || (await this.#stands(known)) ? readGroup(api, known) : undefined;
  }

  /** The group, or the batch, of this content that called its people and is over, so that `obtain` makes another one. */
  async findEnded(key: string): Promise<Batch | undefined> {
    const { groups, drafts, api, clock } = this.#parts;
    const known = groups.latest(key, clock.now());
    if (!known) return drafts.findEnded(key);
    if (known.state === "creating" || this.#isChanged(known)) return undefined;
    const batch = await readGroup(api, known);
    return !wasCancelledUndialed(batch) && (await this.#isOver(batch)) ? batch : undefined;
  }

  /** The group of this content: the one that exists, or new drafts; and the plan as it is sent. */
  async obtain(key: string, plan: BatchPlan, allowDuplicate: boolean, by: Watcher = {}): Promise<GroupDraft> {
    const { api, drafts, groups, clock, account } = this.#parts;
    // One window of hours for all of them.
    const sent = await drafts.toSend(plan);
    const known = groups.latest(key, clock.now());
    if (known && known.state !== "creating" && !allowDuplicate && (await this.#stands(known)))
      return { batch: await readGroup(api, known), sent, replayed: true, unverified: [] };
    const single = known || allowDuplicate ? undefined : await drafts.find(key);
    if (single) return { batch: single, sent, replayed: true, unverified: [] };
    const cut = cutPlan(sent);
    const isBegun = known?.state === "creating";
    const intent = { account: await account(), key, plan: sent, parts: cut };
    const group = isBegun ? known : groups.begin(intent, known, clock.now());
    // Another process was first, with the same content: it is that group.
    if (!group) return this.obtain(key, plan, false, by);
    if (isBegun) requireSameCut(group, sent);
    const unverified = await this.#createParts(group, cut, by);
    const { groupId } = group;
    return { batch: await this.#read(groupId), sent, replayed: false, unverified };
  }

  async #createParts(
    group: GroupRecord,
    cut: readonly PlannedPart[],
    { progress, signal }: Watcher,
  ): Promise<readonly string[]> {
    const { groups } = this.#parts;
    const unverified = new Set<string>();
    for (const part of group.parts) {
      const planned = cut[part.part - 1];
      if (part.batchId !== undefined || !planned || planned.plan.recipients.length === 0) continue;
      if (signal?.aborted) throw notComplete(givenUp(), group, part.part);
      const told = `Draft ${part.part} of ${group.parts.length} is created`;
      progress?.(part.part - 1, told, group.parts.length);
      noticeTeller()?.("info", `${group.groupId}: ${told}.`);
      const draft = await this.#createPart(group, part, planned);
      for (const field of draft.unverified) unverified.add(field);
    }
    groups.complete(group.groupId);
    return [...unverified];
  }

  async #createPart(group: GroupRecord, { part }: PartRecord, { plan }: PlannedPart) {
    const { drafts, groups, api } = this.#parts;
    const { groupId } = group;
    await this.#requireWanted(groupId);
    const own = isSteered(plan.rules) ? { ...plan, campaignId: campaignIdOf(group) } : plan;
    const draft = await drafts.obtain(keyOfPart(group, part), own, false).catch((error: unknown) => {
      throw notComplete(error, group, part);
    });
    groups.partCreated(groupId, part, draft.batch.batchId);
    // Cancelled while this part was under way: whoever cancelled did not see it.
    await this.#requireWanted(groupId).catch(async (error: unknown) => {
      await api.deleteBatch(draft.batch.batchId);
      throw error;
    });
    return draft;
  }

  async #requireWanted(groupId: string): Promise<void> {
    const { groups, account } = this.#parts;
    if (groups.get(await account(), groupId)?.state !== "cancelled") return;
    const message = `${groupId} was cancelled while its parts were created. No further part is created, and nobody is called.`;
    throw new Problem("wrong_state", message);
  }

  async #read(groupId: string): Promise<Batch> {
    const { groups, api, account } = this.#parts;
    const group = groups.get(await account(), groupId);
    if (!group) throw new Error(`The ledger lost the group ${groupId}`);
    return readGroup(api, group);
  }

  /** As for a single batch: one that was cancelled before dialing, or is over in the simulation, or has other content by now, does not stand. */
  async #stands(group: GroupRecord): Promise<boolean> {
    if (this.#isChanged(group)) return false;
    const batch = await readGroup(this.#parts.api, group);
    return !wasCancelledUndialed(batch) && !(await this.#isOver(batch));
  }

  #isChanged(group: GroupRecord): boolean {
    return batchIdsOf(group).some((batchId) => this.#parts.creations.factsOf(batchId)?.isChanged);
  }

  async #isOver(batch: Batch): Promise<boolean> {
    return isFinal(batch) && (await this.#parts.api.environment()) === "simulated";
  }
}

function wasCancelledUndialed({ status, counts }: Batch): boolean {
  return status === "cancelled" && counts?.cancelled === counts?.total;
}

/** In another order the same people would be cut into other parts, and some of them called twice. */
function requireSameCut(group: GroupRecord, plan: BatchPlan): void {
  if (group.cutDigest === cutDigestOf(plan)) return;
  throw new Problem(
    "wrong_state",
    `${group.groupId} is being made of the same people in another order of rows, and ${madeOf(group)}. Nothing was created now. Give the list_id or file that it was begun with, to go on; or cancel_batch ${group.groupId} first, then create it anew.`,
  );
}

function madeOf(group: GroupRecord): string {
  const made = batchIdsOf(group).length;
  return `${made} of its ${group.parts.length} parts ${made === 1 ? "exists" : "exist"}`;
}

function givenUp(): Problem {
  return new Problem("unavailable", "The call was cancelled before all parts were created.");
}

function notComplete(error: unknown, group: GroupRecord, part: number): unknown {
  if (!(error instanceof Problem)) return error;
  const { groupId, parts } = group;
  const before = part === 1 ? "No other part was created" : `Parts before it are drafts of ${groupId}`;
  const message = `${error.message} This is said of part ${part} of ${parts.length}. ${before}, and nobody is called. Repeat the same call to go on with the parts that are missing, or cancel_batch ${groupId}.`;
  return new Problem(error.code, message, { issues: error.issues, cause: error });
}
