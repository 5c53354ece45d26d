import type { CallResult, DialRequest } from "../../contract/records.ts";
import { goneFromNumbers } from "../../domain/batch/caller-ids.ts";
import { mayRingFrom } from "../../domain/time/recipient-hours.ts";
import { fillMessage } from "../../domain/voicemail.ts";
import type { Background } from "../../lib/background.ts";
import { type Clock, sleep, startAge } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Carrier, DialAnswer, HeldAttempt } from "../carriers/index.ts";
import type { Claim, DialStore, ReleaseReason } from "../store/index.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { DialGuard, DialObserver } from "./dialing.ts";
import { dispatchDeadlineMs } from "./dispatch-deadline.ts";
import type { OpenHours } from "./open-hours.ts";
import { recordOutcome } from "./record-outcome.ts";
import { storeNow } from "./store-now.ts";

/** Takes attempts from their claim to their outcome. */
export type Attempts = {
  /**
   * Hands a claimed attempt to the carrier, unless a last check says no. Returns before the carrier answered. `othersFollowAt`: when
   * pace lets others through, by the clock of this process.
   */
  handOver(claim: Claim, othersFollowAt?: Date): void;
  /** Asks the carrier for the outcome of an attempt and brings the store in line. Resolves after the first try. */
  clarify(claim: Claim): Promise<void>;
  /** How many of a batch are being handed to the carrier, which has not answered yet. */
  onTheirWay(batchId: string): number;
  /** Tokens of the attempts that this process has in hand. */
  held(): ReadonlySet<string>;
  /**
   * Takes back what was handed over of a batch, by whichever process, as far as no phone has begun to ring. Resolves when no
   * dial of it that passed its last check in this process is still on its way to the carrier, and the store knows which of its
   * calls may still ring there.
   */
  settled(batchId: string): Promise<void>;
  /**
   * The same for a stop. Where the carrier writes down what is on its way, and so which phones may still ring, it resolves after half a
   * second at most from when what was not sent yet is taken back: none of that is sent any more, and no request of somebody else's is waited for.
   */
  stopped(batchId: string): Promise<void>;
  /** Takes back, as far as no phone has begun to ring, what is handed over of batches of which this process has some in hand and all calls are stopped. */
  takeBackStopped(): Promise<void>;
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
  readonly hours: OpenHours;
  /** Called when an attempt is over, or the carrier has it and may have room for the next. */
  readonly onOver: () => void;
};

