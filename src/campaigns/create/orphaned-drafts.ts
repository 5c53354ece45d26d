import type { BatchCallApi } from "../../client/api.ts";
import type { Background } from "../../lib/background.ts";
import type { Clock } from "../../lib/clock.ts";
import { type CreationLog, markerOf } from "./creation-log.ts";
import { deleteDuplicates, keepOneDuplicate } from "./duplicate-drafts.ts";

const intervalMs = 10 * 60 * 1000;

type OrphanCleanUpParts = {
  readonly api: BatchCallApi;
  readonly creations: CreationLog;
  readonly clock: Clock;
  readonly background: Background;
};

/** For 24 hours after a create without an answer, looks for the drafts that it may have made, and leaves one. */
export class OrphanCleanUp {
  readonly #parts: OrphanCleanUpParts;
  #isScheduled = false;

  constructor(parts: OrphanCleanUpParts) {
    this.#parts = parts;
  }

  /** Schedules a clean-up while there is something to look for. */
  schedule(): void {
    const { creations, clock, background } = this.#parts;
    if (this.#isScheduled || creations.doubtful(clock.now()).length === 0) return;
    this.#isScheduled = true;
    background.after(intervalMs, async () => {
      this.#isScheduled = false;
      await this.cleanUp().finally(() => this.schedule());
    });
  }

  /** Deletes the duplicates that turned up, and takes over a draft whose answer was lost. */
  async cleanUp(): Promise<void> {
    const { api, creations, clock } = this.#parts;
    const doubtful = creations.doubtful(clock.now());
    if (doubtful.length === 0 || (await api.environment()) === "simulated") return;
    for (const intent of doubtful) {
      if (intent.state === "created" && intent.batchId !== undefined) {
        await deleteDuplicates(api, markerOf(intent), intent.batchId);
        continue;
      }
      const found = await keepOneDuplicate(api, markerOf(intent));
      const mine = found && creations.takeOver(intent, clock.now());
      if (mine) creations.created(mine, found.batchId, undefined, clock.now());
    }
  }
}
