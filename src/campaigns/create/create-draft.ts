import { mayHaveSucceeded, notReadBack, notShownYet, withAdvice, wrongDraft } from "../../client/ambiguous-outcome.ts";
import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Environment } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { Problem } from "../../domain/problem.ts";
import type { CallingHours } from "../../domain/time/calling-hours.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { hearer } from "../../lib/notices.ts";
import { toContentFacts, withinCallingHours } from "./apply-calling-hours.ts";
import {
  type CreateRecord,
  type CreationLog,
  idempotencyKey,
  markedName,
  markerOf,
  mayStillSucceed,
  nextStep,
} from "./creation-log.ts";
import { deleteDuplicates, keepOneDuplicate } from "./duplicate-drafts.ts";
import { findEndedBatch, findExistingBatch } from "./find-existing-batch.ts";
import { toSentPeople } from "./sent-people.ts";
import { verifyCreatedDraft } from "./verify-created-draft.ts";

const waitStepMs = 200;

export type Draft = {
  readonly batch: Batch;
  /** True when the same content was created before and this is that batch, which may be no draft any more. */
  readonly replayed: boolean;
  readonly unverified: readonly string[];
};

export type DraftParts = {
  readonly api: BatchCallApi;
  readonly creations: CreationLog;
  readonly clock: Clock;
  /** Held by the quiet hours of every live batch. */
  readonly hours: CallingHours;
};

/** A plan on its way to one environment: a simulated one is our own service, which takes an Idempotency-Key. */
type StartOrder = {
  readonly key: string;
  readonly plan: BatchPlan;
  readonly allowDuplicate: boolean;
  readonly environment: Environment;
  /** Fields of the plan that this API does not take. */
  readonly leftOut: readonly string[];
};

/** Makes drafts, one for each content, whatever is repeated, cut off or killed meanwhile. Nothing here can ring a phone. */
export class Drafts {
  readonly #api: BatchCallApi;
  readonly #creations: CreationLog;
  readonly #clock: Clock;
  readonly #hours: CallingHours;

  constructor({ api, creations, clock, hours }: DraftParts) {
    this.#api = api;
    this.#creations = creations;
    this.#clock = clock;
    this.#hours = hours;
  }

