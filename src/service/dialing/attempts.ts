import type { CallResult, DialRequest } from "../../contract/records.ts";
import { isQuiet } from "../../domain/time/quiet-hours.ts";
import { batchQuietHours, mayRingFrom } from "../../domain/time/recipient-hours.ts";
import type { Background } from "../../lib/background.ts";
import { type Clock, startAge } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Carrier, DialAnswer } from "../carriers/index.ts";
import type { Claim, DialStore, ReleaseReason } from "../store/index.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { DialGuard, DialObserver } from "./dialing.ts";
import { dispatchDeadlineMs } from "./dispatch-deadline.ts";
import { recordOutcome } from "./record-outcome.ts";
import { storeNow } from "./store-now.ts";

/** Takes attempts from their claim to their outcome. */
export type Attempts = {
  /** Hands a claimed attempt to the carrier, unless a last check says no. Returns before the carrier answered. */
  handOver(claim: Claim): void;
  /** Asks the carrier for the outcome of an attempt and brings the store in line. Resolves after the first try. */
  clarify(claim: Claim): Promise<void>;
  /** Tokens of the attempts that this process has in hand. */
  held(): ReadonlySet<string>;
  /** Resolves when no dial of this batch that passed its last check in this process is still on its way to the carrier. */
  settled(batchId: string): Promise<void>;
  /** Starts no dial from here on; resolves when the dials on their way have arrived. */
  stop(): Promise<void>;
};

export type AttemptsParts = {
  readonly store: DialStore;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly log: Log;
  readonly background: Background;
  readonly circuitBreaker: CircuitBreaker;
  readonly observer: DialObserver;
  readonly guard: DialGuard;
  /** Called when an attempt is over: a place is free. */
  readonly onOver: () => void;
};

