import { randomBytes } from "node:crypto";
import type { HostedApi, Wave, WaveTask } from "../../../contract/hosted-wave.ts";
import type { Batch } from "../../../domain/batch/batch.ts";
import { numberFinder } from "../../../domain/phone/shown-number.ts";
import { Problem } from "../../../domain/problem.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import { type SendLedger, wavePrefix } from "../../store/index.ts";
import type { DialAnswer } from "../carrier.ts";
import {
  hold,
  holdFor,
  holdForCallerId,
  holdUntold,
  isPassing,
  isRefusal,
  misreadIn,
  notNow,
  startedByItself,
  wordsOf,
} from "./answers.ts";
import { type Members, NoRoom } from "./gather.ts";
import { differencesOf } from "./read-back.ts";
import { settleMs } from "./wave-state.ts";

export type WaveParts = {
  readonly api: HostedApi;
  readonly sends: SendLedger;
  readonly clock: Clock;
  readonly log: Log;
  readonly waveSize: number;
  /** Something may lie at the API that has to be taken away. */
  readonly onLeft: () => void;
  /** The API started a wave by itself, as it shows so. */
  readonly onStarted: (shown: string) => void;
};

type Sending = { readonly reference: string; readonly wave: Wave };
/** Of a step: what the next one needs, or how the wave ends here. */
type Step<T> = { readonly value: T } | { readonly answer: DialAnswer };

/**
 * Brings a wave to the hosted API: written down, made as a draft, read back, checked once more, written down as about to be sent, and
 * executed once. Only the last step makes phones ring. Whatever goes wrong before it is given up, and its people may be handed over again,
 * once the draft was deleted as one, which the API does with none that was started, or was never made. Throws when neither is known, when it
 * is in doubt whether phones ring, and `NoRoom`.
 */
export async function sendWave(members: Members, parts: WaveParts): Promise<DialAnswer> {
  const { sends, clock, waveSize } = parts;
  const sending = toSending(members);
  const { reference } = sending;
  const calls = members.map(({ request }) => request);
  const batchId = members[0].held.batch.id;
  if (!(await sends.prepare(reference, calls, clock.now(), { batchId, most: waveSize }))) throw new NoRoom(batchId);
  const drafted = await draft(sending, parts);
  if ("answer" in drafted) return drafted.answer;
  const draftId = drafted.value;
  // Whoever took the wave back meanwhile has moved it.
  const isNamed = await sends.move(reference, { from: ["prepared"], to: "prepared", providerId: draftId });
  if (!isNamed) return withdrawn(reference, draftId, parts);
  const refusal = await readBack(sending, draftId, parts);
  if (refusal) return refusal;
  const checks = await Promise.all(members.map(({ held }) => held.check()));
  if (!checks.every((check) => check !== undefined)) {
    return giveUp(reference, draftId, parts, { kind: "withdrawn" });
  }
  const sentAt = clock.now();
  const settlesAt = new Date(sentAt.getTime() + settleMs);
  // The line: behind it nobody says any more that no phone rings, unless a refusal is in hand.
  if (!(await sends.move(reference, { from: ["prepared"], to: "sending", sentAt, settlesAt })))
    return withdrawn(reference, draftId, parts);
  if (!checks.every((check) => check?.isFresh())) {
    await takeOut(reference, parts);
    return { kind: "withdrawn" };
  }
  return execute(sending, draftId, parts);
}

function toSending(members: Members): Sending {
  const [{ request, held }] = members;
  const reference = `${wavePrefix}${randomBytes(8).toString("hex")}`;
  const wave: Wave = {
    name: `${held.batch.name.slice(0, 200)} · ${reference}`,
    fromNumber: request.fromNumber,
    agentId: request.agentId,
    timezone: held.batch.timezone,
    calls: members.map(({ request: { toNumber, variables } }) => ({ toNumber, variables })),
  };
  return { reference, wave };
}

/** A draft whose answer was lost is found by its name. One that is not shown may appear later, and run by then: it is in doubt. */
async function draft({ reference, wave }: Sending, parts: WaveParts): Promise<Step<string>> {
  const { api, clock, sends } = parts;
  const since = clock.now();
  try {
    return { value: await api.createDraft(wave) };
  } catch (error) {
    if (isPassing(error) || isRefusal(error)) {
      await sends.move(reference, { from: ["prepared"], to: "not_now" });
      return { answer: isPassing(error) ? notNow(error) : await holdDraft(error, wave, api) };
    }
    parts.log.warn({ reference, err: error }, "It is in doubt whether a draft was made; it is looked for");
    const found = await api.findWave(reference, since).catch(() => undefined);
    if (found !== undefined) return { value: found };
    await doubt(reference, parts);
    // Asked again it would make another draft, and say no more of it.
    const misread = misreadIn(error);
    if (!misread) throw error;
    return { answer: holdUntold(misread, wave.calls.length) };
  }
}

/** The API does not say what of a draft it refused: whether it is the caller id is read from the account. */
async function holdDraft(error: unknown, wave: Wave, api: HostedApi): Promise<DialAnswer> {
  const isOwn = numberFinder([wave.fromNumber]);
  const numbers = await api.phoneNumbers().catch(() => undefined);
  const isGone = numbers?.every(({ phoneNumber }) => isOwn(phoneNumber) === undefined);
  return isGone ? holdForCallerId(error) : holdFor(error, wave, { takesKeys: numbers !== undefined });
}