export function createAttempts(parts: AttemptsParts): Attempts {
  const { store, carrier, clock, log, background, circuitBreaker, guard, hours, onOver, observer } = parts;
  const open = new Map<string, Claim>();
  const onTheirWay = new Map<Promise<void>, Claim>();
  let stopping = false;

  carrier.onEnded((token, end, why) => {
    const claim = open.get(token);
    if (claim)
      void background.retryUntilDone(ids(claim), () => (end === "not_now" ? noRoom(claim) : conclude(claim, end, why)));
    else if (end === "not_now" || end === "unknown")
      log.warn({ token }, "The carrier ended an attempt that is not open");
    else void background.retryUntilDone({ token }, () => concludeLate(token, end));
  });

  /** The only place that dials. Throws when it is in doubt whether the carrier has the attempt. */
  async function dial(claim: Claim, othersFollowAt?: Date): Promise<void> {
    const ageOfCheck = startAge(clock);
    const isCleared = await background.track(() => clear(claim));
    if (!isCleared) return;
    if (ageOfCheck() > dispatchDeadlineMs(store.leases)) return checkAgain(claim);
    observer.started(claim, clock.now());
    const answer = await askToDial(claim, othersFollowAt);
    if (answer.kind === "taken") {
      await background.retryUntilDone(ids(claim), () => store.markPlaced(claim, clock.now()));
      const { batch, attempt } = claim;
      if (goneFromNumbers(batch)?.includes(attempt.fromNumber))
        await background.retryUntilDone(ids(claim), async () =>
          store.callerIdIsBack(claim, await storeNow(store, clock)),
        );
    } else {
      await background.retryUntilDone(ids(claim), () => notTaken(claim, answer));
    }
  }

  async function askToDial(claim: Claim, othersFollowAt?: Date): Promise<DialAnswer> {
    try {
      const answer = await carrier.dial(toDialRequest(claim), heldAttempt(claim, othersFollowAt));
      if (answer.kind === "taken") circuitBreaker.accepted();
      if (answer.kind === "not_now") circuitBreaker.full(answer.why, answer.retryAfterMs);
      return answer;
    } catch (error) {
      circuitBreaker.failed();
      throw error;
    }
  }

  /** Unless its phone may ring, the attempt is as if it had never been: its recipient stays due. The batch is held first, or it would be claimed again. */
  async function notTaken(claim: Claim, answer: Exclude<DialAnswer, { kind: "taken" }>): Promise<void> {
    switch (answer.kind) {
      case "withdrawn":
        return takeBack(claim, "check_expired");
      case "hold": {
        if ("hasNoCallerId" in answer) return leaveOut(claim, answer.reason);
        const held = await store.hold(claim.batch, () => answer.reason, clock.now());
        if (held) log.warn({ batchId: claim.batch.id, heldReason: held }, "A batch is held");
        return answer.mayRing ? clarify(claim) : takeBack(claim, "not_now");
      }
      case "not_now":
        log.info({ ...ids(claim), why: answer.why, until: circuitBreaker.until() }, "The carrier has no room for now");
        return takeBackUntilRested(claim, "not_now");
    }
  }

  async function leaveOut(claim: Claim, why: string): Promise<void> {
    const whyHeld = `${why} ${callerIdAdvice}`;
    const left = await store.leaveOutCallerId(claim, whyHeld, await storeNow(store, clock));
    if (left === "held") log.warn({ batchId: claim.batch.id, heldReason: whyHeld }, "A batch is held");
    else log.warn({ ...ids(claim), why }, "A caller id is left out of its batch");
    return takeBack(claim, "not_now");
  }

  /** For a carrier that hands an attempt over later than it was given it. */
  function heldAttempt(claim: Claim, othersFollowAt?: Date): HeldAttempt {
    return {
      batch: claim.batch,
      ...(othersFollowAt && { othersFollowAt }),
      async check() {
        const ageOfCheck = startAge(clock);
        const refusal = await background.track(() => whyNot(claim, () => mayStillDial(claim)));
        return refusal ? undefined : { isFresh: () => ageOfCheck() <= dispatchDeadlineMs(store.leases) };
      },
    };
  }

  async function mayStillDial(claim: Claim): Promise<ReleaseReason | undefined> {
    return (await store.mayStillDial(claim, clock.now())) ? undefined : "check_expired";
  }

  /** Checks for the last time whether the attempt may be dialed; takes it back when not. */
  async function clear(claim: Claim): Promise<boolean> {
    const startsPerSecond = circuitBreaker.startsPerSecond();
    const refusal = await whyNot(claim, () => store.markDialing(claim, clock.now(), startsPerSecond));
    if (refusal?.why === "pace") await takeBack(claim, "pace", nextTurn(), paceWords);
    else if (refusal) await takeBack(claim, refusal.why, refusal.until);
    return !refusal;
  }

  /** Why an attempt may not be dialed at this moment, and until when where that is known. The store is asked last. */
  async function whyNot(
    claim: Claim,
    askStore: () => Promise<ReleaseReason | undefined>,
  ): Promise<{ readonly why: ReleaseReason; readonly until?: Date } | undefined> {
    const dialAt = mayDialAt(claim);
    if (dialAt === "never") return { why: "not_callable" };
    if (dialAt > clock.now()) return { why: "outside_hours", until: dialAt };
    if (stopping) return { why: "stopping" };
    if (guard.isStopped()) return { why: "stopped" };
    if (!hours.isOpen(claim.batch, clock.now())) return { why: "outside_hours" };
    const why = await askStore();
    return why && { why };
  }

  /** By the operator's hours, and by the recipient's own time and clock; a phone that rings later has to ring within them as well. */
  function mayDialAt(claim: Claim): Date | "never" {
    const now = clock.now();
    const from = mayRingAt(claim, now);
    if (from === "never" || from > now) return from;
    const latest = new Date(now.getTime() + (carrier.ringsWithinMs ?? 0));
    const fromThen = mayRingAt(claim, latest);
    return fromThen === "never" || fromThen > latest ? fromThen : now;
  }

  function mayRingAt({ attempt: { toNumber }, task, batch }: Claim, at: Date): Date | "never" {
    const { timezone, notBefore } = task;
    const byOperator = guard.mayDialAt(toNumber, at, timezone);
    const isSecond = task.fallbackAfter !== undefined;
    const byRules = mayRingFrom({ toNumber, timezone, notBefore, isSecond }, batch, at);
    if (byOperator === "never" || byRules === "never") return "never";
    return byOperator > byRules ? byOperator : byRules;
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

  function takeBackUntilRested(claim: Claim, why: ReleaseReason): Promise<void> {
    const rest = circuitBreaker.rest();
    return takeBack(claim, why, rest?.until, rest?.why);
  }

  /** `waitsForLine`: see `DialStore.release`. */
  async function takeBack(claim: Claim, why: ReleaseReason, notBefore?: Date, waitsForLine?: string): Promise<void> {
    await store.release(claim, why, clock.now(), notBefore, waitsForLine);
    log.debug({ ...ids(claim), why }, "An attempt was taken back");
    close(claim);
  }

  /** `why`: of an end that is unknown, where the carrier says it. */
  async function conclude(claim: Claim, result: CallResult | "unknown", why?: string): Promise<void> {
    const isFirst = await recordOutcome(parts, claim, result, await storeNow(store, clock), why);
    const outcome = result === "unknown" ? result : result.outcome;
    if (isFirst) observer.ended(outcome);
    log.debug({ ...ids(claim), isFirst, outcome }, "An attempt ended");
    close(claim);
  }

  /** The end of an attempt that is over here, which may have been given up as unknown, or is in another process's hands. */
  async function concludeLate(token: string, result: CallResult): Promise<void> {
    const claim = await store.getClaim(token);
    if (claim) await conclude(claim, result);
    else log.warn({ token }, "The carrier ended an attempt that is not known");
  }

  /** It was taken, and never rang: the attempt is as if it had never been, as where the carrier says so at once. */
  function noRoom(claim: Claim, says?: string): Promise<void> {
    circuitBreaker.full(says);
    return takeBackUntilRested(claim, "not_now");
  }

  async function askCarrier(claim: Claim): Promise<void> {
    const known = await carrier.lookUp(claim.attempt.token);
    switch (known.state) {
      case "ended":
        return conclude(claim, known.result);
      case "ongoing":
        return store.markPlaced(claim, claim.attempt.startedAt ?? clock.now());
      case "not_placed":
        return takeBackUntilRested(claim, "not_placed");
      case "not_now":
        return noRoom(claim, known.why);
      case "cannot_tell":
        return conclude(claim, "unknown", known.why);
    }
  }

  // An attempt that was taken back can have been claimed again under its token before this runs.
  function close(claim: Claim): void {
    if (open.get(claim.attempt.token) === claim) open.delete(claim.attempt.token);
    onOver();
  }

  /** Of what the carrier gives back whoever holds it brings the store in line. */
  async function askBack(batchId: string): Promise<void> {
    if (!carrier.takeBack) return;
    const isOnItsWay = (claim: Claim): boolean => [...onTheirWay.values()].includes(claim);
    for (const token of await store.handedOver(batchId)) {
      const isBack = await carrier.takeBack(token);
      const claim = open.get(token);
      if (isBack && claim && !isOnItsWay(claim)) await clarify(claim);
    }
  }

  function askBackNow(batchId: string): Promise<void> {
    return background
      .track(() => askBack(batchId))
      .catch((error: unknown) => {
        log.error({ batchId, err: error }, "The carrier could not be asked to give calls back");
      });
  }

  async function arrived(batchId: string): Promise<void> {
    await Promise.all([...onTheirWay].map(([arrival, { batch }]) => (batch.id === batchId ? arrival : undefined)));
  }

  async function noteRings(batchId: string): Promise<void> {
    await carrier.noteRings?.(batchId).catch((error: unknown) => {
      log.warn({ batchId, err: error }, "The carrier could not be asked which calls ring");
    });
  }

  function clarify(claim: Claim): Promise<void> {
    open.set(claim.attempt.token, claim);
    return background.retryUntilDone(ids(claim), () => askCarrier(claim));
  }

  return {
    clarify,
    handOver(claim, othersFollowAt) {
      open.set(claim.attempt.token, claim);
      const arrival = dial(claim, othersFollowAt).catch((error) => {
        log.error(
          { ...ids(claim), err: error },
          "It is in doubt whether an attempt reached the carrier; the carrier is asked",
        );
        return clarify(claim);
      });
      onTheirWay.set(arrival, claim);
      void arrival.then(() => {
        onTheirWay.delete(arrival);
        if (carrier.roomOf) onOver();
      });
    },
    onTheirWay: (batchId) => [...onTheirWay.values()].filter(({ batch }) => batch.id === batchId).length,
    held: () => new Set(open.keys()),
    async settled(batchId) {
      await askBackNow(batchId);
      await arrived(batchId);
      await noteRings(batchId);
    },
    async stopped(batchId) {
      await askBackNow(batchId);
      if (carrier.countsOnTheirWay) await Promise.race([arrived(batchId), sleep(clock, longestArrivalMs)]);
      else await arrived(batchId);
      await noteRings(batchId);
    },
    async takeBackStopped() {
      const batches = new Map([...open.values()].map(({ batch }) => [batch.id, batch.organizationId]));
      for (const [batchId, organizationId] of batches)
        if (await store.stoppedSince(organizationId)) await background.track(() => askBack(batchId));
    },
    async stop() {
      stopping = true;
      await Promise.all(onTheirWay.keys());
      background.stop();
    },
  };
}

const callerIdAdvice =
  "The account has none of the batch's caller ids. Give update_batch one that it has (list_phone_numbers) as more_from_numbers: it calls in place of from_number, which stays. Or cancel_batch, and create_batch_call with from_batch and another from_number. Else put the account right. Then resume the batch.";

/** How long a stop waits for an answer of a carrier that has written down what is on its way. */
const longestArrivalMs = 500;

const paceWords = "its caller id starts no more calls within this second";

/** What the log may know of an attempt. */
function ids({ attempt }: Claim): { token: string; batchId: string; callId: string } {
  return { token: attempt.token, batchId: attempt.batchId, callId: attempt.callId };
}

function toDialRequest({ attempt, task, batch: { answersWanted, rules } }: Claim): DialRequest {
  const { token, callId, fromNumber, toNumber, agentId } = attempt;
  const { voicemail } = rules;
  const message = voicemail?.mode === "leave_message" ? fillMessage(voicemail.message, task.variables) : undefined;
  return {
    token,
    callId,
    fromNumber,
    toNumber,
    agentId,
    variables: task.variables,
    ...(answersWanted && { answersWanted }),
    ...(message !== undefined && { voicemailMessage: message }),
  };
}