  /** The plan as it is sent: a live one is held to calling hours. Throws `refused_by_limit` where no hour suits everybody. */
  async toSend(plan: BatchPlan): Promise<BatchPlan> {
    return (await this.#toSend(plan)).sent;
  }

  async #toSend(plan: BatchPlan) {
    const { recipients, leftOut } = await toSentPeople(this.#api, plan.recipients);
    const known = { ...plan, recipients };
    const isLive = (await this.#api.environment()) === "live";
    const isOurs = await this.#api.hasBrake();
    return { sent: isLive ? withinCallingHours(known, this.#hours, this.#now(), isOurs) : known, leftOut };
  }

  /** The batch of this content: the one that exists, or a new draft; and the plan as it is sent. */
  async obtain(key: string, plan: BatchPlan, allowDuplicate: boolean): Promise<Draft & { readonly sent: BatchPlan }> {
    const { sent, leftOut } = await this.#toSend(plan);
    const order = { key, plan: sent, allowDuplicate, environment: await this.#api.environment(), leftOut };
    const waiting = createWaitTeller();
    for (;;) {
      const draft = await this.#tryOnce(order, waiting);
      if (draft) return { ...draft, sent };
    }
  }

  /** The batch that `obtain` would answer with instead of making one, as far as that is known. */
  async find(key: string): Promise<Batch | undefined> {
    const known = this.#creations.latest(key, this.#now());
    return known?.state === "created" && !known.isChanged ? findExistingBatch(this.#api, known) : undefined;
  }

  /** The batch of this content that called its people and is over, so that `obtain` makes another one. */
  async findEnded(key: string): Promise<Batch | undefined> {
    const known = this.#creations.latest(key, this.#now());
    return known?.state === "created" && !known.isChanged ? findEndedBatch(this.#api, known) : undefined;
  }

  /** Returns undefined when another call was first, or is at it: then the ledger has to be asked again. */
  async #tryOnce(order: StartOrder, waiting: WaitTeller): Promise<Draft | undefined> {
    const step = nextStep(this.#creations.latest(order.key, this.#now()), order, this.#now());
    switch (step.kind) {
      case "wait":
        waiting.tell(step.until, this.#now());
        await sleep(this.#clock, waitStepMs);
        return undefined;
      case "send":
        return this.#begin(step.generation, order);
      case "replay":
        return (await this.#replay(step.intent, order)) ?? this.#begin(step.intent.generation + 1, order);
      case "reconcile": {
        const mine = this.#creations.takeOver(step.intent, this.#now());
        return mine && this.#reconcile(mine, order);
      }
    }
  }

  async #begin(generation: number, order: StartOrder): Promise<Draft | undefined> {
    const { start } = order.plan;
    const at = start.kind === "at" ? start.at : undefined;
    const intent = this.#creations.begin(order.key, generation, at, this.#now());
    return intent && this.#send(intent, order);
  }

  async #send(intent: CreateRecord, { plan, environment, leftOut }: StartOrder): Promise<Draft> {
    const sent = environment === "live" ? { ...plan, name: markedName(plan.name, markerOf(intent)) } : plan;
    const made = await this.#create(intent, sent);
    const { batch, unverified: notEchoed } = await this.#verify(intent, sent, made, environment);
    const unverified = [...notEchoed, ...leftOut];
    this.#creations.created(intent, batch.batchId, toContentFacts(plan, unverified), this.#now());
    return { batch, replayed: false, unverified };
  }

  /** Throws for a draft that is not what was sent, which is taken away, and for one that cannot be read back, which is settled by the next create. */
  async #verify(intent: CreateRecord, sent: BatchPlan, made: Batch, environment: Environment) {
    const parts = { api: this.#api, clock: this.#clock };
    const verified = await verifyCreatedDraft(parts, sent, made, environment).catch((error: unknown) => {
      this.#creations.unknown(intent, this.#now());
      throw error instanceof Problem ? notReadBack(made.batchId, error) : error;
    });
    const { batch, different } = verified;
    if (different.length > 0) throw await this.#discard(intent, batch, different);
    return verified;
  }

  async #create(intent: CreateRecord, plan: BatchPlan): Promise<Batch> {
    try {
      return await this.#api.createDraft(plan, idempotencyKey(intent));
    } catch (error) {
      const isDoubtful = mayHaveSucceeded(error);
      if (isDoubtful || intent.wasUnknown) this.#creations.unknown(intent, this.#now());
      else this.#creations.forget(intent);
      throw isDoubtful && error instanceof Problem ? withAdvice(error) : error;
    }
  }

  /**
   * Takes a wrong draft away and returns the problem to throw. The API deletes only drafts (H:delete). What it set going stays and is not
   * forgotten: phones may have rung, and made again it would ring them twice.
   */
  async #discard(intent: CreateRecord, { batchId, status }: Batch, different: readonly string[]): Promise<Problem> {
    try {
      if (status !== "draft" && status !== "scheduled") {
        this.#creations.unknown(intent, this.#now());
        return wrongDraft(different, setGoing(batchId));
      }
      if (status === "scheduled") await this.#api.editBatch(batchId, { status: "draft" });
      await this.#api.deleteBatch(batchId);
      this.#creations.forget(intent);
      return wrongDraft(different, "That draft was deleted. Nothing was created.");
    } catch (error) {
      this.#creations.unknown(intent, this.#now());
      return wrongDraft(different, notDeleted(batchId, status), error);
    }
  }

  async #replay(intent: CreateRecord, { environment }: StartOrder): Promise<Draft | undefined> {
    const batch = await findExistingBatch(this.#api, intent);
    if (!batch) return undefined;
    if (intent.wasUnknown && environment === "live") await deleteDuplicates(this.#api, markerOf(intent), batch.batchId);
    return { batch, replayed: true, unverified: [] };
  }

  /** Settles a create whose answer is missing. Throws `outcome_unknown` while its request may still arrive. */
  async #reconcile(intent: CreateRecord, order: StartOrder): Promise<Draft> {
    const found = await this.#search(intent, order);
    if (found) {
      const batch = await this.#verifyFound(intent, found, order);
      this.#creations.created(intent, batch.batchId, toContentFacts(order.plan, []), this.#now());
      return { batch, replayed: true, unverified: [] };
    }
    if (order.environment === "live" && mayStillSucceed(intent, this.#now())) {
      this.#creations.unknown(intent, this.#now());
      throw notShownYet();
    }
    // A duplicate that comes even later is only a draft; the next replay deletes it.
    this.#creations.sentAgain(intent, this.#now());
    return this.#send(intent, order);
  }

  /** What was started since stands, whatever it is. */
  async #verifyFound(intent: CreateRecord, found: Batch, { plan, environment }: StartOrder): Promise<Batch> {
    if (environment !== "live" || found.status !== "draft" || (await this.#api.hasBrake())) return found;
    const sent = { ...plan, name: markedName(plan.name, markerOf(intent)) };
    return (await this.#verify(intent, sent, found, environment)).batch;
  }

  async #search(intent: CreateRecord, { plan, environment }: StartOrder): Promise<Batch | undefined> {
    try {
      if (environment === "live") return await keepOneDuplicate(this.#api, markerOf(intent), plan);
      return await this.#repeat(intent, plan);
    } catch (error) {
      this.#creations.unknown(intent, this.#now());
      throw error;
    }
  }

  /**
   * Under its Idempotency-Key the same request makes the batch once, however often it is sent. Returns undefined when
   * it never arrived and its time has passed since, so that it is refused.
   */
  async #repeat(intent: CreateRecord, plan: BatchPlan): Promise<Batch | undefined> {
    const { scheduledAt } = intent;
    const start = scheduledAt ? ({ kind: "at", at: scheduledAt } as const) : ({ kind: "draft" } as const);
    try {
      return await this.#api.createDraft({ ...plan, start }, idempotencyKey(intent));
    } catch (error) {
      const hasPassed = scheduledAt !== undefined && scheduledAt <= this.#now();
      if (hasPassed && error instanceof Problem && error.code === "invalid_input") return undefined;
      throw error;
    }
  }

  #now(): Date {
    return this.#clock.now();
  }
}

type WaitTeller = { tell(until: Date, now: Date): void };

const tellEveryMs = 3_000;

/** Says to whoever listens why nothing happens for now, so that a client that gives up on silence does not. */
function createWaitTeller(): WaitTeller {
  let beganAt: Date | undefined;
  let toldMs = 0;
  return {
    tell(until, now) {
      beganAt ??= now;
      const waitedMs = now.getTime() - beganAt.getTime();
      if (waitedMs < toldMs + tellEveryMs) return;
      const leftSeconds = Math.ceil((until.getTime() - now.getTime()) / 1000);
      const message = `The same create is under way, or was cut off: it is waited for, ${leftSeconds} s more at most, and then looked for. It makes no second batch.`;
      if (toldMs === 0) hearer()?.tell("notice", message);
      hearer()?.tellWait?.(message);
      toldMs = waitedMs;
    },
  };
}

function setGoing(batchId: string): string {
  return `The API set ${batchId} going by itself, which nobody agreed to: it may have called people, and may call more. It was kept, and the same list is not created again. Look with get_batch_status who was called; a person can stop it in the API provider's own portal.`;
}

function notDeleted(batchId: string, status: Batch["status"]): string {
  if (status === "draft") return `That draft, ${batchId}, could not be deleted. It calls nobody; do not start it.`;
  return `${batchId} could not be taken back and may call people. Look with get_batch_status; a person can stop it in the API provider's own portal.`;
}
