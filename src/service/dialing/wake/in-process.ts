import { type Background, backOffMs } from "../../../lib/background.ts";
import type { CancelTimer, Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";

/** What makes a pass over due work happen at the right times. */
export type Dispatch = {
  start(): void;
  /** Something may be due now. Returns before any work is done; without effect before `start` and after `stop`. */
  wake(): void;
  /**
   * The same of one of many: so that many do not make a pass each, one is made `restMs` after the last began, or as soon as
   * `manyAtOnce` of them wait for it.
   */
  wakeSoon(): void;
  /** No pass begins from here on. */
  stop(): void;
};

export type DispatchParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly background: Background;
  /** Does what is due and returns when something falls due next, if that is known. */
  readonly pass: () => Promise<Date | undefined>;
  /** How long those of `wakeSoon` wait for each other, in ms; not at all when absent. */
  readonly restMs?: number;
};

/** So many that what one pass costs is little beside what they cost themselves. */
const manyAtOnce = 50;

/** Passes run one at a time in this process: when woken, when something falls due, and with growing waits after an error. */
export function createInProcessDispatch({ clock, log, background, pass, restMs = 0 }: DispatchParts): Dispatch {
  const state = { started: false, running: false, woken: false };
  let failures = 0;
  let cancelAlarm: CancelTimer = () => {};
  let lastPassMs = Number.NEGATIVE_INFINITY;
  const soon = { waiting: 0, isTimed: false };

  async function tryPass(): Promise<Date | undefined> {
    try {
      const nextAt = await pass();
      failures = 0;
      return nextAt;
    } catch (error) {
      failures += 1;
      const waitMs = backOffMs(failures);
      log.error({ err: error, failures, waitMs }, "A pass over due calls failed and is tried again");
      return new Date(clock.now().getTime() + waitMs);
    }
  }

  async function runWhileWoken(): Promise<void> {
    state.running = true;
    await Promise.resolve();
    let nextAt: Date | undefined;
    while (state.woken && state.started) {
      state.woken = false;
      soon.waiting = 0;
      lastPassMs = clock.monotonicMs();
      nextAt = await tryPass();
    }
    state.running = false;
    if (state.started && nextAt) cancelAlarm = background.at(nextAt, wake);
  }

  function wake(): void {
    if (!state.started) return;
    state.woken = true;
    if (state.running) return;
    cancelAlarm();
    void background.track(runWhileWoken);
  }

  function wakeSoon(): void {
    const restsMs = lastPassMs + restMs - clock.monotonicMs();
    soon.waiting += 1;
    if (restMs === 0 || restsMs <= 0 || soon.waiting >= manyAtOnce) {
      wake();
      return;
    }
    if (soon.isTimed || !state.started) return;
    soon.isTimed = true;
    background.at(new Date(clock.now().getTime() + Math.ceil(restsMs)), () => {
      soon.isTimed = false;
      // Another pass may have been made meanwhile, for them as well.
      if (soon.waiting > 0) wake();
    });
  }

  return {
    wakeSoon,
    start() {
      state.started = true;
      wake();
    },
    wake,
    stop() {
      state.started = false;
      cancelAlarm();
    },
  };
}
