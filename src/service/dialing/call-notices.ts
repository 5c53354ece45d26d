import type { CarrierNotices, SentNotice } from "../carriers/index.ts";
import { type CallReports, createCallReports, type NoticeFate, type ReportsParts } from "./call-reports.ts";

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
}: Omit<ReportsParts, "callback"> & { readonly notices: CarrierNotices }): CallNotices {
  // Each is counted once, here.
  const reports: CallReports = createCallReports({ ...parts, callback: notices, noticed: () => {} });

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
