import { mayHaveSucceeded } from "../../client/ambiguous-outcome.ts";
import type { BatchCallApi, SentGrant } from "../../client/api.ts";
import { present } from "../../contract/fields.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { Problem } from "../../domain/problem.ts";
import type { Background } from "../../lib/background.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Audit } from "../records/index.ts";
import type { StartAction } from "./read-batch-for-start.ts";
import { heldAgain, isRefusal, notAsMeant, send, startEffect } from "./send-start.ts";
import type { StartLog, StartRow } from "./start-log.ts";

export type StartExecutorParts = {
  readonly api: BatchCallApi;
  readonly clock: Clock;
  readonly startLog: StartLog;
  readonly audit: Audit;
  readonly background: Background;
};

// After a start whose answer is missing. As long as a tool can wait, it waits; the rest goes on by itself.
const lookedAtWhileWaiting = [1000, 5000];
const lookedAt = [...lookedAtWhileWaiting, 15_000, 60_000, 120_000];

/** Sends starts that are in the ledger, once each, and finds out their outcome. */
export class StartExecutor {
  readonly #parts: StartExecutorParts;

  constructor(parts: StartExecutorParts) {
    this.#parts = parts;
  }

  /**
   * Returns the batch once it runs or is scheduled. Throws `outcome_unknown` when that does not show within five
   * seconds; it is looked for in the background then, and never sent again.
   */
  async execute(row: StartRow, action: StartAction, grant: SentGrant | undefined): Promise<Batch> {
    const error = await this.#send(row, action, grant);
    for (const lookAt of [0, ...lookedAtWhileWaiting]) {
      await this.#waitUntil(row.sentAt.getTime() + lookAt);
      const batch = await this.#look(row, action, error === undefined);
      if (batch) return batch;
    }
    this.follow(row, action);
    throw outcomeUnknown(row, error);
  }

  /** Goes on looking for a start whose outcome is open, until two minutes after it was sent. */
  follow(row: StartRow, action: StartAction = toAction(row)): void {
    const { clock, background } = this.#parts;
    const elapsed = clock.now().getTime() - row.sentAt.getTime();
    const next = lookedAt.find((lookAt) => lookAt > elapsed);
    background.after(next === undefined ? 0 : next - elapsed, async () => {
      const batch = await this.#look(row, action, false).catch(ignoreProblem);
      if (batch || this.#isResolved(row)) return;
      if (next === undefined || next === lookedAt.at(-1)) return this.#giveUp(row);
      this.follow(row, action);
    });
  }

  /** One look now, for a start that another call or process left open. */
  async lookAgain(row: StartRow): Promise<void> {
    await this.#look(row, toAction(row), false).catch(ignoreProblem);
  }

  async #waitUntil(time: number): Promise<void> {
    const waitMs = time - this.#parts.clock.now().getTime();
    if (waitMs > 0) await sleep(this.#parts.clock, waitMs);
  }

  /** Returns what leaves the outcome in doubt; undefined when the API took it. Throws when it certainly did not. */
  async #send(row: StartRow, action: StartAction, grant: SentGrant | undefined): Promise<unknown> {
    const { api } = this.#parts;
    try {
      await send(api, row.batchId, action, grant);
      return undefined;
    } catch (error) {
      if (mayHaveSucceeded(error)) return error;
      const batch = isRefusal(error) ? await api.getBatch(row.batchId).catch(ignoreProblem) : undefined;
      if (batch && startEffect(batch, action) === "taken") return undefined;
      this.#resolve(row, "failed", "refused by the API, or never sent");
      throw notStarted(error);
    }
  }

  /** Returns undefined while the batch does not show the outcome of the start. */
  async #look(row: StartRow, action: StartAction, isAcknowledged: boolean): Promise<Batch | undefined> {
    const batch = await this.#parts.api.getBatch(row.batchId).catch(ignoreProblem);
    if (!batch) return undefined;
    switch (startEffect(batch, action)) {
      case "taken":
        this.#resolve(row, "done");
        return batch;
      case "other_time":
        return this.#putBack(row, batch);
      case "not_taken":
        if (isAcknowledged && action.kind === "resume") {
          this.#resolve(row, "failed", "resumed, and held again at once");
          throw heldAgain(batch);
        }
        // Some APIs take a moment to show what they took.
        return isAcknowledged && action.kind === "at" ? this.#putBack(row, batch) : undefined;
    }
  }

  /** Nothing may start at a time that nobody agreed to: seconds read as milliseconds, say. */
  async #putBack(row: StartRow, found: Batch): Promise<never> {
    const { api } = this.#parts;
    await api.editBatch(row.batchId, { status: "draft" }).catch(ignoreProblem);
    const now = await api.getBatch(row.batchId).catch(ignoreProblem);
    if (now?.status === "draft") {
      this.#resolve(row, "failed", "scheduled for another time, put back to draft");
      const problem = notAsMeant(found);
      throw new Problem("bad_response", `${problem.message} It was put back to draft and calls nobody.`);
    }
    this.#resolve(row, "unknown", "scheduled for another time, and could not be put back to draft");
    throw new Problem(
      "outcome_unknown",
      `${notAsMeant(found).message} It could not be put back to draft, so it may start at that time. A person has to look in the API provider's own portal at once, or cancel_batch it.`,
    );
  }

  #giveUp(row: StartRow): void {
    this.#resolve(row, "unknown", "not seen to run two minutes after it was sent");
  }

  #isResolved(row: StartRow): boolean {
    return this.#parts.startLog.openOf(row.account, row.batchId)?.id !== row.id;
  }

  #resolve(row: StartRow, state: "done" | "unknown" | "failed", detail?: string): void {
    const { startLog, audit, clock } = this.#parts;
    const at = clock.now();
    if (!startLog.resolve(row.id, state, at)) return;
    const { batchId, fingerprint, recipients, by } = row;
    const begun = row.action === "resume" ? "resumed" : "launched";
    const kind = state === "done" ? begun : state === "unknown" ? "launch_unknown" : "refused";
    audit.append({ at, kind, ...by, batchId, fingerprint, recipients, ...(detail && { detail }) });
  }
}

/** The action of a start that is in the ledger. */
export function toAction({
  action,
  ringsAt,
  local,
  redialUnknown = false,
  grantId,
  stateVersion,
}: StartRow): StartAction {
  switch (action) {
    case "now":
      return { kind: "now" };
    case "at":
      return { kind: "at", at: ringsAt, ...present({ local }) };
    case "resume":
      return { kind: "resume", redialUnknown, ...(grantId !== undefined && { grantId, ...present({ stateVersion }) }) };
  }
}

function ignoreProblem(error: unknown): undefined {
  if (error instanceof Problem) return undefined;
  throw error;
}

function notStarted(error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const message = `${error.message} Nobody was called. The agreement to this start is used up; starting it again asks again.`;
  return new Problem(error.code, message, { issues: error.issues, cause: error });
}

function outcomeUnknown({ batchId }: StartRow, cause: unknown): Problem {
  return new Problem(
    "outcome_unknown",
    `The start of ${batchId} was sent and the API does not show yet whether it took it. People may be called. It is not sent a second time; its outcome is looked for over the next two minutes. Call get_batch_status with wait_seconds.`,
    { cause },
  );
}
