import type { CancelTimer, Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { CallEnd, EndListener, LookUp } from "./carrier.ts";

/** A call whose end was not reported for so long is asked for once more and then given up. */
const longestCallMs = 2 * 60 * 60 * 1000;
const growth = 1.5;

/** Asks for calls in progress until they have ended. */
export type CallWatch = {
  /** Without effect for a call that is watched already. */
  start(token: string): void;
  /** Returns whether the call was watched. */
  stop(token: string): boolean;
  /** How many calls are watched. */
  count(): number;
  close(): void;
};

export type CallWatchParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** The first wait; each one that follows is half as long again, up to the longest. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  readonly ask: (token: string) => Promise<LookUp>;
  /** Told once for each call; `unknown` when it is given up. */
  readonly onEnded: EndListener;
};

type Watch = { readonly giveUpAt: Date; waitMs: number; cancel: CancelTimer };

export function createCallWatch(parts: CallWatchParts): CallWatch {
  const { clock, log, ask, onEnded } = parts;
  const watches = new Map<string, Watch>();

  function wait(token: string, watch: Watch): void {
    const now = clock.now();
    const nextAt = new Date(now.getTime() + watch.waitMs);
    const isGivenUpFirst = now < watch.giveUpAt && watch.giveUpAt < nextAt;
    watch.cancel = clock.at(isGivenUpFirst ? watch.giveUpAt : nextAt, () => void look(token, watch));
    watch.waitMs = Math.min(watch.waitMs * growth, parts.longestWaitMs);
  }

  async function look(token: string, watch: Watch): Promise<void> {
    const known = await ask(token).catch((error: unknown) => {
      if (watches.get(token) === watch) log.warn({ token, err: error }, "A call in progress could not be asked for");
      return undefined;
    });
    if (watches.get(token) !== watch) return;
    const result = known && endOf(known, watch);
    if (!result) return wait(token, watch);
    watches.delete(token);
    onEnded(token, result, known.state === "cannot_tell" ? known.why : undefined);
  }

  // A carrier that does not answer says nothing about the call; only its answer can end the watch.
  function endOf(known: LookUp, watch: Watch): CallEnd | undefined {
    switch (known.state) {
      case "ended":
        return known.result;
      case "not_now":
        return "not_now";
      case "cannot_tell":
        return "unknown";
      case "ongoing":
      case "not_placed":
        return clock.now() < watch.giveUpAt ? undefined : "unknown";
    }
  }

  return {
    start(token) {
      if (watches.has(token)) return;
      const giveUpAt = new Date(clock.now().getTime() + longestCallMs);
      const watch: Watch = { giveUpAt, waitMs: parts.firstWaitMs, cancel: () => {} };
      watches.set(token, watch);
      wait(token, watch);
    },
    stop(token) {
      watches.get(token)?.cancel();
      return watches.delete(token);
    },
    count: () => watches.size,
    close() {
      for (const { cancel } of watches.values()) cancel();
      watches.clear();
    },
  };
}
