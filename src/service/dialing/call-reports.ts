import type { CallEnd } from "../../contract/bridge.ts";
import type { Clock } from "../../lib/clock.ts";
import type { CarrierCallback } from "../carriers/index.ts";
import type { DialStore } from "../store/index.ts";
import { decideRetry } from "./decide-retry.ts";
import type { Dialing, DialObserver } from "./dialing.ts";

export type ReportedRequest = Parameters<CarrierCallback["isGenuine"]>[0];

/** Takes a carrier's reports of calls that ended, whichever process dialed them. */
export type CallReports = {
  isGenuine(request: ReportedRequest): boolean;
  /** `recorded` resolves when the end is in the store; an end that is there already stays as it is. */
  record(token: string, end: CallEnd): Promise<"recorded" | "known_before" | "no_such_call">;
};

export function createCallReports(parts: {
  readonly store: DialStore;
  readonly desk: CarrierCallback;
  readonly clock: Clock;
  readonly dialing: Dialing;
  readonly observer: DialObserver;
}): CallReports {
  const { store, desk, clock, dialing, observer } = parts;
  return {
    isGenuine: (request) => desk.isGenuine(request),
    async record(token, end) {
      const claim = await store.getClaim(token);
      if (!claim) return "no_such_call";
      const isFirst = await store.complete(claim, end, decideRetry(claim, end), clock.now());
      if (isFirst) observer.ended(end.outcome);
      desk.recorded(token, end);
      dialing.wake();
      return isFirst ? "recorded" : "known_before";
    },
  };
}
