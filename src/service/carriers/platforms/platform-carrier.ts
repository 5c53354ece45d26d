import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { SendLedger } from "../../store/index.ts";
import { createCallWatch } from "../call-watch.ts";
import type { Carrier, DialAnswer, EndListener, LookUp, SentNotice } from "../carrier.ts";
import { createLateEnds } from "../late-ends.ts";
import { createCallMeans } from "./call-means.ts";
import { createFreeLines } from "./free-lines.ts";
import { createLookUp, refusedResult } from "./look-up.ts";
import { CallInDoubt, placeCall } from "./place-call.ts";
import type { Notice } from "./platform.ts";
import { openPlatformHttp, type PlatformAccess } from "./platform-http.ts";
import { createPlatformQueue } from "./platform-queue.ts";
import { createTaking } from "./taking.ts";

export type PlatformCarrierParts = PlatformAccess & {
  readonly sends: SendLedger;
  readonly clock: Clock;
  readonly log: Log;
};

const pace = { firstWaitMs: 3_000, longestWaitMs: 30_000 } as const;

/** Real calls through a voice-agent platform, each created once. What differs between platforms is in `parts.platform`. */
export function createPlatformCarrier(parts: PlatformCarrierParts): Carrier {
  const { platform, noticeKey, noticeUrl, connections, sends, clock, log } = parts;
  let tell: EndListener = () => {};
  /** Calls that are being created at the moment. */
  let onTheirWay = 0;
  const http = openPlatformHttp(parts);
  const means = createCallMeans(platform, http.ask, clock, log);
  const placing = { platform, http, sends, means, noticeUrl, clock, log };
  const ask = createLookUp(placing);
  const queue = createPlatformQueue({ ...placing, lookUp: ask });
  const taking = createTaking(platform.name, clock);
  const late = createLateEnds({ sends, clock, log, ask, onEnded: (token, end) => tell(token, end) });
  const watch = createCallWatch({ clock, log, ...pace, ask: askAgain, onEnded: over });
  const lines = createFreeLines({
    platform,
    ask: http.ask,
    clock,
    log,
    onTheirWay: () => onTheirWay,
    inProgress: () => watch.count(),
  });

  late.wake();

  function over(...[token, end, why]: Parameters<EndListener>): void {
    if (end === "unknown") late.wake();
    tell(token, end, why);
  }

  /** Of a call that was taken: another process may have found first that it never rang. */
  async function askAgain(token: string): Promise<LookUp> {
    const known = await ask(token);
    return known.state === "not_placed" ? { state: "not_now", why: `${platform.name} had no room` } : known;
  }

  function asSent(notice: SentNotice): Notice {
    const { bodyText, search = "" } = notice;
    return { bodyText, header: (name) => notice.header(name), ...(noticeUrl && { url: `${noticeUrl}${search}` }) };
  }

  /** What a notice proves of a call whose answer was lost is kept: the platform may show nothing of it. */
  async function subjectOf(sent: SentNotice): Promise<string | undefined> {
    const notice = asSent(sent);
    const token = platform.tokenOf(notice);
    const named = token === undefined ? undefined : platform.callOf?.(notice);
    const found = named && token !== undefined ? await sends.find(token) : undefined;
    if (named && found?.send.reference === named.reference && found.send.providerId === undefined) {
      const { reference, callId: providerId } = named;
      await sends.move(reference, { from: ["sending", "in_doubt", "accepted"], to: "accepted", providerId });
    }
    return token;
  }

  const dial: Carrier["dial"] = async (request, lastCheck): Promise<DialAnswer> => {
    const [found] = await Promise.all([means.find(request), lines.refresh()]);
    if (found.kind === "not_now") return taking.notNow(found);
    if (found.kind !== "found") return found;
    const held = taking.whyNot(onTheirWay);
    if (held) return held;
    const none = lines.whyNone() ?? queue.whyFull();
    if (none) return { kind: "not_now", ...none };
    onTheirWay += 1;
    try {
      const answer = await placeCall(request, found, lastCheck, placing).catch((error: unknown) => {
        // What the database does not take says nothing of the platform.
        if (error instanceof CallInDoubt) taking.leftOpen(error.why);
        throw error;
      });
      if (answer.kind === "not_now") return taking.notNow(answer);
      if (answer.kind === "taken" || answer.kind === "refused") taking.answered();
      if (answer.kind === "taken") {
        lines.told(answer.lines);
        queue.told(answer.queueMs);
        watch.start(request.token);
        return { kind: "taken" };
      }
      if (answer.kind === "hold") return await means.explain(answer, request.fromNumber);
      if (answer.kind !== "refused") return answer;
      tell(request.token, refusedResult(answer.reason, clock.now()));
      return { kind: "taken" };
    } finally {
      onTheirWay -= 1;
    }
  };

  return {
    environment: "live",
    ringsWithinMs: platform.ringsWithinMs,
    cannotAsk: true,
    ...(!platform.leavesMessages && { cannotLeaveMessages: true }),
    dial,
    async lookUp(token) {
      const known = await ask(token);
      if (known.state === "ongoing") watch.start(token);
      if (known.state === "cannot_tell") late.wake();
      return known;
    },
    async takeBack(token) {
      const found = await sends.find(token);
      if (!found) return false;
      const { reference, state } = found.send;
      if (state === "prepared") return sends.move(reference, { from: ["prepared"], to: "not_now" });
      const isBack = state === "not_now" || (await queue.takeBack(found));
      if (isBack) watch.stop(token);
      return isBack;
    },
    onEnded(listener) {
      tell = listener;
    },
    notices: {
      isGenuine: (sent) => noticeKey !== undefined && platform.isGenuine(asSent(sent), noticeKey, clock.now()),
      subjectOf,
      ask,
      recorded(token, result) {
        if (watch.stop(token)) tell(token, result);
      },
    },
    close() {
      watch.close();
      void late.close().finally(() => connections.close());
    },
  };
}
