import type { BatchCallApi } from "../../client/api.ts";
import type { Clock } from "../../lib/clock-type.ts";
import type { Background } from "../../lib/background.ts";
import type { Ledger } from "./creation-log.ts";
import { tagOf } from "./idempotency-key.ts";
import { keepOneTwin, removeTwins } from "./duplicate-drafts.ts";

const intervalMs = 10 * 60 * 1000;

type SweeperParts = {
  readonly api: BatchCallApi;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly background: Background;
};

/** For 24 hours after a create without an answer, looks for the drafts that it may have made, and leaves one. */
export class Sweeper {
  readonly #parts: SweeperParts;
  #isArmed = false;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /** Sees to it that there is a sweep as long as there is something to look for. */
  arm(): void {
    const { ledger, clock, background } = this.#parts;
    if (this.#isArmed || ledger.doubtful(clock.now()).length === 0) return;
    this.#isArmed = true;
    background.after(intervalMs, async () => {
      this.#isArmed = false;
      await this.sweep().finally(() => this.arm());
    });
  }

  async sweep(): Promise<void> {
    const { api, ledger, clock } = this.#parts;
    const doubtful = ledger.doubtful(clock.now());
    if (doubtful.length === 0 || (await api.environment()) === "simulated") return;
    for (const intent of doubtful) {
      if (intent.state === "created" && intent.batchId !== undefined) {
        await removeTwins(api, tagOf(intent), intent.batchId);
        continue;
      }
      const found = await keepOneTwin(api, tagOf(intent));
      const mine = found && ledger.takeOver(intent, clock.now());
      if (mine) ledger.created(mine, found.batchId, undefined, clock.now());
    }
  }
}
