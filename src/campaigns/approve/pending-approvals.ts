import type { Batch } from "../../domain/batch/batch.ts";
import { Problem } from "../../domain/problem.ts";
import type { Background } from "../../lib/background.ts";
import type { Clock } from "../../lib/clock.ts";
import { type ApprovalRequest, type ApprovalStore, mostWrongCounts } from "./approval.ts";
import { afterQuestion } from "./refusals.ts";

const pollMs = 1000;

type QuestionsParts = {
  readonly approvals: ApprovalStore;
  readonly clock: Clock;
  readonly background: Background;
  readonly launch: (request: ApprovalRequest) => Promise<Batch | undefined>;
};

/** How a question ended without a start: in words for the caller, and for the person where they agreed and it failed. */
export type QuestionEnding = { readonly words: string; readonly toPerson?: string };

/** The sentences of a refusal that do not say which tool helps, or whom to ask. */
function withoutAdvice(message: string): string {
  const sentences = message.split(/(?<=[.!?])\s+/);
  return sentences.filter((sentence) => !/\b[a-z]+_[a-z_]+\b|\b(?:tool|the user)\b/.test(sentence)).join(" ");
}

/**
 * Waits for answers that come after the call that asked was over, from a page or a terminal, in this process or another,
 * and starts what was agreed to.
 */
export class ApprovalWatcher {
  readonly #parts: QuestionsParts;
  /** The batch of each question that is watched. */
  readonly #watched = new Map<string, string>();
  readonly #launching = new Map<string, Promise<void>>();
  readonly #endings = new Map<string, QuestionEnding>();

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
  }

  watch({ id, summary }: ApprovalRequest): void {
    if (this.#watched.has(id)) return;
    this.#watched.set(id, summary.batchId);
    this.#endings.delete(summary.batchId);
    this.#lookLater(id);
  }

  /** Watches the questions that an earlier process asked. */
  watchAll(): void {
    const { approvals, clock } = this.#parts;
    for (const request of approvals.openAll(clock.now())) this.watch(request);
  }

  /** Launches at once what was agreed to. Resolves when that is over, however it ended. */
  proceed(request: ApprovalRequest): Promise<void> {
    const running = this.#launching.get(request.id) ?? this.#launch(request);
    this.#launching.set(request.id, running);
    return running;
  }

  isWaiting(batchId: string): boolean {
    const { approvals, clock } = this.#parts;
    return this.#mayProceed(batchId) || approvals.openFor(batchId, clock.now()).length > 0;
  }

  /** Whether a question is watched that may still be answered, or whose start is under way. One that was ended is looked at later. */
  #mayProceed(batchId: string): boolean {
    const { approvals, clock } = this.#parts;
    return [...this.#watched].some(([id, of]) => {
      const state = of === batchId ? approvals.get(id, clock.now())?.state : undefined;
      return state === "waiting" || state === "approved" || state === "used" || this.#launching.has(id);
    });
  }

  /**
   * Whether another number was typed in answer to the question that is open about this batch, so that nobody may have it before them
   * any more. A page stays open after that, and is watched.
   */
  wasMistyped(batchId: string): boolean {
    const { approvals, clock } = this.#parts;
    if ([...this.#watched.values()].includes(batchId)) return false;
    return approvals.openFor(batchId, clock.now()).some(({ triesLeft }) => triesLeft < mostWrongCounts);
  }

  /** How the last question about this batch ended without a start. */
  endingOf(batchId: string): QuestionEnding | undefined {
    const { approvals, clock } = this.#parts;
    // One that ended a moment ago is looked at later.
    for (const [id, of] of this.#watched) if (of === batchId) this.#noteEnding(approvals.get(id, clock.now()));
    return this.#endings.get(batchId);
  }

  #lookLater(id: string): void {
    this.#parts.background.after(pollMs, () => this.#look(id));
  }

  async #look(id: string): Promise<void> {
    const { approvals, clock } = this.#parts;
    if (!this.#watched.has(id)) return;
    const request = approvals.get(id, clock.now());
    if (request?.state === "waiting") return this.#lookLater(id);
    if (request?.state === "approved") await this.proceed(request);
    else this.#noteEnding(request);
    this.#watched.delete(id);
  }

  #noteEnding(request: ApprovalRequest | undefined): void {
    if (!request || request.state === "waiting" || request.state === "approved" || request.state === "used") return;
    const { state, voidedWhy, summary } = request;
    const ending = afterQuestion({ state, ...(voidedWhy !== undefined && { voidedWhy }) });
    this.#endings.set(summary.batchId, { words: ending.message });
  }

  async #launch(request: ApprovalRequest): Promise<void> {
    const { approvals, clock, launch } = this.#parts;
    try {
      if (!(await launch(request))) this.#noteEnding(approvals.get(request.id, clock.now()));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Another process may have started it with the same agreement.
      const isUsed = approvals.get(request.id, clock.now())?.state === "used";
      if (isUsed && error.code === "needs_approval") return;
      const ending = { words: error.message, toPerson: `It did not happen. ${withoutAdvice(error.message)}`.trim() };
      this.#endings.set(request.summary.batchId, ending);
    } finally {
      this.#launching.delete(request.id);
      this.#watched.delete(request.id);
    }
  }
}
