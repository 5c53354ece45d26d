import assert from "node:assert/strict";
import type { Dial } from "../carriers/scripted-carrier.ts";
import type { ModelWorld } from "./model-world.ts";

const org = "org_1";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const freelyResumedForMs = 15 * minuteMs;

/** What somebody agrees to, as they are shown it. */
export type Content = {
  readonly agentId: string;
  readonly fromNumber: string;
  /** To each number. */
  readonly maxAttempts: number;
  /** JSON of the variables by number. */
  readonly words: ReadonlyMap<string, string>;
  /** Fallback numbers, by the number of the person. */
  readonly fallbacks: ReadonlyMap<string, string>;
};

type Agreement = Content & {
  readonly by: "person" | "account";
  readonly at: number;
  /** Rings under it, by number. */
  readonly rings: Map<string, number>;
};

/** Until a person agrees after them, no more than `canary` people of a batch ring; never more than `calls` phones. */
export type SteeredBy = { readonly canary?: number; readonly calls?: number };

type Standing = {
  readonly agreement?: Agreement;
  readonly pause?: { readonly by: "tool" | "other"; readonly at: number };
  /** What a hold ended, which waits for nobody: of the dials that the carrier was handed before it, the rest may still ring. */
  readonly ended?: { readonly agreement: Agreement; readonly handedIn: number };
};

/**
 * Knows what was agreed to from what people and the account did, never from what the product keeps, and holds every ring of the
 * carrier's own record against it.
 */
export class Judge {
  readonly #world: ModelWorld;
  #standing = new Map<string, Standing>();
  /** As it was before the step that is under way: what rings during a step may belong to either. */
  #before = new Map<string, Standing>();
  /** Where everything is stopped, and how many dials the carrier had been handed by then that may still ring. */
  #stopped = new Map<"here" | "service", number>();
  #stoppedBefore = new Set<"here" | "service">();
  /** Who must not be called, and how many dials the carrier had been handed by then: one of a process that died is on its way. */
  #never = new Map<string, number>();
  #neverBefore = new Set<string>();
  #judged = 0;
  readonly #steered = new Map<string, SteeredBy>();
  /** The group of each part: its canary and budget are those of all parts together. */
  readonly #groupOf = new Map<string, string>();
  /** How many phones of each batch or group rang. */
  readonly #rings = new Map<string, number>();
  /** How many dials the carrier had been handed when the step began in which somebody last agreed to a batch, or to any part of a group. */
  readonly #agreedAt = new Map<string, number>();
  #dialedBefore = 0;
  /** The first ring after the clock was last set: distances are measured from there on. */
  #measuredFrom = 0;

  constructor(world: ModelWorld) {
    this.#world = world;
  }

  begin(): void {
    this.#dialedBefore = this.#world.carrier.dials.length;
    this.#before = new Map(this.#standing);
    this.#stoppedBefore = new Set(this.#stopped.keys());
    this.#neverBefore = new Set(this.#never.keys());
  }

  async end(): Promise<void> {
    await this.look();
    this.begin();
  }

  /** What holds beside what people agree to, until the batch is replaced as a whole. */
  steer(id: string, by: SteeredBy): void {
    this.#steered.set(id, by);
  }

  link(groupId: string, parts: readonly string[]): void {
    for (const id of parts) this.#groupOf.set(id, groupId);
  }

  /** A batch that was replaced as a whole goes by its own rules, part or not. */
  replace(id: string): void {
    this.#groupOf.delete(id);
    this.#steered.delete(id);
    this.revoke(id);
  }

  agree(id: string, content: Content, by: Agreement["by"]): void {
    this.#agreedAt.set(this.#keyOf(id), this.#dialedBefore);
    this.#standing.set(id, { agreement: { ...content, by, at: this.#world.clock.now().getTime(), rings: new Map() } });
  }

  isAgreedByAccount(id: string): boolean {
    return this.#standing.get(id)?.agreement?.by === "account";
  }

  /** Those who were taken out are not to ring any more; the agreement to the others stands as it did. */
  narrow(id: string, gone: readonly string[]): void {
    const { agreement, ...standing } = this.#standing.get(id) ?? {};
    if (!agreement) return;
    const [words, fallbacks] = [agreement.words, agreement.fallbacks].map(
      (all) => new Map([...all].filter(([number]) => !gone.includes(number))),
    );
    if (words && fallbacks) this.#standing.set(id, { ...standing, agreement: { ...agreement, words, fallbacks } });
  }

  /** Something that was answered: no dial of the batch is on its way any more. */
  revoke(id: string): void {
    this.#standing.set(id, {});
  }

