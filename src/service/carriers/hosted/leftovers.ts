import type { HostedApi } from "../../../contract/hosted-wave.ts";
import { Problem } from "../../../domain/problem.ts";
import { Background } from "../../../lib/background.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { Send, SendLedger } from "../../store/index.ts";
import { settleMs } from "./wave-state.ts";

const againMs = 60_000;

/** Deletes the drafts of waves that were given up: somebody could start one by hand. */
export type Leftovers = {
  /** There may be some. */
  wake(): void;
  close(): Promise<void>;
};

export function createLeftovers(parts: {
  readonly api: HostedApi;
  readonly sends: SendLedger;
  readonly clock: Clock;
  readonly log: Log;
}): Leftovers {
  const { api, sends, clock, log } = parts;
  const background = new Background(clock, log);
  let isWaiting = false;

  function wait(ms: number): void {
    if (isWaiting) return;
    isWaiting = true;
    background.after(ms, async () => {
      isWaiting = false;
      const left = await sends.left();
      const areGone = await Promise.all(left.map(remove));
      if (areGone.includes(false)) wait(againMs);
    });
  }

  /** Returns whether there is nothing more to do. */
  async function remove(send: Send): Promise<boolean> {
    const { reference, preparedAt } = send;
    try {
      const batchId = send.providerId ?? (await api.findWave(reference, preparedAt));
      if (batchId !== undefined) await deleteDraft(batchId, reference);
      else if (clock.now().getTime() - preparedAt.getTime() < settleMs) return false;
    } catch (error) {
      log.warn({ reference, err: error }, "A draft that was given up could not be deleted and is tried again");
      return false;
    }
    await sends.removed(reference);
    return true;
  }

  async function deleteDraft(batchId: string, reference: string): Promise<void> {
    try {
      await api.deleteBatch(batchId);
    } catch (error) {
      if (error instanceof Problem && error.code === "not_found") return;
      if (!(error instanceof Problem) || error.code !== "wrong_state") throw error;
      log.error(
        { reference, batchId },
        "A draft that was given up is none any more: somebody else started it at the API",
      );
    }
  }

  return { wake: () => wait(0), close: () => background.close() };
}