export function createAttempts(parts: AttemptsParts): Attempts {
  const { store, carrier, clock, log, background, circuitBreaker, guard, onOver, observer } = parts;
  const open = new Map<string, Claim>();
  const onTheirWay = new Map<Promise<void>, string>();
  let stopping = false;

  carrier.onEnded((token, result) => {
    const claim = open.get(token);
    if (claim) void background.retryUntilDone(ids(claim), () => conclude(claim, result));
    else log.warn({ token }, "The carrier ended an attempt that is not open");
  });

  /** The only place that dials. Throws when it is in doubt whether the carrier has the attempt. */
  async function dial(claim: Claim): Promise<void> {
    const ageOfCheck = startAge(clock);
    const isCleared = await background.track(() => clear(claim));
    if (!isCleared) return;
    if (ageOfCheck() > dispatchDeadlineMs(store.leases)) return checkAgain(claim);
    observer.started(claim, clock.now());
    const answer = await askToDial(claim);
    if (answer.kind === "taken") {
      await background.retryUntilDone(ids(claim), () => store.markPlaced(claim, clock.now()));
    } else {
      await background.retryUntilDone(ids(claim), () => notTaken(claim, answer));
    }
  }

  async function askToDial(claim: Claim): Promise<DialAnswer> {
    try {
      const answer = await carrier.dial(toDialRequest(claim));
      if (answer.kind === "taken") circuitBreaker.accepted();
      if (answer.kind === "not_now") circuitBreaker.full(answer.retryAfterMs);
      return answer;
    } catch (error) {
      circuitBreaker.failed();
      throw error;
    }
  }

  /** The attempt is as if it had never been: its recipient stays due. The batch is held first, or it would be claimed again. */
  async function notTaken(claim: Claim, answer: Exclude<DialAnswer, { kind: "taken" }>): Promise<void> {
    if (answer.kind === "hold") {
      const held = await store.hold(claim.batch, () => answer.reason, clock.now());
      if (held) log.warn({ batchId: claim.batch.id, heldReason: held }, "A batch is held");
    } else {
      log.info({ ...ids(claim), why: answer.why, until: circuitBreaker.until() }, "The carrier has no room for now");
    }
    await takeBack(claim, "not_now", circuitBreaker.until());
  }

  /** Checks for the last time whether the attempt may be dialed; takes it back when not. */
  async function clear(claim: Claim): Promise<boolean> {
    const dialAt = mayDialAt(claim);
    if (dialAt === "never") {
      await takeBack(claim, "not_callable");
      return false;
    }
    const why = dialAt > clock.now() ? "outside_hours" : await lastCheck(claim);
    if (why) await takeBack(claim, why, why === "pace" ? nextTurn() : dialAt > clock.now() ? dialAt : undefined);
    return !why;
  }

  /** By the operator's hours, and by the recipient's own time and clock. */
  function mayDialAt({ attempt: { toNumber }, task: { timezone, notBefore }, batch }: Claim): Date | "never" {
    const now = clock.now();
    const byOperator = guard.mayDialAt(toNumber, now, timezone);
    const byRules = mayRingFrom({ toNumber, timezone, notBefore }, batch, now);
    if (byOperator === "never" || byRules === "never") return "never";
    return byOperator > byRules ? byOperator : byRules;
  }

  async function lastCheck(claim: Claim): Promise<ReleaseReason | undefined> {
    const { batch } = claim;
    if (stopping) return "stopping";
    if (guard.isStopped()) return "stopped";
    if (isQuiet(batchQuietHours(batch.rules), batch.timezone, clock.now())) return "outside_hours";
    return store.markDialing(claim, clock.now(), circuitBreaker.startsPerSecond());
  }

  /** When pace may let a dial through that it held back. */
  function nextTurn(): Date {
    return new Date(clock.now().getTime() + Math.ceil(1000 / circuitBreaker.startsPerSecond()));
  }

  /**
   * Takes back what was not handed over in time (the machine slept, say), to be claimed again with every check. The carrier
   * is not asked: it was given nothing, and one that cannot tell would end the attempt as unknown. Where another process
   * has taken the attempt over meanwhile, it stays with that one.
   */
  async function checkAgain(claim: Claim): Promise<void> {
    log.warn(ids(claim), "The answer of the last check came too late to be acted upon; the attempt is checked again");
    await background.retryUntilDone(ids(claim), () => takeBack(claim, "check_expired"));
  }

  async function takeBack(claim: Claim, why: ReleaseReason, notBefore?: Date): Promise<void> {
    await store.release(claim, why, clock.now(), notBefore);
    log.debug({ ...ids(claim), why }, "An attempt was taken back");
    close(claim);
  }

  async function conclude(claim: Claim, result: CallResult | "unknown"): Promise<void> {
    const isFirst = await recordOutcome(store, claim, result, await storeNow(store, clock));
    const outcome = result === "unknown" ? result : result.outcome;
    if (isFirst) observer.ended(outcome);
    log.debug({ ...ids(claim), isFirst, outcome }, "An attempt ended");
    close(claim);
  }

  async function askCarrier(claim: Claim): Promise<void> {
    const known = await carrier.lookUp(claim.attempt.token);
    switch (known.state) {
      case "ended":
        return conclude(claim, known.result);
      case "ongoing":
        return store.markPlaced(claim, claim.attempt.startedAt ?? clock.now());
      case "not_placed":
        return takeBack(claim, "not_placed", circuitBreaker.until());
      case "cannot_tell":
        return conclude(claim, "unknown");
    }
  }

  // An attempt that was taken back can have been claimed again under its token before this runs.
  function close(claim: Claim): void {
    if (open.get(claim.attempt.token) === claim) open.delete(claim.attempt.token);
    onOver();
  }

  function clarify(claim: Claim): Promise<void> {
    open.set(claim.attempt.token, claim);
    return background.retryUntilDone(ids(claim), () => askCarrier(claim));
  }

  return {
    clarify,
    handOver(claim) {
      open.set(claim.attempt.token, claim);
      const arrival = dial(claim).catch((error) => {
        log.error(
          { ...ids(claim), err: error },
          "It is in doubt whether an attempt reached the carrier; the carrier is asked",
        );
        return clarify(claim);
      });
      onTheirWay.set(arrival, claim.batch.id);
      void arrival.then(() => onTheirWay.delete(arrival));
    },
    held: () => new Set(open.keys()),
    async settled(batchId) {
      await Promise.all([...onTheirWay].map(([arrival, id]) => (id === batchId ? arrival : undefined)));
    },
    async stop() {
      stopping = true;
      await Promise.all(onTheirWay.keys());
      background.stop();
    },
  };
}

/** What the log may know of an attempt. */
function ids({ attempt }: Claim): { token: string; batchId: string; callId: string } {
  return { token: attempt.token, batchId: attempt.batchId, callId: attempt.callId };
}

function toDialRequest({ attempt, task, batch: { answersWanted } }: Claim): DialRequest {
  const { token, callId, fromNumber, toNumber, agentId } = attempt;
  return {
    token,
    callId,
    fromNumber,
    toNumber,
    agentId,
    variables: task.variables,
    ...(answersWanted && { answersWanted }),
  };
}
