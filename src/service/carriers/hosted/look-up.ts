import type { CallReading } from "../../../contract/call.ts";
import { present } from "../../../contract/fields.ts";
import { detailsOf } from "../../../contract/hosted-call.ts";
import type { HostedApi, WaveTask } from "../../../contract/hosted-wave.ts";
import type { CallResult } from "../../../contract/records.ts";
import type { Outcome } from "../../../domain/batch/batch.ts";
import { Problem } from "../../../domain/problem.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { Send, SendLedger, SentCall } from "../../store/index.ts";
import type { LookUp } from "../carrier.ts";
import { anothersCallOf, isAnothersCall } from "../whose-call.ts";
import { misreadIn, wordsOf } from "./answers.ts";
import { createMissingDraft } from "./missing-draft.ts";
import { taskOf } from "./task-of.ts";
import { settleMs, type WaveReader } from "./wave-state.ts";

/** What is said on the phone is analysed after the end; without it a mailbox may look like a person. */
const analysisMs = 60_000;

const ongoing: LookUp = { state: "ongoing" };
const cannotTell: LookUp = { state: "cannot_tell" };
const ofAnother = "the call of somebody else";

/** Answers for the tokens of waves, after a restart as well: by our own ledger, and beyond it by what the API shows. */
export function createLookUp(parts: {
  readonly api: HostedApi;
  readonly sends: SendLedger;
  readonly clock: Clock;
  readonly log: Log;
  readonly readWave: WaveReader;
  readonly findWave: HostedApi["findWave"];
  /** The API started a wave by itself that was sent as a draft and never executed. */
  readonly onStarted: (shown: string) => void;
  /** Something may lie at the API that has to be taken away. */
  readonly onLeft: () => void;
}): (token: string) => Promise<LookUp> {
  const { api, sends, clock, log, readWave, findWave, onStarted, onLeft } = parts;
  const missingDraft = createMissingDraft(parts);
  /** Of drafts that are being deleted, whether they were: all calls of a wave are asked for at once. */
  const drops = new Map<string, Promise<boolean>>();
  /** By token: since when this process sees what may be over, and cannot be told as such. */
  const waitingSince = new Map<string, { readonly what: string; readonly at: Date }>();

  async function lookUp(token: string): Promise<LookUp> {
    const answer = await find(token);
    if (answer.state !== "ongoing") waitingSince.delete(token);
    return answer;
  }

  async function find(token: string): Promise<LookUp> {
    const found = await sends.find(token);
    // It is written down before anything leaves.
    if (!found) return { state: "not_placed" };
    const { send, call } = found;
    switch (send.state) {
      case "prepared": {
        // From here on nobody executes it.
        const settlesAt = new Date(clock.now().getTime() + settleMs);
        await sends.move(send.reference, { from: ["prepared"], to: "in_doubt", settlesAt });
        return find(token);
      }
      case "not_now":
        return { state: "not_placed" };
      case "refused":
        return ended({ outcome: "failed" }, clock.now(), send.reason);
      case "sending":
      case "in_doubt":
      case "accepted":
        return askApi(send, call);
    }
  }

  async function askApi(send: Send, call: SentCall): Promise<LookUp> {
    const providerId = send.providerId ?? (await findDraft(send));
    if (providerId === undefined) return notShown(send, call);
    const isExecuted = send.sentAt !== undefined;
    const wave = await readWave(providerId);
    switch (wave.status) {
      case "gone":
        return settled(send) ? cannotTell : ongoing;
      case "draft":
        if (!isExecuted) return dropDraft(send, providerId);
        return settled(send) ? stillDraft(providerId) : ongoing;
      case "scheduled":
      case "sent":
      case "completed":
      case "failed":
      case "cancelled": {
        const from = ["sending", "in_doubt"] as const;
        const isFirst = await sends.move(send.reference, {
          from,
          to: "accepted",
          ...(!isExecuted && { sentAt: clock.now() }),
        });
        if (isFirst && !isExecuted) onStarted(`its status is "${wave.status}"`);
        const isOver = wave.status !== "sent" && wave.status !== "scheduled";
        return askTask(wave.tasks, isOver, send, call);
      }
    }
  }

  /** The draft of a wave whose create was not answered. */
  async function findDraft({ reference, preparedAt }: Send): Promise<string | undefined> {
    const providerId = await findWave(reference, preparedAt).catch((error: unknown) => {
      // A list that nobody understands shows no draft; one that cannot be read is read later.
      if (misreadIn(error)) return undefined;
      throw error;
    });
    if (providerId !== undefined) await sends.move(reference, { from: ["in_doubt"], to: "in_doubt", providerId });
    return providerId;
  }

  /** Of a send whose draft nobody finds, so that nobody executed it. */
  async function notShown(send: Send, call: SentCall): Promise<LookUp> {
    const isMissing = await missingDraft.isProven(send, call);
    if (!isMissing) return settled(send) ? cannotTell : ongoing;
    // It may be made later all the same.
    const isGivenUp = await sends.move(send.reference, { from: ["in_doubt"], to: "not_now", isLeft: true });
    onLeft();
    return isGivenUp ? { state: "not_placed" } : find(call.token);
  }

  /** Of a draft that nobody executed. Deleted as one it was not started, and its people may be dialed; any other is asked for on. */
  async function dropDraft({ reference }: Send, batchId: string): Promise<LookUp> {
    const dropped = drops.get(reference) ?? isDeleted(batchId);
    drops.set(reference, dropped);
    const isDropped = await dropped;
    drops.delete(reference);
    if (!isDropped) return ongoing;
    await sends.move(reference, { from: ["in_doubt"], to: "not_now", isLeft: false });
    return { state: "not_placed" };
  }

  async function isDeleted(batchId: string): Promise<boolean> {
    try {
      await api.deleteBatch(batchId);
      return true;
    } catch {
      return false;
    }
  }

  /** The start may have been taken and not be shown, so nobody can tell. Deleted, it cannot ring later any more. */
  async function stillDraft(batchId: string): Promise<LookUp> {
    await api.deleteBatch(batchId).catch(() => {});
    return cannotTell;
  }

  async function askTask(tasks: readonly WaveTask[], isOver: boolean, send: Send, call: SentCall): Promise<LookUp> {
    const task = await taskOf(tasks, { send, call }, sends);
    if (!task) return lasts(call, "absent", settleMs) ? cannotTell : ongoing;
    if (task.status !== "pending") await sends.noteRang(call.token, clock.now());
    const isDone = task.status !== "pending" && task.status !== "calling";
    if (task.status === "pending" && !isOver) return stuckBeside(tasks, call) ? cannotTell : ongoing;
    if (task.callId === undefined) {
      if (task.status === "failed") return ended({ outcome: "failed" }, send.sentAt ?? clock.now(), task.error);
      if (!isDone && !isOver) return ongoing;
      return lasts(call, "without a call", settleMs) ? cannotTell : ongoing;
    }
    if (call.providerCallId !== task.callId) await sends.nameCall(call.token, task.callId);
    if (!isDone && !isOver) return ongoing;
    return askCall(task, task.callId, send, call);
  }

  /** Whether the provider places nobody of the wave any more: a long queue of its own gets shorter meanwhile. */
  function stuckBeside(tasks: readonly WaveTask[], call: SentCall): boolean {
    const waiting = tasks.filter(({ status }) => status === "pending").length;
    return lasts(call, `pending, ${waiting} of the wave`, settleMs);
  }

  async function askCall(task: WaveTask, callId: string, send: Send, sent: SentCall): Promise<LookUp> {
    const call = await readCall(callId);
    if (call && !isOurs(call, callId, send, sent)) return anothers(callId, sent);
    if (!call?.isOver) return lasts(sent, "open", settleMs) ? cannotTell : ongoing;
    if (!call.isAnalyzed && !lasts(sent, "not analysed", analysisMs)) return ongoing;
    const outcome = call.outcome ?? (task.status === "failed" ? "failed" : undefined);
    if (!outcome) return cannotTell;
    return ended({ ...call, outcome }, send.sentAt ?? clock.now(), task.error ?? call.reason);
  }

  /** Nothing of it is acted upon; the API may still answer with the right one. */
  function anothers(callId: string, sent: SentCall): LookUp {
    if (waitingSince.get(sent.token)?.what !== ofAnother)
      log.error({ token: sent.token, callId }, "The hosted API answered with the call of somebody else");
    return lasts(sent, ofAnother, settleMs) ? { state: "cannot_tell", why: anothersCallOf("the hosted API") } : ongoing;
  }

  async function readCall(callId: string): Promise<CallReading | undefined> {
    try {
      return await api.getCall(callId);
    } catch (error) {
      if (error instanceof Problem && error.code === "not_found") return undefined;
      throw error;
    }
  }

  function settled({ settlesAt }: Send): boolean {
    return settlesAt === undefined || clock.now() >= settlesAt;
  }

  /** Whether it has been so for that long, as far as this process saw. */
  function lasts({ token }: SentCall, what: string, ms: number): boolean {
    const now = clock.now();
    const known = waitingSince.get(token);
    const since = known?.what === what ? known.at : now;
    waitingSince.set(token, { what, at: since });
    return now.getTime() - since.getTime() >= ms;
  }

  return lookUp;

  function ended(
    call: Partial<Omit<CallReading, "outcome">> & { readonly outcome: Outcome },
    sentAt: Date,
    reason: string | undefined,
  ): LookUp {
    const endedAt = call.endedAt ?? clock.now();
    const isTalk = call.outcome === "answered" || call.outcome === "voicemail";
    const result: CallResult = {
      outcome: call.outcome,
      startedAt: call.startedAt ?? sentAt,
      endedAt,
      ringMs: 0,
      talkMs: isTalk ? Math.round((call.durationSeconds ?? 0) * 1000) : 0,
      ...(call.transcript !== undefined && { transcript: call.transcript }),
      ...(call.summary !== undefined && { summary: call.summary }),
      ...(call.outcome === "answered" && call.answers && { answers: call.answers }),
      ...present({ details: detailsOf(call) }),
      ...(call.outcome === "failed" && reason !== undefined && { reason: wordsOf(new Error(reason)) }),
    };
    return { state: "ended", result };
  }
}

/** Whether it is the call that was asked for, to that person and of that wave, as far as the API says that. */
function isOurs(call: CallReading, callId: string, { providerId }: Send, sent: SentCall): boolean {
  if (call.callId !== callId || isAnothersCall(call, sent)) return false;
  return call.batchId === undefined || call.batchId === providerId;
}