  #hold(id: string): void {
    const { agreement } = this.#standing.get(id) ?? {};
    if (!agreement) return;
    this.#standing.set(id, { ended: { agreement, handedIn: this.#world.carrier.dials.length } });
  }

  pause(id: string, by: "tool" | "other"): void {
    this.#standing.set(id, { ...this.#standing.get(id), pause: { by, at: this.#world.clock.now().getTime() } });
  }

  /** Going on without a question is for a batch that our tool paused a short while ago, under a person's agreement. */
  resumedUnasked(id: string): void {
    const { agreement, pause } = this.#standing.get(id) ?? {};
    if (!pause) return;
    assert.ok(agreement, `${id} was resumed without a question, and nobody had agreed to it`);
    assert.equal(agreement.by, "person", `${id} was resumed without a question, which no person had agreed to`);
    assert.equal(pause.by, "tool", `${id} was resumed without a question after somebody else's pause`);
    const agoMs = this.#world.clock.now().getTime() - pause.at;
    assert.ok(
      agoMs <= freelyResumedForMs,
      `${id} was resumed without a question ${agoMs / minuteMs} min after its pause`,
    );
    this.#standing.set(id, { agreement });
  }

  stop(where: "here" | "service" | "both"): void {
    // The service answers once the dials on their way have arrived; the switch of a directory is a file, and waits for nobody.
    if (where !== "service") this.#stopped.set("here", this.#world.carrier.dials.length);
    if (where !== "here") this.#stopped.set("service", 0);
    // Nothing goes on by itself after a stop, nor is anything resumed without a question.
    for (const [id, standing] of this.#standing) {
      const { agreement, pause } = standing;
      if (where !== "here") this.revoke(id);
      else if (pause && agreement) this.#standing.set(id, { ...standing, pause: { ...pause, by: "other" } });
    }
  }

  release(): void {
    this.#stopped.clear();
  }

  neverCall(number: string): void {
    if (!this.#never.has(number)) this.#never.set(number, this.#world.carrier.dials.length);
  }

  clockWasSet(): void {
    this.#measuredFrom = this.#world.carrier.rings.length;
  }

  /** Batches in which somebody fell due since then, more than 15 minutes ago, go on only when somebody agrees anew. */
  async missedSince(since: Date, batchIds: readonly string[]): Promise<void> {
    const { store, clock } = this.#world;
    for (const id of batchIds) {
      const batch = await store.getBatch(org, id);
      if (!batch || batch.isPaused) continue;
      const waitsSince = batch.status === "scheduled" ? batch.scheduledAt : await store.firstDueAt(id);
      if (!waitsSince || (batch.status !== "scheduled" && batch.status !== "sent")) continue;
      // Who agreed after that agreed to what was due by then.
      const agreedAt = this.#standing.get(id)?.agreement?.at ?? 0;
      const dueMs = Math.max(waitsSince.getTime(), ...(batch.status === "sent" ? [since.getTime(), agreedAt] : []));
      if (clock.now().getTime() - dueMs > freelyResumedForMs) this.#hold(id);
    }
  }

  /** Holds what rang since the last look against what was agreed to before or during this step. */
  async look(): Promise<void> {
    const { rings } = this.#world.carrier;
    for (; this.#judged < rings.length; this.#judged += 1) {
      const ring = rings[this.#judged];
      if (ring) await this.#judgeRing(ring, this.#judged);
    }
    await this.#learnOfHolds();
  }

  async #learnOfHolds(): Promise<void> {
    for (const [id, { agreement }] of this.#standing) {
      if (!agreement) continue;
      const batch = await this.#world.store.getBatch(org, id);
      if (batch?.heldReason !== undefined || batch?.status === "draft") this.#hold(id);
    }
  }

  async #judgeRing(ring: Dial, place: number): Promise<void> {
    const claim = await this.#world.store.getClaim(ring.token);
    assert.ok(claim, "a phone rang for an attempt that is nowhere");
    const { batchId } = claim.attempt;
    const handedIn = this.#world.carrier.dials.findIndex(({ token }) => token === ring.token);
    const standings = [this.#before, this.#standing].map((standing) => asOfDial(standing.get(batchId), handedIn));
    const owner = claim.task.toNumber;
    const why = standings.map((standing) => whyNot(standing, ring, owner));
    const agreed = why.indexOf(undefined);
    assert.ok(agreed >= 0, `${batchId} rang ${ring.toNumber} at ${ring.at.toISOString()}: ${why.join(" / ")}`);
    const agreement = standings[agreed]?.agreement;
    if (agreement) agreement.rings.set(ring.toNumber, (agreement.rings.get(ring.toNumber) ?? 0) + 1);

    await this.#judgeSteering(this.#keyOf(batchId), claim.task.id, handedIn);
    const isStopped = [...this.#stopped].some(
      ([where, mayRing]) => this.#stoppedBefore.has(where) && handedIn >= mayRing,
    );
    assert.ok(!isStopped, `${batchId} rang while everything was stopped`);
    for (const number of [ring.toNumber, owner]) {
      const isNever = handedIn >= (this.#never.get(number) ?? Infinity) && this.#neverBefore.has(number);
      assert.ok(!isNever, `${ring.toNumber} rang for ${owner}, who is on the do-not-call list`);
    }
    if (ring.toNumber !== owner) await this.#judgeFallback(ring, place);
    await this.#judgeDistance(ring, place, batchId);
  }

  #keyOf(batchId: string): string {
    return this.#groupOf.get(batchId) ?? batchId;
  }

  /** A canary is of the people who are dialed, whatever came of it: a call of which the carrier cannot tell may have rung nobody. */
  async #judgeSteering(key: string, taskId: string, handedIn: number): Promise<void> {
    const { canary, calls } = this.#steered.get(key) ?? {};
    if (canary !== undefined) {
      const dialed = await this.#firstDials(key, handedIn);
      const lastOfCanary = dialed.has(taskId) ? undefined : [...dialed.values()][canary - 1];
      const isAgreed = lastOfCanary === undefined || (this.#agreedAt.get(key) ?? 0) > lastOfCanary;
      assert.ok(isAgreed, `${key} rang somebody beyond a canary of ${canary} that nobody had looked at`);
    }
    const rings = (this.#rings.get(key) ?? 0) + 1;
    this.#rings.set(key, rings);
    assert.ok(calls === undefined || rings <= calls, `${key} made ${rings} calls of a budget of ${calls}`);
  }

  /** The place of the first dial of each person of a batch or group, in their order, of those handed in before. */
  async #firstDials(key: string, before: number): Promise<ReadonlyMap<string, number>> {
    const { carrier, store } = this.#world;
    const first = new Map<string, number>();
    for (const [place, { token }] of carrier.dials.slice(0, before).entries()) {
      const claim = await store.getClaim(token);
      if (!claim || this.#keyOf(claim.attempt.batchId) !== key || first.has(claim.task.id)) continue;
      first.set(claim.task.id, place);
    }
    return first;
  }

  /** A fallback number rings after a call to the person's own number that reached nobody, and no other number has rung since. */
  async #judgeFallback(ring: Dial, place: number): Promise<void> {
    const { carrier, store } = this.#world;
    const [task = ""] = ring.token.split(":");
    const earlier = carrier.rings.slice(0, place).filter(({ token }) => token.startsWith(`${task}:`));
    const { attempt } = (await store.getClaim(earlier.at(-1)?.token ?? "")) ?? {};
    const isUnreached = attempt?.outcome !== undefined && ["no_answer", "busy", "failed"].includes(attempt.outcome);
    const isAgain = attempt?.toNumber === ring.toNumber && attempt.outcome !== "answered";
    assert.ok(isUnreached || isAgain, `${ring.toNumber} rang as a fallback number after ${attempt?.outcome}`);
  }

  async #judgeDistance(ring: Dial, place: number, batchId: string): Promise<void> {
    const { carrier, store } = this.#world;
    for (let earlier = this.#measuredFrom; earlier < place; earlier += 1) {
      const other = carrier.rings[earlier];
      if (!other || other.toNumber !== ring.toNumber) continue;
      const apartMs = ring.at.getTime() - other.at.getTime();
      assert.notEqual(other.token, ring.token, "an attempt rang twice");
      assert.ok(apartMs >= minuteMs, `${ring.toNumber} rang again after ${apartMs / 1000} s`);
      const { attempt } = (await store.getClaim(other.token)) ?? {};
      if (!attempt || attempt.batchId === batchId) continue;
      const isReached = attempt.outcome === undefined || ["answered", "voicemail"].includes(attempt.outcome);
      const text = `${ring.toNumber} was reached by another batch ${apartMs / hourMs} h before`;
      assert.ok(!isReached || apartMs >= 24 * hourMs, text);
    }
  }

  /** At the very end no call is open, and nobody waits who could be called. */
  async nobodyIsLeft(batchIds: readonly string[]): Promise<void> {
    const { store, clock } = this.#world;
    for (const id of batchIds) {
      const batch = await store.getBatch(org, id);
      const counts = (await store.facts([id], clock.now())).get(id)?.counts;
      assert.equal(counts?.calling, 0, `${id} has calls that never end`);
      const isStuck = batch?.status === "sent" && !batch.isPaused;
      assert.ok(!isStuck, `${id} still runs with ${JSON.stringify(counts)}`);
    }
  }
}

