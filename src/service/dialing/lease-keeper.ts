import type { Background } from "../../lib/background.ts";
import type { CancelTimer, Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Leases } from "../store/index.ts";

const renewalsALease = 4;

/** Keeps this process in the eyes of the others, and looks at what they do: the safety net under every wake-up. */
export type LeaseKeeper = {
  /** Rejects when the lease cannot be had. */
  start(): Promise<void>;
  /** When the lease ends that was last had, by this process's own clock. */
  until(): Date | undefined;
  /** Renews it no more. */
  stop(): void;
};

export function createLeaseKeeper(parts: {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
  readonly background: Background;
  /** Called after each renewal. */
  readonly lookAround: () => Promise<void>;
}): LeaseKeeper {
  const { leases, clock, log, background, lookAround } = parts;
  let cancelNext: CancelTimer = () => {};
  let isStopped = false;

  let until: Date | undefined;

  async function renew(): Promise<void> {
    const askedAt = clock.now();
    await leases.renew(askedAt);
    until = new Date(askedAt.getTime() + leases.durationMs);
  }

  async function tick(): Promise<void> {
    try {
      await renew();
      await lookAround();
    } catch (error) {
      log.error({ err: error }, "The lease of this process could not be renewed and is tried again");
    }
    arm();
  }

  function arm(): void {
    if (isStopped) return;
    cancelNext = background.after(leases.durationMs / renewalsALease, tick);
  }

  return {
    async start() {
      await renew();
      arm();
    },
    until: () => until,
    stop() {
      isStopped = true;
      cancelNext();
    },
  };
}
