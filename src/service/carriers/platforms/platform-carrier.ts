import { Problem } from "../../../domain/problem.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { SendLedger } from "../../store/index.ts";
import { createCallWatch } from "../call-watch.ts";
import type { CallEnd, Carrier, DialAnswer, LookUp } from "../carrier.ts";
import { adviceForAccount, adviceForBatch } from "./answers.ts";
import { createCallerIds } from "./caller-ids.ts";
import { createFreeLines } from "./free-lines.ts";
import { createLookUp, refusedResult } from "./look-up.ts";
import { CallInDoubt, placeCall, toHoldReason } from "./place-call.ts";
import { PlatformRefusal } from "./platform.ts";
import { openPlatformHttp, type PlatformAccess } from "./platform-http.ts";
import { createTaking } from "./taking.ts";

export type PlatformCarrierParts = PlatformAccess & {
  readonly sends: SendLedger;
  readonly clock: Clock;
  readonly log: Log;
};

const pace = { firstWaitMs: 3_000, longestWaitMs: 30_000 } as const;

/** Real calls through a voice-agent platform, each created once. What differs between platforms is in `parts.platform`. */
export function createPlatformCarrier(parts: PlatformCarrierParts): Carrier {
  const { platform, noticeKey, connections, sends, clock, log } = parts;
  let tell: (token: string, end: CallEnd) => void = () => {};
  /** Calls that are being created at the moment. */
  let onTheirWay = 0;
  const http = openPlatformHttp(parts);
  const callerIds = createCallerIds(platform, http.ask, clock);
  const placing = { platform, http, sends, callerIds, clock, log };
  const ask = createLookUp(placing);
  const taking = createTaking(platform.name, clock);
  const watch = createCallWatch({ clock, log, ...pace, ask: askAgain, onEnded: (token, end) => tell(token, end) });
  const lines = createFreeLines({
    platform,
    ask: http.ask,
    clock,
    log,
    onTheirWay: () => onTheirWay,
    inProgress: () => watch.count(),
  });

  /** Of a call that was taken: another process may have found first that it never rang. */
  async function askAgain(token: string): Promise<LookUp> {
    const known = await ask(token);
    return known.state === "not_placed" ? { state: "not_now", why: `${platform.name} had no room` } : known;
  }

  async function findCallerId(phoneNumber: string) {
    try {
      const number = await callerIds.find(phoneNumber);
      if (number) return { kind: "found", number } as const;
      const reason = "the account has no such caller id.";
      const advice = adviceForBatch(platform.name);
      return { kind: "hold", reason: toHoldReason(platform.name, { reason, advice }) } as const;
    } catch (error) {
      log.warn({ err: error }, "The numbers of the account could not be read");
      const held = whyHeld(error);
      if (held !== undefined) return { kind: "hold", reason: toHoldReason(platform.name, held) } as const;
      return { kind: "not_now", why: `the numbers of the ${platform.name} account could not be read` } as const;
    }
  }

  /** Undefined where it may be otherwise the next time. */
  function whyHeld(error: unknown): { readonly reason: string; readonly advice: string } | undefined {
    if (error instanceof Problem) return { reason: error.message, advice: "" };
    const advice = error instanceof PlatformRefusal ? adviceForAccount(platform.name, error.status) : undefined;
    return advice === undefined || !(error instanceof Error) ? undefined : { reason: `${error.message}.`, advice };
  }

  const dial: Carrier["dial"] = async (request, lastCheck): Promise<DialAnswer> => {
    const [from] = await Promise.all([findCallerId(request.fromNumber), lines.refresh()]);
    if (from.kind === "hold") return from;
    if (from.kind === "not_now") return taking.notNow(from);
    const held = taking.whyNot(onTheirWay);
    if (held) return held;
    const none = lines.whyNone();
    if (none) return { kind: "not_now", ...none };
    onTheirWay += 1;
    try {
      const answer = await placeCall(request, from.number, lastCheck, placing).catch((error: unknown) => {
        // What the database does not take says nothing of the platform.
        if (error instanceof CallInDoubt) taking.leftOpen(error.why);
        throw error;
      });
      if (answer.kind === "not_now") return taking.notNow(answer);
      if (answer.kind === "taken" || answer.kind === "refused") taking.answered();
      if (answer.kind === "taken") {
        lines.told(answer.lines);
        watch.start(request.token);
        return { kind: "taken" };
      }
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
      return known;
    },
    async takeBack(token) {
      const found = await sends.find(token);
      if (!found) return false;
      const { reference, state } = found.send;
      if (state !== "prepared") return state === "not_now";
      return sends.move(reference, { from: ["prepared"], to: "not_now" });
    },
    onEnded(listener) {
      tell = listener;
    },
    notices: {
      isGenuine: (notice) => noticeKey !== undefined && platform.isGenuine(notice, noticeKey, clock.now()),
      tokenOf: (bodyText) => platform.tokenOf(bodyText),
      ask,
      recorded(token, result) {
        if (watch.stop(token)) tell(token, result);
      },
    },
    close() {
      watch.close();
      void connections.close();
    },
  };
}
