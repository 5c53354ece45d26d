import type { CarrierNotices, SentNotice } from "../carriers/index.ts";
import { type CallReports, createCallReports, type ReportsParts } from "./call-reports.ts";

/**
 * What became of a provider's notice. `not_genuine`: not signed by it, or long ago; `no_such_call`: about no call of ours; `not_ended`: the
 * provider itself does not say that it is over; `recorded`: its end is in the store; `known_before`: it was there already.
 */
export const noticeFates = ["recorded", "known_before", "not_ended", "no_such_call", "not_genuine"] as const;
export type NoticeFate = (typeof noticeFates)[number];

/**
 * Takes a provider's notices of its calls, whichever process dialed them. A notice is never believed: of a genuine one the provider
 * is asked, and what it answers is recorded as the end of any call is.
 */
export type CallNotices = {
  take(notice: SentNotice): Promise<NoticeFate>;
};

export function createCallNotices({
  notices,
  noticed,
  ...parts
}: Omit<ReportsParts, "callback"> & {
  readonly notices: CarrierNotices;
  /** Told of each. */
  readonly noticed: (fate: NoticeFate) => void;
}): CallNotices {
  const reports: CallReports = createCallReports({ ...parts, callback: notices });

  async function fateOf(notice: SentNotice): Promise<NoticeFate> {
    if (!notices.isGenuine(notice)) return "not_genuine";
    const token = await notices.subjectOf(notice);
    if (token === undefined || !(await parts.store.getClaim(token))) return "no_such_call";
    const known = await notices.ask(token);
    return known.state === "ended" ? reports.record(token, known.result) : "not_ended";
  }

  return {
    async take(notice) {
      const fate = await fateOf(notice);
      noticed(fate);
      return fate;
    },
  };
}
