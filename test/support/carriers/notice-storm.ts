import { createHmac, randomUUID } from "node:crypto";
import { type Outcome, outcomes } from "../../../src/domain/batch/batch.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { Random } from "../random.ts";
import { type Json, numberOf } from "../service-world.ts";
import { BridgeWorld } from "./bridge-world.ts";
import { bridgeSecret, type Call, toEnd } from "./scripted-bridge.ts";

/** Notices of the bridge itself, in whatever order and as often as they come. */
const ownKinds = ["first", "doubled", "late", "contradicting"] as const;
/** Notices that nobody with the secret sent for this call, or not now. */
const forgedKinds = [
  "wrong signature",
  "no signature",
  "old time stamp",
  "new time stamp on an old signature",
  "another attempt's token under a right signature",
  "right signature of another body",
] as const;
/** Rightly signed, about nothing that is there, or in no terms of the contract. */
const uselessKinds = ["unknown call", "attempt that was not made", "not an end"] as const;
type Kind = (typeof ownKinds)[number] | (typeof forgedKinds)[number] | (typeof uselessKinds)[number];

export type StormReport = {
  readonly notices: number;
  readonly byKind: ReadonlyMap<Kind, number>;
  /** Calls that the bridge placed: the truth that the service is judged by. */
  readonly calls: number;
  /** Attempts whose outcome or times are not those of the bridge's own record, or that it never made. */
  readonly wrongOutcomes: number;
  /** Notices that were answered otherwise than docs/carriers.md says. */
  readonly wrongAnswers: number;
  /** Tokens for which a phone rang twice. */
  readonly rungTwice: number;
};

type Notice = {
  readonly kind: Kind;
  readonly body: string;
  readonly headers: Record<string, string>;
  /** Present on the first report of a call. */
  readonly call?: Call;
};

const recipientsOfARound = 40;
const noticesOfARound = 1_200;
const noticesAtOnce = 40;
/** Longer than the 5 minutes for which a signature is good. */
const staleSeconds = 330;

/**
 * Sends the service that many notices while a bridge calls for it, most of them forged, doubled, late or out of order,
 * and compares what the service has stored with what the bridge really did. Some of the ends the service learns from a
 * notice, others only from its own look-ups, some from both at once.
 */
export async function stormNotices(notices: number, seed: number, store?: Store): Promise<StormReport> {
  const settings = { maxConcurrent: 30, startsPerSecond: 50 };
  const world = await BridgeWorld.start({ callsBack: true, settings, ...(store && { store }) });
  const storm = new NoticeStorm(world, seed);
  try {
    while (storm.sent < notices) await storm.round(Math.min(noticesOfARound, notices - storm.sent));
    return storm.report();
  } finally {
    await world.stop();
  }
}

class NoticeStorm {
  sent = 0;
  readonly #world: BridgeWorld;
  readonly #random: Random;
  readonly #byKind = new Map<Kind, number>();
  /** Calls of which the bridge has sent a report; the end of those that were answered is in the store. */
  readonly #reported: Call[] = [];
  readonly #answered: Call[] = [];
  /** Where the calls of this round begin in the bridge's record. */
  #firstOfRound = 0;
  #recipients = 0;
  #wrongOutcomes = 0;
  #wrongAnswers = 0;

