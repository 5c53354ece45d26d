import type { CancelTimer, Clock } from "../../lib/clock.ts";

type Timer = { readonly at: number; readonly callback: () => void };

/** A clock that stands still until it is told to jump to the next instant that somebody waits for. */
export type VirtualClock = Clock & {
  /** Jumps and calls back whoever waits for that instant; returns false when nobody waits for anything. */
  jump(): boolean;
};

export function createVirtualClock(start: Date): VirtualClock {
  let now = start.getTime();
  const timers = new Set<Timer>();

  return {
    now: () => new Date(now),
    monotonicMs: () => now,
    at(instant, callback): CancelTimer {
      const timer = { at: instant.getTime(), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    jump() {
      const nextAt = Math.min(...[...timers].map(({ at }) => at));
      if (timers.size === 0) return false;
      now = Math.max(now, nextAt);
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        // One that fires can cancel another.
        if (timers.delete(timer)) timer.callback();
      }
      return true;
    },
  };
}
