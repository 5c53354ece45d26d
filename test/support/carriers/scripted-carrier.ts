import type { CallDetails, CallResult, DialRequest } from "../../../src/contract/records.ts";
import type { Answer } from "../../../src/domain/batch/answers.ts";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { Said } from "../../../src/domain/said.ts";
import { type Clock, sleep } from "../../../src/lib/clock.ts";
import type { Carrier, DialAnswer, HeldAttempt, LookUp } from "../../../src/service/carriers/carrier.ts";

/** One dial that reached the carrier. */
export type Dial = DialRequest & { readonly at: Date; readonly fault?: DialFault };

/**
 * How a dial goes wrong. `refused`: rejected, nothing rings, the look-up says so. `lost_answer`: it rings although
 * `dial` rejects. `lost_for_good`: rejected, and the look-up cannot tell. `full`:
 * not taken for now; `hold`: not taken, and no other of the batch.
 */
export type DialFault = "refused" | "lost_answer" | "lost_for_good" | "full" | "hold";

/** How the news of a call's end goes wrong: it comes ten minutes late, or again after a minute. */
export type EndFault = "late" | "twice";

/** A carrier that does as the test says. It outlives the dialers that use it, as a real one does. */
export class ScriptedCarrier implements Carrier {
  environment: "simulated" | "live" = "simulated";
  /** Everything that was handed in, in order. */
  readonly dials: Dial[] = [];
  /** The dials that made a phone ring. */
  readonly rings: Dial[] = [];
  /** How long a call takes, from the start of its ringing. */
  callMs = 30_000;
  /** How long the carrier takes to accept a dial. */
  acceptMs = 0;
  /** The faults of the next dials; afterwards all goes well. */
  faults: DialFault[] = [];
  /** The faults of the next ends. */
  endFaults: EndFault[] = [];
  /** Until the phone rings, an accepted dial waits here for so long. */
  queueMs = 0;
  /** Asks for the last check again when a dial has waited for `acceptMs`, as a carrier does that lets time pass before it hands it over. */
  checksAgain = false;
  /** What it says when it is full. */
  asksToWait: { readonly retryAfterMs?: number } = {};
  /** Caller ids that its account does not have any more. */
  readonly gone = new Set<string>();
  /** The number of look-ups that fail from now on. */
  failingLookUps = 0;
  /** How far its own clock is ahead of ours; behind when negative. Only what it reports is dated by it. */
  clockAheadMs = 0;
  /** What is found out in the answered calls to a number. */
  readonly answers = new Map<string, readonly Answer[]>();
  /** What else is told of the calls to a number. */
  readonly details = new Map<string, CallDetails>();
  cannotAsk = false;
  cannotLeaveMessages = false;
  /** Numbers whose voicemail takes no message. */
  readonly mute = new Set<string>();
  isClosed = false;
  /** Most calls in progress at the same time, so far. */
  mostOngoing = 0;

  readonly #clock: Clock;
  readonly #scripts = new Map<string, Outcome[]>();
  readonly #said = new Map<string, Said>();
  readonly #calls = new Map<string, CallResult>();
  readonly #unclear = new Set<string>();
  readonly #ongoing = new Set<string>();
  readonly #inTheAir = new Set<string>();
  readonly #queued = new Map<string, () => void>();
  #listener: (token: string, result: CallResult) => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Outcomes of the calls to a number, in order; the last one repeats. Without a script everybody answers. */
  script(toNumber: string, ...outcomes: Outcome[]): void {
    this.#scripts.set(toNumber, outcomes);
  }

  get ringsWithinMs(): number {
    return this.queueMs;
  }

  /** What the person says in every call to a number. */
  say(toNumber: string, said: Said): void {
    this.#said.set(toNumber, said);
  }

