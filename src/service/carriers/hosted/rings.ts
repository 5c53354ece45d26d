import type { Clock } from "../../../lib/clock.ts";
import { sleep } from "../../../lib/clock.ts";
import type { Send, SendLedger, SentCall } from "../../store/index.ts";
import { taskOf } from "./task-of.ts";
import type { WaveReader } from "./wave-state.ts";

/** How long the provider may let a call of a small wave wait. A guess: no page says how many it places at a time. */
export const ringsWithinMs = 2 * 60_000;

/** Well within the 30 s after which whoever asked for the pause stops waiting for its answer. */
const longestWaitMs = 20_000;
const pollMs = 1_000;
/** Where nothing is waited for but the API's answer: what it does not tell by then counts as what may still ring. */
const longestLookMs = 500;

/** Which calls that were handed over do not ring yet, as far as the API's tasks tell: those that nobody can call back. */
export type Rings = {
  /**
   * How many calls of the batch may be handed over now, beside which sends do not ring yet: a whole wave when all those before it ring or are over, else none. Where a
   * call does not ring within the time in which it should, the others go on: it takes its place of every wave.
   */
  room(batchId: string): Promise<{ readonly calls: number; readonly silent: readonly Send[] }>;
  /** Notes which calls of the batch ring by now, also of those that were given up. Where a wave is one call, waits for it, 20 s at most; else half a second at most for the API. */
  note(batchId: string): Promise<void>;
  /** The same of calls that were given up, of all batches. Returns whether none of them may ring any more. */
  noteGivenUp(): Promise<boolean>;
};

export function createRings(parts: {
  readonly sends: SendLedger;
  readonly readWave: WaveReader;
  readonly clock: Clock;
  readonly waveSize: number;
}): Rings {
  const { sends, readWave, clock, waveSize } = parts;

  async function silent(batchId: string): Promise<readonly Send[]> {
    const open = await sends.onTheWay(batchId);
    const areRinging = await Promise.all(open.map(rings));
    return open.flatMap(({ send }, n) => (areRinging[n] ? [] : [send]));
  }

  async function rings({ send, call }: { readonly send: Send; readonly call: SentCall }): Promise<boolean> {
    if (send.state === "prepared" || send.providerId === undefined) return false;
    // An API that does not answer says nothing.
    const wave = await readWave(send.providerId).catch(() => undefined);
    if (!wave || wave.status === "gone") return false;
    const task = await taskOf(wave.tasks, { send, call }, sends);
    if (!task || task.status === "pending") return false;
    await sends.noteRang(call.token, clock.now());
    return true;
  }

  function isOverdue({ state, sentAt, preparedAt }: Send): boolean {
    return state !== "prepared" && clock.now().getTime() - (sentAt ?? preparedAt).getTime() > ringsWithinMs;
  }

  /** Returns whether all of them ring, are over or are not there any more. */
  async function look(calls: readonly { readonly send: Send; readonly call: SentCall }[]): Promise<boolean> {
    return !(await Promise.all(calls.map(isDone))).includes(false);
  }

  /** Of a call that was given up what the API has no more is over; a draft of it was deleted. */
  async function isDone({ send, call }: { readonly send: Send; readonly call: SentCall }): Promise<boolean> {
    if (await rings({ send, call })) return true;
    const wave = send.providerId === undefined ? undefined : await readWave(send.providerId).catch(() => undefined);
    if (wave?.status !== "gone") return false;
    await sends.noteRang(call.token, clock.now());
    return true;
  }

  /** What the API was not asked to start does not ring, and is not waited for. */
  async function noteAll(batchId: string): Promise<void> {
    const until = clock.now().getTime() + longestWaitMs;
    await look(await sends.givenUp(batchId));
    while ((await silent(batchId)).some(({ sentAt }) => sentAt !== undefined) && waveSize === 1) {
      if (clock.now().getTime() >= until) return;
      await sleep(clock, pollMs);
    }
  }

  return {
    noteGivenUp: async () => look(await sends.givenUp()),
    async room(batchId) {
      const left = await silent(batchId);
      return { calls: left.every(isOverdue) ? Math.max(0, waveSize - left.length) : 0, silent: left };
    },
    async note(batchId) {
      await Promise.race([noteAll(batchId), sleep(clock, waveSize === 1 ? longestWaitMs : longestLookMs)]);
    },
  };
}