  constructor(world: BridgeWorld, seed: number) {
    this.#world = world;
    this.#random = new Random(seed);
    world.bridge.onDial = () => {
      world.bridge.outcome = this.#random.pick(outcomes);
      world.bridge.callMs = 1_000 * (1 + this.#random.below(90));
    };
  }

  /** One batch under so many notices, and then, when everything has ended, the comparison. */
  async round(notices: number): Promise<void> {
    const { clock, bridge } = this.#world;
    this.#firstOfRound = bridge.calls.length;
    const tasks = Array.from({ length: recipientsOfARound }, () => {
      this.#recipients += 1;
      return { to_number: numberOf(1 + (this.#recipients % 9_900)) };
    });
    const batchId = await this.#world.launch(0, {
      tasks,
      retry_config: { enabled: true, max_attempts: 3 },
      retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 2 } }],
    });
    for (let left = notices; left > 0; left -= noticesAtOnce) {
      await clock.advance({ seconds: 1 + this.#random.below(15) });
      const burst = this.#burst(Math.min(noticesAtOnce, left));
      // Half of them come while time moves on, look-ups are answered and phones ring.
      const moving = this.#random.chance(0.5) ? clock.advance({ seconds: this.#random.below(20) }) : undefined;
      await Promise.all([burst, moving]);
      await clock.settle();
    }
    // Ends that nobody reported are asked for within five minutes, for each of three attempts.
    await clock.advance({ minutes: 30 });
    await this.#compare(batchId, bridge.calls.slice(this.#firstOfRound));
  }

  report(): StormReport {
    const { calls } = this.#world.bridge;
    return {
      notices: this.sent,
      byKind: this.#byKind,
      calls: calls.length,
      wrongOutcomes: this.#wrongOutcomes,
      wrongAnswers: this.#wrongAnswers,
      rungTwice: calls.length - new Set(calls.map(({ token }) => token)).size,
    };
  }

  async #burst(count: number): Promise<void> {
    const notices = Array.from({ length: count }, () => this.#next());
    await Promise.all(notices.map((notice) => this.#send(notice)));
  }

  async #send({ kind, body, headers, call }: Notice): Promise<void> {
    this.sent += 1;
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + 1);
    const answer = await this.#world.send("POST", "/carrier/outcomes", body, headers);
    if (!isRightAnswer(kind, answer)) this.#wrongAnswers += 1;
    if (call) this.#answered.push(call);
  }

  /** Any kind for which there is a call at the moment. */
  #next(): Notice {
    const calls = this.#world.bridge.calls.slice(this.#firstOfRound);
    const now = this.#world.clock.now();
    const ended = calls.filter((call) => call.endedAt <= now);
    const ongoing = calls.filter((call) => call.endedAt > now);
    const victim = this.#random.pickAny(this.#random.chance(0.7) ? ongoing : calls) ?? calls[0];
    if (!victim) throw new Error("Nobody was called yet");
    const own = this.#random.chance(0.4) ? this.#own(ended) : undefined;
    if (own) return own;
    return this.#random.chance(0.15) ? this.#useless(victim) : this.#forged(victim, this.#random.pickAny(ended));
  }

  /** Of the bridge itself. Undefined when there is nothing of that kind to tell yet. */
  #own(ended: readonly Call[]): Notice | undefined {
    const kind = this.#random.pick(ownKinds);
    switch (kind) {
      case "first": {
        const call = this.#random.pickAny(ended.filter((one) => isReported(one) && !this.#reported.includes(one)));
        if (!call) return undefined;
        this.#reported.push(call);
        return { ...this.#signed(kind, endBody(call)), call };
      }
      case "doubled":
        // Some of them overtake the first.
        return this.#again(kind, this.#random.pickAny(this.#reported.slice(-10)));
      case "late":
        return this.#again(kind, this.#random.pickAny(this.#reported));
      case "contradicting": {
        // What the service hears first it takes for the truth, whatever it is.
        const call = this.#random.pickAny(this.#answered.slice(-100));
        return call && this.#signed(kind, { ...endBody(call), outcome: this.#otherThan(call.outcome) });
      }
    }
  }