/** With the agreement that a dial was handed in under, where that was ended by a hold since. */
function asOfDial(standing: Standing | undefined, handedIn: number): Standing | undefined {
  const ended = standing?.agreement ? undefined : standing?.ended;
  return ended && handedIn < ended.handedIn ? { agreement: ended.agreement } : standing;
}

/** Why a ring is not agreed to; undefined when it is. */
function whyNot(standing: Standing | undefined, ring: Dial, owner: string): string | undefined {
  const { agreement, pause } = standing ?? {};
  if (!agreement) return "nobody agreed to it";
  if (pause) return "it was paused";
  const isOwn = ring.toNumber === owner;
  if (!isOwn && agreement.fallbacks.get(owner) !== ring.toNumber) return "to a fallback number that was not shown";
  if (!isOwn && agreement.words.has(ring.toNumber)) return "to the number of another person on the list";
  if (agreement.words.get(owner) !== JSON.stringify(ring.variables)) return "to another number or other words";
  if (agreement.agentId !== ring.agentId) return "with another agent";
  if (agreement.fromNumber !== ring.fromNumber) return "from another number";
  const rings = agreement.rings.get(ring.toNumber) ?? 0;
  return rings >= agreement.maxAttempts ? `more often than the ${agreement.maxAttempts} times agreed to` : undefined;
}
