import { present } from "../../../contract/fields.ts";
import type { CallResult } from "../../../contract/records.ts";
import type { Send, SentCall } from "../../store/index.ts";
import type { LookUp } from "../carrier.ts";
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
  callerIds,
  clock,
  log,
}: PlaceParts): (token: string) => Promise<LookUp> {
  const { ask } = http;
  /** By token: when this process first saw a call that is over, where the platform does not say when it ended. */
  const seenOverAt = new Map<string, Date>();

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
    switch (known.state) {
      case "alive":
        return ongoing;
      case "no_room":
        await sends.move(send.reference, { from: ["sending", "in_doubt", "accepted"], to: "not_now" });
        return { state: "not_now", why: known.why };
      case "untold":
        return clock.now().getTime() - known.endedAt.getTime() < settleMs ? ongoing : cannotTell;
      case "ended":
        return mayChange(known, call) ? ongoing : { state: "ended", result: toResult(known, send) };
    }
  }

  /** Kept once it is known. Two calls of one send are what must never be: the first is the attempt. */
  async function findId(
    { reference, sentAt }: Send,
    { token, fromNumber, toNumber }: SentCall,
  ): Promise<string | undefined> {
    const from = await callerIds.find(fromNumber).catch(() => undefined);
    const sought = { reference, token, toNumber, ...present({ sentAt, numberId: from?.id }) };
    const [callId, ...others] = await platform.find(sought, ask);
    if (others.length > 0) log.error({ reference, callId, others }, `${platform.name} shows one call more than once`);
    if (callId === undefined) return undefined;
    await sends.move(reference, { from: ["sending", "in_doubt", "accepted"], to: "accepted", providerId: callId });
    return callId;
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

/** Of a call that the platform refused for good. */
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