  #again(kind: Kind, call: Call | undefined): Notice | undefined {
    return call && this.#signed(kind, endBody(call));
  }

  #forged(victim: Call, source: Call | undefined): Notice {
    const kind = this.#random.pick(forgedKinds);
    const lie = JSON.stringify({ ...endBody(victim), outcome: this.#otherThan(victim.outcome), ...this.#lyingTimes() });
    const genuine = JSON.stringify(endBody(source ?? victim));
    const [now, stale] = [this.#seconds(), this.#seconds() - staleSeconds - this.#random.below(100_000)];
    switch (kind) {
      case "wrong signature":
        return { kind, body: lie, headers: headersOf(now, signWith("not the secret of this bridge", lie, now)) };
      case "no signature":
        return { kind, body: lie, headers: {} };
      case "old time stamp":
        return { kind, body: lie, headers: headersOf(stale, signWith(bridgeSecret, lie, stale)) };
      case "new time stamp on an old signature":
        return { kind, body: lie, headers: headersOf(now, signWith(bridgeSecret, lie, stale)) };
      case "another attempt's token under a right signature": {
        const swapped = JSON.stringify({ ...JSON.parse(genuine), token: `${victim.token}${source ? "" : "1"}` });
        if (swapped === genuine) return { kind: "no signature", body: lie, headers: {} };
        return { kind, body: swapped, headers: headersOf(now, signWith(bridgeSecret, genuine, now)) };
      }
      case "right signature of another body":
        return { kind, body: lie, headers: headersOf(now, signWith(bridgeSecret, `${genuine} `, now)) };
    }
  }

  #useless(victim: Call): Notice {
    const kind = this.#random.pick(uselessKinds);
    const end = endBody(victim);
    const noEnds: readonly [object, ...object[]] = [
      { token: victim.token, outcome: "answered" },
      { ...end, outcome: "hung_up" },
      { ...end, ended_at: "soon" },
    ];
    const [task = ""] = victim.token.split(":");
    switch (kind) {
      case "unknown call":
        return this.#signed(kind, { ...end, token: `task_${randomUUID()}:1` });
      case "attempt that was not made":
        return this.#signed(kind, { ...end, token: `${task}:${4 + this.#random.below(5)}` });
      case "not an end":
        return this.#signed(kind, this.#random.pick(noEnds));
    }
  }

  #signed(kind: Kind, content: object): Notice {
    const body = JSON.stringify(content);
    // The bridge's clock is up to two minutes off.
    const seconds = this.#seconds() + this.#random.below(240) - 120;
    return { kind, body, headers: headersOf(seconds, signWith(bridgeSecret, body, seconds)) };
  }

  #otherThan(outcome: Outcome): Outcome {
    return this.#random.pickAny(outcomes.filter((other) => other !== outcome)) ?? "failed";
  }

  #lyingTimes() {
    const at = new Date(this.#world.clock.now().getTime() - this.#random.below(600_000)).toISOString();
    return { started_at: at, ended_at: at };
  }

  #seconds(): number {
    return Math.floor(this.#world.clock.now().getTime() / 1000);
  }

  async #compare(batchId: string, calls: readonly Call[]): Promise<void> {
    const stored = await this.#world.tasks(batchId);
    const placed = new Map<string, Call[]>();
    for (const call of calls) placed.set(call.toNumber, [...(placed.get(call.toNumber) ?? []), call]);
    for (const task of stored) {
      const truth = placed.get(task.to_number) ?? [];
      this.#wrongOutcomes += countWrong(task, truth);
    }
    if ((await this.#world.batch(batchId)).status !== "completed") this.#wrongOutcomes += 1;
  }
}

/** Attempts that differ from the calls, calls without an attempt, and a wrong end of the whole. */
function countWrong(task: Json, truth: readonly Call[]): number {
  const attempts: Json[] = task.attempts;
  const wrong = truth.filter((call, index) => {
    const { outcome, started_at: startedAt, ended_at: endedAt } = attempts[index] ?? {};
    const [from, to] = [call.startedAt.getTime(), call.endedAt.getTime()];
    return outcome !== call.outcome || startedAt !== from || endedAt !== to;
  });
  const wanted = truth.findIndex(({ outcome }) => outcome !== "busy") + 1 || 3;
  const isRightLength = truth.length === wanted && attempts.length === truth.length;
  const isRightEnd = task.outcome === truth.at(-1)?.outcome;
  return wrong.length + (isRightLength ? 0 : 1) + (isRightEnd ? 0 : 1);
}

function isRightAnswer(kind: Kind, { status, body }: { status: number; body: Json }): boolean {
  switch (kind) {
    case "first":
      // `false` where a look-up was quicker.
      return status === 200 && typeof body.data.recorded === "boolean";
    case "doubled":
    case "late":
      return status === 200;
    case "contradicting":
      return status === 200 && body.data.recorded === false;
    case "unknown call":
    case "attempt that was not made":
      return status === 404;
    case "not an end":
      return status === 400;
    case "wrong signature":
    case "no signature":
    case "old time stamp":
    case "new time stamp on an old signature":
    case "another attempt's token under a right signature":
    case "right signature of another body":
      return status === 401;
  }
}

/** A third of all ends is never reported. */
function isReported({ token }: Call): boolean {
  return token.charCodeAt(token.length - 3) % 3 !== 0;
}

function endBody(call: Call): Record<string, unknown> {
  return { token: call.token, ...toEnd(call) };
}

function headersOf(seconds: number, signature: string): Record<string, string> {
  return { "x-batch-call-timestamp": String(seconds), "x-batch-call-signature": signature };
}

function signWith(secret: string, content: string, seconds: number): string {
  return `v1=${createHmac("sha256", secret).update(`${seconds}.${content}`).digest("hex")}`;
}