  async dial(request: DialRequest, held?: HeldAttempt): Promise<DialAnswer> {
    const fault = this.faults.shift();
    this.dials.push({ ...request, at: this.#clock.now(), ...(fault && { fault }) });
    if (this.acceptMs > 0) await this.#travel(request.token);
    if (this.checksAgain && !(await held?.check())?.isFresh()) return { kind: "withdrawn" };
    if (fault === "lost_for_good") this.#unclear.add(request.token);
    if (fault === "refused" || fault === "lost_for_good") throw new Error(`Scripted fault: ${fault}`);
    if (fault === "full") return { kind: "not_now", why: "no room", ...this.asksToWait };
    if (this.gone.has(request.fromNumber))
      return { kind: "hold", reason: "The account has no such caller id.", hasNoCallerId: true };
    if (fault === "hold") return { kind: "hold", reason: "The carrier does not know the agent." };
    if (this.queueMs > 0) this.#queue(request);
    else this.ring(request);
    if (fault === "lost_answer") throw new Error("Scripted fault: lost_answer");
    return { kind: "taken" };
  }

  /** Makes the phone ring, once for a token, as if that dial had arrived. */
  ring(request: DialRequest): void {
    const known = this.#calls.get(request.token);
    if (!known) this.rings.push({ ...request, at: this.#clock.now() });
    const result = known ?? this.#plan(request);
    this.#calls.set(request.token, result);
    if (!known) this.#ongoing.add(request.token);
    this.mostOngoing = Math.max(this.mostOngoing, this.ongoing);
    this.#clock.at(result.endedAt, () => this.#end(request.token));
  }

  #queue(request: DialRequest): void {
    const leave = this.#clock.at(new Date(this.#clock.now().getTime() + this.queueMs), () => {
      this.#queued.delete(request.token);
      this.ring(request);
    });
    this.#queued.set(request.token, leave);
  }

  async takeBack(token: string): Promise<boolean> {
    const leave = this.#queued.get(token);
    leave?.();
    return this.#queued.delete(token);
  }

  async #travel(token: string): Promise<void> {
    this.#inTheAir.add(token);
    await sleep(this.#clock, this.acceptMs);
    this.#inTheAir.delete(token);
  }

  #end(token: string): void {
    this.#ongoing.delete(token);
    const fault = this.endFaults.shift();
    if (fault !== "late") this.tellEnd(token);
    const againInMinutes = fault === undefined ? undefined : { late: 10, twice: 1 }[fault];
    if (againInMinutes === undefined) return;
    this.#clock.at(new Date(this.#clock.now().getTime() + againInMinutes * 60_000), () => this.tellEnd(token));
  }

  /** Tells the listener of a call that has ended, again if need be. */
  tellEnd(token: string): void {
    const result = this.#calls.get(token);
    if (result && result.endedAt <= this.#clock.now()) this.#listener(token, this.#dated(result));
  }

  async lookUp(token: string): Promise<LookUp> {
    if (this.#inTheAir.has(token)) throw new Error("That dial is still on its way");
    if (this.failingLookUps > 0) {
      this.failingLookUps -= 1;
      throw new Error("Scripted fault: the look-up failed");
    }
    if (this.#queued.has(token)) return { state: "ongoing" };
    if (this.#unclear.has(token)) return { state: "cannot_tell" };
    const result = this.#calls.get(token);
    if (!result) return { state: "not_placed" };
    return result.endedAt <= this.#clock.now() ? { state: "ended", result: this.#dated(result) } : { state: "ongoing" };
  }

  onEnded(listener: (token: string, result: CallResult) => void): void {
    this.#listener = listener;
  }

  close(): void {
    this.isClosed = true;
  }

  /** Calls in progress at this moment. */
  get ongoing(): number {
    const now = this.#clock.now();
    return [...this.#ongoing].filter((token) => (this.#calls.get(token)?.endedAt ?? now) > now).length;
  }

  #dated(result: CallResult): CallResult {
    const shift = (at: Date): Date => new Date(at.getTime() + this.clockAheadMs);
    return { ...result, startedAt: shift(result.startedAt), endedAt: shift(result.endedAt) };
  }

  #plan({ toNumber, voicemailMessage }: DialRequest): CallResult {
    const script = this.#scripts.get(toNumber) ?? ["answered"];
    const outcome = (script.length > 1 ? script.shift() : script[0]) ?? "answered";
    const startedAt = this.#clock.now();
    const endedAt = new Date(startedAt.getTime() + this.callMs);
    const answers = outcome === "answered" ? this.answers.get(toNumber) : undefined;
    const said = this.#said.get(toNumber);
    const isLeft = outcome === "voicemail" && voicemailMessage !== undefined && !this.mute.has(toNumber);
    const details = { ...this.details.get(toNumber), ...(isLeft && ({ messageLeft: true } as const)) };
    const told = {
      ...(said && { said }),
      ...(answers && { answers }),
      ...(Object.keys(details).length > 0 && { details }),
    };
    return { outcome, startedAt, endedAt, ringMs: this.callMs, talkMs: 0, ...told };
  }
}