/** Undefined when the draft is what was sent. */
async function readBack(
  { reference, wave }: Sending,
  batchId: string,
  parts: WaveParts,
): Promise<DialAnswer | undefined> {
  const { sends, clock } = parts;
  let batch: Batch;
  let tasks: readonly WaveTask[];
  try {
    ({ batch, tasks } = await readUntilWhole(wave, batchId, parts));
  } catch (error) {
    const answer = isPassing(error) || isMissing(error) ? notNow(error) : holdFor(error, wave);
    return giveUp(reference, batchId, parts, answer);
  }
  const begun = tasks.filter(({ status }) => status !== "pending").length;
  if (batch.status !== "draft" || begun > 0) {
    const settlesAt = new Date(clock.now().getTime() + settleMs);
    await sends.move(reference, { from: ["prepared"], to: "in_doubt", sentAt: clock.now(), settlesAt });
    const shown = batch.status === "draft" ? `${begun} of its calls have begun` : `its status is "${batch.status}"`;
    parts.onStarted(shown);
    return startedByItself(shown, wave.calls.length);
  }
  const different = differencesOf(wave, batch, tasks);
  if (different.length === 0) return undefined;
  const answer = hold(
    `The hosted API made another draft than it was sent: ${wordsOf(different.join("; "))}.`,
    "Look at the account with the vendor.",
  );
  return giveUp(reference, batchId, parts, answer);
}

/** What was just made may take a moment to be shown whole. Of what runs already the status is enough. */
async function readUntilWhole(wave: Wave, batchId: string, { api, clock }: WaveParts) {
  for (let waits = 0; ; waits += 1) {
    try {
      const batch = await api.getBatch(batchId);
      if (batch.status !== "draft") return { batch, tasks: [] };
      const tasks = await api.listTasks(batchId);
      if (tasks.length >= wave.calls.length || waits >= mostWaits) return { batch, tasks };
    } catch (error) {
      if (!isMissing(error) || waits >= mostWaits) throw error;
    }
    await sleep(clock, waitMs);
  }
}

const mostWaits = 3;
const waitMs = 1_000;

function isMissing(error: unknown): boolean {
  return error instanceof Problem && error.code === "not_found";
}

async function execute({ reference, wave }: Sending, batchId: string, parts: WaveParts): Promise<DialAnswer> {
  const { api, sends, log } = parts;
  try {
    await api.execute(batchId);
  } catch (error) {
    if (isPassing(error)) {
      await takeOut(reference, parts);
      return notNow(error);
    }
    if (isRefusal(error) && (await isStillDraft(batchId, error, parts))) {
      await takeOut(reference, parts);
      return holdFor(error, wave, { takesKeys: true });
    }
    await sends.move(reference, { from: ["sending"], to: "in_doubt" });
    throw error;
  }
  await sends.move(reference, { from: ["sending"], to: "accepted" }).catch((error: unknown) => {
    // Its look-up finds it all the same.
    log.error({ reference, err: error }, "That a wave was taken could not be written down");
  });
  return { kind: "taken" };
}

/**
 * Whether a refusal of the start is borne out: the batch is a draft, and is deleted as one, which the API does with no batch that was
 * started. That a batch cannot be executed says nothing: it may run.
 */
async function isStillDraft(batchId: string, refusal: { readonly code: string }, { api }: WaveParts): Promise<boolean> {
  if (refusal.code === "wrong_state") return false;
  try {
    if ((await api.getBatch(batchId)).status !== "draft") return false;
    await api.deleteBatch(batchId);
    return true;
  } catch {
    return false;
  }
}

/** Before the line. A draft that cannot be deleted now may be started by somebody, or be running: until that is known it is in doubt. */
async function giveUp(reference: string, draftId: string, parts: WaveParts, answer: DialAnswer): Promise<DialAnswer> {
  const { api, sends, log } = parts;
  try {
    await api.deleteBatch(draftId);
    await sends.move(reference, { from: unsent, to: "not_now", isLeft: false });
    return answer;
  } catch (error) {
    await doubt(reference, parts, draftId);
    if (answer.kind !== "hold") throw error;
    log.warn({ reference, err: error }, "A draft that was given up could not be deleted and is tried again");
    return { ...answer, mayRing: true };
  }
}

/** Nothing of it was executed; whoever took it back, or over, has moved it to the second. */
const unsent = ["prepared", "in_doubt"] as const;

async function doubt(reference: string, { sends, clock }: WaveParts, providerId?: string): Promise<void> {
  const settlesAt = new Date(clock.now().getTime() + settleMs);
  await sends.move(reference, { from: unsent, to: "in_doubt", settlesAt, ...(providerId && { providerId }) });
}

/** Behind the line, with the proof in hand that it was not taken. */
async function takeOut(reference: string, { sends, onLeft }: WaveParts): Promise<void> {
  await sends.move(reference, { from: ["sending"], to: "not_now", isLeft: true });
  onLeft();
}

function withdrawn(reference: string, draftId: string, parts: WaveParts): Promise<DialAnswer> {
  return giveUp(reference, draftId, parts, { kind: "withdrawn" });
}
