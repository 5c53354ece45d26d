import { present } from "../../../contract/fields.ts";
import type { CallResult } from "../../../contract/records.ts";
import type { Send, SentCall } from "../../store/index.ts";
import type { LookUp } from "../carrier.ts";
import { anothersCallOf, isAnothersCall } from "../whose-call.ts";
import { type PlaceParts, settleMs } from "./place-call.ts";
import type { PlatformCall } from "./platform.ts";

/** What is said on the phone is analysed after the end; without it a mailbox may look like a person. */
const analysisMs = 60_000;

const ongoing: LookUp = { state: "ongoing" };
const cannotTell: LookUp = { state: "cannot_tell" };

/**
 * Answers for tokens, after a restart as well: by our own ledger, and beyond it by what the platform shows. What it does not show is
 * `ongoing` while it may still appear and `cannot_tell` after that, never `not_placed`.
 */
export function createLookUp({
  platform,
  http,
  sends,
  means,
  clock,
  log,
}: PlaceParts): (token: string) => Promise<LookUp> {
  const { ask } = http;
  /** By token: when this process first saw a call that is over, where the platform does not say when it ended. */
  const seenOverAt = new Map<string, Date>();
  /** Tokens of which the platform answered with the call of somebody else. */
  const seenOfAnother = new Set<string>();

  async function lookUp(token: string): Promise<LookUp> {
    const answer = await find(token);
    if (answer.state !== "ongoing") seenOverAt.delete(token);
    return answer;
  }

  async function find(token: string): Promise<LookUp> {
    const found = await sends.find(token);
    // It is written down before anything leaves.
    if (!found) return { state: "not_placed" };
    const { send, call } = found;
    switch (send.state) {
      case "prepared": {
        // Nothing of it has left, and from here on nobody sends it any more.
        const isMine = await sends.move(send.reference, { from: ["prepared"], to: "not_now" });
        return isMine ? { state: "not_placed" } : find(token);
      }
      case "not_now":
        return { state: "not_placed" };
      case "refused":
        return { state: "ended", result: refusedResult(send.reason, clock.now()) };
      case "sending":
      case "in_doubt":
      case "accepted":
        return askPlatform(send, call);
    }
  }

  async function askPlatform(send: Send, call: SentCall): Promise<LookUp> {
    const callId = send.providerId ?? (await findId(send, call));
    const known = callId === undefined ? undefined : await platform.read(callId, ask);
    if (!known) return settled(send) ? cannotTell : ongoing;
    if (isAnothersCall(known.numbers, call)) return anothers(send, call);
    switch (known.state) {
      case "alive":
        return ongoing;
      case "no_room":
        await sends.move(send.reference, { from: ["sending", "in_doubt", "accepted"], to: "not_now" });
        return { state: "not_now", why: known.why };
      case "taken_back": {
        // Somebody else wanted that it is not made: it is not made again.
        if (send.reason === undefined) return { state: "ended", result: refusedResult(known.reason, clock.now()) };
        await sends.move(send.reference, { from: ["accepted"], to: "not_now" });
        return { state: "not_now", why: send.reason };
      }
      case "untold":
        return clock.now().getTime() - known.endedAt.getTime() < settleMs ? ongoing : cannotTell;
      case "ended":
        return mayChange(known, call) ? ongoing : { state: "ended", result: toResult(known, send) };
    }
  }

  /** Nothing of it is acted upon; the platform may still answer with the right one. */
  function anothers(send: Send, { token }: SentCall): LookUp {
    if (!seenOfAnother.has(token)) log.error({ token }, `${platform.name} answered with the call of somebody else`);
    seenOfAnother.add(token);
    return settled(send) ? { state: "cannot_tell", why: anothersCallOf(platform.name) } : ongoing;
  }

  /** Kept once it is known. */
  async function findId(send: Send, call: SentCall): Promise<string | undefined> {
    const { reference, sentAt } = send;
    const { token, fromNumber, toNumber } = call;
    const from = await means.findNumber(fromNumber).catch(() => undefined);
    const sought = { reference, token, fromNumber, toNumber, ...present({ sentAt, numberId: from?.id }) };
    const found = await platform.find(sought, ask);
    const callId = platform.showsNoMarks ? await onlyOneOf(found, send, call) : firstOf(found, reference);
    if (callId === undefined) return undefined;
    await sends.move(reference, { from: ["sending", "in_doubt", "accepted"], to: "accepted", providerId: callId });
    return callId;
  }

  /** Two calls of one send are what must never be: the first is the attempt. */
  function firstOf([callId, ...others]: readonly string[], reference: string): string | undefined {
    if (others.length > 0) log.error({ reference, callId, others }, `${platform.name} shows one call more than once`);
    return callId;
  }

  /** Of calls that show no mark: the one that no other send between those numbers has, or may have. Else nobody can tell which it is. */
  async function onlyOneOf(found: readonly string[], send: Send, call: SentCall): Promise<string | undefined> {
    if (found.length === 0) return undefined;
    const others = (await sends.between(call.fromNumber, call.toNumber)).filter(
      ({ reference }) => reference !== send.reference,
    );
    const [callId, ...more] = found.filter((id) => !others.some(({ providerId }) => providerId === id));
    const isShared = more.length > 0 || others.some((other) => mayHaveMade(other, send));
    if (callId !== undefined && isShared)
      log.warn({ reference: send.reference, calls: [callId, ...more] }, "Which of these calls was sent cannot be told");
    return isShared ? undefined : callId;
  }

  function mayChange({ isAnalyzed, endedAt }: Extract<PlatformCall, { state: "ended" }>, { token }: SentCall): boolean {
    if (isAnalyzed) return false;
    const now = clock.now();
    const overAt = endedAt ?? seenOverAt.get(token) ?? now;
    seenOverAt.set(token, overAt);
    return now.getTime() - overAt.getTime() < analysisMs;
  }

  function settled({ settlesAt }: Send): boolean {
    return settlesAt === undefined || clock.now() >= settlesAt;
  }

  function toResult(call: Extract<PlatformCall, { state: "ended" }>, { sentAt }: Send): CallResult {
    const { outcome, transcript, summary, answers, details, reason } = call;
    const now = clock.now();
    const isTalk = outcome === "answered" || outcome === "voicemail";
    return {
      outcome,
      startedAt: call.startedAt ?? sentAt ?? now,
      endedAt: call.endedAt ?? now,
      ringMs: 0,
      talkMs: isTalk ? (call.talkMs ?? 0) : 0,
      ...(transcript !== undefined && { transcript }),
      ...(summary !== undefined && { summary }),
      ...(outcome === "answered" && answers && { answers }),
      ...(details && { details }),
      ...(outcome === "failed" && reason !== undefined && { reason }),
    };
  }

  return lookUp;
}

/** Whether a call that was made about when `send` was can be of that other one, of which no call is known. */
function mayHaveMade({ state, providerId, sentAt }: Send, send: Send): boolean {
  if (providerId !== undefined || (state !== "sending" && state !== "in_doubt")) return false;
  return sentAt === undefined || send.sentAt === undefined || Math.abs(+sentAt - +send.sentAt) < settleMs;
}

/** Of a call that the platform refused for good, or that somebody took back there. */
export function refusedResult(reason: string | undefined, now: Date): CallResult {
  return {
    outcome: "failed",
    startedAt: now,
    endedAt: now,
    ringMs: 0,
    talkMs: 0,
    ...(reason !== undefined && { reason }),
  };
}
