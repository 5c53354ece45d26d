import type { Send, SentCall } from "../../store/index.ts";
import type { LookUp } from "../carrier.ts";
import { isAnothersCall } from "../whose-call.ts";
import type { PlaceParts } from "./place-call.ts";

/** A shorter wait is none: calls that were started a second apart may follow each other sooner at the platform. */
const noQueueMs = 2_000;
const takenBack = "it was taken back before its phone rang";

type Found = { readonly send: Send; readonly call: SentCall };

/** Calls that a platform lets wait before they ring. */
export type PlatformQueue = {
  /** What the answer to a call said of its wait, if anything. */
  told(queueMs: number | undefined): void;
  /** Undefined while a call would ring at once; else why not, and when it would. */
  whyFull(): { readonly why: string; readonly retryAfterMs: number } | undefined;
  /** Takes a call out of the queue. True when its phone never rings, and false when it may, or may have. */
  takeBack(found: Found): Promise<boolean>;
};

export function createPlatformQueue({
  platform,
  http: { ask },
  sends,
  clock,
  log,
  lookUp,
}: PlaceParts & { readonly lookUp: (token: string) => Promise<LookUp> }): PlatformQueue {
  let emptyAt: Date | undefined;

  async function takeOut({ send: { reference, state, providerId }, call: sent }: Found): Promise<boolean> {
    if (!platform.toTakeBack || state !== "accepted" || providerId === undefined) return false;
    const call = await platform.read(providerId, ask);
    if (call?.state !== "alive" || !call.isQueued || isAnothersCall(call.numbers, sent)) return false;
    // Written down first: whoever finds it over knows by that who wanted it.
    if (!(await sends.move(reference, { from: ["accepted"], to: "accepted", reason: takenBack }))) return false;
    // Whether it came in time, only the call itself tells.
    await ask(platform.toTakeBack(providerId)).catch((error: unknown) => {
      log.warn({ reference, err: error }, "No answer came to taking a call back");
    });
    const { state: found } = await lookUp(sent.token);
    return found === "not_now" || found === "not_placed";
  }

  return {
    told(queueMs = 0) {
      emptyAt = queueMs > noQueueMs ? new Date(clock.now().getTime() + queueMs) : undefined;
    },
    whyFull() {
      const retryAfterMs = emptyAt ? emptyAt.getTime() - clock.now().getTime() : 0;
      return retryAfterMs > 0 ? { why: `calls wait in the queue of ${platform.name}`, retryAfterMs } : undefined;
    },
    takeBack: (found) =>
      takeOut(found).catch((error: unknown) => {
        log.warn({ reference: found.send.reference, err: error }, "Whether a call still waits could not be read");
        return false;
      }),
  };
}
