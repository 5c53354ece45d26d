import type { CallResult } from "../../contract/records.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { CarrierCallback } from "../carriers/index.ts";
import type { DialStore } from "../store/index.ts";
import type { DialGuard, Dialing, DialObserver } from "./dialing.ts";
import { recordOutcome } from "./record-outcome.ts";
import { storeNow } from "./store-now.ts";

type ReportedRequest = Parameters<CarrierCallback["isGenuine"]>[0];

/**
 * What became of a provider's notice, or a bridge's report. `not_genuine`: not signed by it, or long ago; `no_such_call`: about no call of ours;
 * `not_ended`: the provider itself does not say that it is over; `recorded`: its end is in the store; `known_before`: it was there already.
 */
export const noticeFates = ["recorded", "known_before", "not_ended", "no_such_call", "not_genuine"] as const;
export type NoticeFate = (typeof noticeFates)[number];

/** Takes a carrier's reports of calls that ended, whichever process dialed them. */
export type CallReports = {
  /** One that is not is counted. */
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
  /** Told of each. */
  readonly noticed: (fate: NoticeFate) => void;
};

export function createCallReports(parts: ReportsParts): CallReports {
  const { store, callback, clock, dialing, observer, noticed } = parts;

  async function fateOf(token: string, result: CallResult) {
    const claim = await store.getClaim(token);
    if (!claim) return "no_such_call";
    const isFirst = await recordOutcome(parts, claim, result, await storeNow(store, clock));
    if (isFirst) observer.ended(result.outcome);
    callback.recorded(token, result);
    dialing.wake();
    return isFirst ? "recorded" : "known_before";
  }

  return {
    isGenuine(request) {
      const isGenuine = callback.isGenuine(request);
      if (!isGenuine) noticed("not_genuine");
      return isGenuine;
    },
    async record(token, result) {
      const fate = await fateOf(token, result);
      noticed(fate);
      return fate;
    },
  };
}
