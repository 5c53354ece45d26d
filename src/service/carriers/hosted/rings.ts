import type { Clock } from "../../../lib/clock.ts";
import { sleep } from "../../../lib/clock.ts";
import type { Send, SendLedger, SentCall } from "../../store/index.ts";
import type { WaveReader } from "./wave-state.ts";

/** How long the provider may let a call of a small wave wait. A guess: no page says how many it places at a time. */
export const ringsWithinMs = 2 * 60_000;

/** Well within the 30 s after which whoever asked for the pause stops waiting for its answer. */
const longestWaitMs = 20_000;
const pollMs = 1_000;

/** Which calls that were handed over do not ring yet, as far as the API's tasks tell: those that nobody can call back. */
export type Rings = {
  /**
   * How many calls of the batch may be handed over now: a whole wave when all those before it ring or are over, else none. Where a
   * call does not ring within the time in which it should, the others go on: it takes its place of every wave.
   */
  room(batchId: string): Promise<number>;
  /** Notes which calls of the batch ring by now. Where a wave is one call, waits for it, 20 s at most. */
  note(batchId: string): Promise<void>;
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
    const task = wave.tasks.find(({ toNumber }) => toNumber === call.toNumber);
    if (!task || task.status === "pending") return false;
    await sends.noteRang(call.token, clock.now());
    return true;
  }

  function isOverdue({ state, sentAt }: Send): boolean {
    return state !== "prepared" && sentAt !== undefined && clock.now().getTime() - sentAt.getTime() > ringsWithinMs;
  }

  return {
    async room(batchId) {
      const left = await silent(batchId);
      return left.every(isOverdue) ? Math.max(0, waveSize - left.length) : 0;
    },
    async note(batchId) {
      const until = clock.now().getTime() + longestWaitMs;
      while ((await silent(batchId)).length > 0 && waveSize === 1 && clock.now().getTime() < until)
        await sleep(clock, pollMs);
    },
  };
}
