import type { Outcome } from "../../src/domain/batch.ts";
import { type Clock, sleep } from "../../src/domain/clock.ts";
import type { CallResult, Carrier, DialRequest, LookUp } from "../../src/service/carriers/carrier.ts";

/** One dial that reached the carrier. */
export type Dial = DialRequest & { readonly at: Date };

/**
 * How a dial goes wrong. `refused`: rejected, nothing rings, the look-up says so. `lost_answer`: it rings although
 * `dial` rejects. `lost_for_good`: rejected, and the look-up cannot tell.
 */
export type DialFault = "refused" | "lost_answer" | "lost_for_good";

/** A carrier that does as the test says. It outlives the dialers that use it, as a real one does. */
export class ScriptedCarrier implements Carrier {
  readonly environment = "simulated";
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
  /** The number of look-ups that fail from now on. */
  failingLookUps = 0;
  isClosed = false;

  readonly #clock: Clock;
  readonly #scripts = new Map<string, Outcome[]>();
  readonly #calls = new Map<string, CallResult>();
  readonly #unclear = new Set<string>();
  #listener: (token: string, result: CallResult) => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Outcomes of the calls to a number, in order; the last one repeats. Without a script everybody answers. */
  script(toNumber: string, ...outcomes: Outcome[]): void {
    this.#scripts.set(toNumber, outcomes);
  }

  async dial(request: DialRequest): Promise<void> {
    this.dials.push({ ...request, at: this.#clock.now() });
    const fault = this.faults.shift();
    if (this.acceptMs > 0) await sleep(this.#clock, this.acceptMs);
    if (fault === "lost_for_good") this.#unclear.add(request.token);
    if (fault === "refused" || fault === "lost_for_good") throw new Error(`Scripted fault: ${fault}`);
    this.ring(request);
    if (fault === "lost_answer") throw new Error("Scripted fault: lost_answer");
  }

  /** Makes the phone ring, once for a token, as if that dial had arrived. */
  ring(request: DialRequest): void {
    const known = this.#calls.get(request.token);
    if (!known) this.rings.push({ ...request, at: this.#clock.now() });
    const result = known ?? this.#plan(request.toNumber);
    this.#calls.set(request.token, result);
    this.#clock.at(result.endedAt, () => this.tellEnd(request.token));
  }

  /** Tells the listener of a call that has ended, again if need be. */
  tellEnd(token: string): void {
    const result = this.#calls.get(token);
    if (result && result.endedAt <= this.#clock.now()) this.#listener(token, result);
  }

  async lookUp(token: string): Promise<LookUp> {
    if (this.failingLookUps > 0) {
      this.failingLookUps -= 1;
      throw new Error("Scripted fault: the look-up failed");
    }
    if (this.#unclear.has(token)) return { state: "cannot_tell" };
    const result = this.#calls.get(token);
    if (!result) return { state: "not_placed" };
    return result.endedAt <= this.#clock.now() ? { state: "ended", result } : { state: "ongoing" };
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
    return [...this.#calls.values()].filter(({ endedAt }) => endedAt > now).length;
  }

  #plan(toNumber: string): CallResult {
    const script = this.#scripts.get(toNumber) ?? ["answered"];
    const outcome = (script.length > 1 ? script.shift() : script[0]) ?? "answered";
    const startedAt = this.#clock.now();
    const endedAt = new Date(startedAt.getTime() + this.callMs);
    return { outcome, startedAt, endedAt, ringMs: this.callMs, talkMs: 0 };
  }
}
