import type { CallResult } from "../../contract/records.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { CarrierCallback } from "../carriers/index.ts";
import type { DialStore } from "../store/index.ts";
import type { DialGuard, Dialing, DialObserver } from "./dialing.ts";
import { recordOutcome } from "./record-outcome.ts";
import { storeNow } from "./store-now.ts";

type ReportedRequest = Parameters<CarrierCallback["isGenuine"]>[0];

/** Takes a carrier's reports of calls that ended, whichever process dialed them. */
export type CallReports = {
  isGenuine(request: ReportedRequest): boolean;
  /** `recorded` resolves when the end is in the store; an end that is there already stays as it is. */
  record(token: string, result: CallResult): Promise<"recorded" | "known_before" | "no_such_call">;
};

export type ReportsParts = {
  readonly store: DialStore;
  readonly guard: DialGuard;
  readonly log: Log;
  readonly callback: CarrierCallback;
  readonly clock: Clock;
  readonly dialing: Dialing;
  readonly observer: DialObserver;
};

export function createCallReports(parts: ReportsParts): CallReports {
  const { store, callback, clock, dialing, observer } = parts;
  return {
    isGenuine: (request) => callback.isGenuine(request),
    async record(token, result) {
      const claim = await store.getClaim(token);
      if (!claim) return "no_such_call";
      const isFirst = await recordOutcome(parts, claim, result, await storeNow(store, clock));
      if (isFirst) observer.ended(result.outcome);
      callback.recorded(token, result);
      dialing.wake();
      return isFirst ? "recorded" : "known_before";
    },
  };
}
