import type { SentGrant } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { isApprovalChannel } from "../../domain/batch/grant.ts";
import { Problem } from "../../domain/problem.ts";
import { inTransaction } from "../../lib/sqlite.ts";
import { changedSince, stoppedByKillSwitch, timeHasPassed } from "../approve/index.ts";
import {
  type CommittedStart,
  isSame,
  type LiveStarterParts,
  prepareStart,
  requireAllowed,
  type StartAction,
  type StartRow,
  toAction,
} from "../start/index.ts";
import type { GroupRecord } from "./group-log.ts";
import type { PartActions } from "./group-proposal.ts";
import { readGroup } from "./read-group.ts";
import { doToParts, type GroupStepParts, type LivePart, readParts } from "./steps.ts";

/** What was agreed to so long ago is not made up for unasked. */
const continuedForMs = 15 * 60 * 1000;

/** Sends the starts of parts that are on disk, each once, and each only while its part is what was agreed to. */
export class SendParts {
  readonly #parts: LiveStarterParts & GroupStepParts;

  constructor(parts: LiveStarterParts & GroupStepParts) {
    this.#parts = parts;
  }

  /** Throws the first failure, with which parts were started and which not. */
  async send(group: GroupRecord, committed: readonly CommittedStart[], actions: PartActions): Promise<Batch> {
    const byId = new Map(committed.map((start) => [start.row.batchId, start]));
    const chosen = (await readParts(this.#parts, group)).filter(({ batch }) => byId.has(batch.batchId));
    const isResume = chosen.every(({ batchId }) => actions.get(batchId)?.kind === "resume");
    return doToParts(this.#parts, group, chosen, {
      verb: isResume ? "resumed" : "started",
      work: async ({ batch: { batchId } }) => {
        const start = byId.get(batchId);
        const action = actions.get(batchId);
        if (start && action) await this.#sendPart(start.row, action, start.grant);
      },
    });
  }

  /** What another process left. Nobody hears of a failure but in the state of the parts. */
  async sendInterrupted(group: GroupRecord, rows: readonly StartRow[]): Promise<void> {
    const parts = new Map((await readParts(this.#parts, group)).map((part) => [part.batch.batchId, part]));
    const chosen = rows.flatMap((row): readonly LivePart[] => {
      const part = parts.get(row.batchId);
      if (part && !this.#isOver(row)) return [part];
      this.#giveUp(row, "interrupted for too long, stopped meanwhile, or the part is gone");
      return [];
    });
    const byId = new Map(rows.map((row) => [row.batchId, row]));
    const sent = doToParts(this.#parts, group, chosen, {
      verb: "started",
      work: async ({ batch: { batchId } }) => {
        const row = byId.get(batchId);
        if (row) await this.#sendPart(row, toAction(row), grantOf(row));
      },
    });
    await sent.catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      return readGroup(this.#parts.api, group);
    });
  }

  #isOver({ sentAt, action, stateVersion }: StartRow): boolean {
    const { clock, killSwitch } = this.#parts;
    const age = Math.abs(clock.now().getTime() - sentAt.getTime());
    const stoppedAt = killSwitch.changedAt();
    // Without a version of its state nobody knows whether it was paused once more since.
    const isUntold = action === "resume" && stateVersion === undefined;
    return isUntold || age > continuedForMs || (stoppedAt !== undefined && stoppedAt >= sentAt);
  }

  async #sendPart(row: StartRow, action: StartAction, grant: SentGrant | undefined): Promise<Batch | undefined> {
    const { snapshot, summary } = await prepareStart(this.#parts, row.batchId, action);
    const left = this.#orGiveUp(row, () => {
      if (!isSame(summary, row)) throw changedSince(row.batchId);
      requireAllowed(snapshot.batch, action);
      return inTransaction(this.#parts.database, () => this.#leave(row, action));
    });
    // Given up meanwhile by a pause, or sent by another process.
    if (!left) return undefined;
    return this.#parts.executor.execute(left, action, grant);
  }

  #leave(row: StartRow, action: StartAction): StartRow | undefined {
    const { killSwitch, clock, startLog } = this.#parts;
    if (killSwitch.isOn()) throw stoppedByKillSwitch(killSwitch);
    if (action.kind === "at" && action.at <= clock.now()) throw timeHasPassed(action.at);
    return startLog.leave(row.id, clock.now());
  }

  #orGiveUp<T>(row: StartRow, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Problem) this.#giveUp(row, error.code);
      throw error;
    }
  }

  #giveUp(row: StartRow, detail: string): void {
    const { startLog, audit, clock } = this.#parts;
    const at = clock.now();
    if (!startLog.giveUp(row.id, at)) return;
    const { batchId, fingerprint, recipients, by } = row;
    audit.append({ at, kind: "refused", ...by, batchId, fingerprint, recipients, detail });
  }
}

/** What was agreed to, from the ledger; undefined where the API keeps no agreements. */
function grantOf({ by, grant, recipients, attempts, stateVersion }: StartRow): SentGrant | undefined {
  const { channel, ...who } = by;
  if (grant?.contentDigest === undefined || channel === undefined || !isApprovalChannel(channel)) return undefined;
  const { contentDigest, approvalId, lastAt } = grant;
  const terms = { contentDigest, approvalId, lastAt, maxRecipients: recipients, maxAttempts: attempts };
  return { ...who, channel, ...terms, ...(stateVersion !== undefined && { stateVersion }) };
}
