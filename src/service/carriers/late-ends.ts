import { Background } from "../../lib/background.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { SendLedger } from "../store/index.ts";
import type { CallEnd, LookUp } from "./carrier.ts";

const roundMs = 60_000;
/** Of a call that the provider tells nothing of, the longest wait until it is asked again. */
const longestWaitMs = 60 * 60_000;
/** A call that rang, or was sent to a provider without a queue, is asked for so long; one that waits in a queue, until it rings. */
const followedForMs = 24 * 60 * 60_000;

/** Asks for calls that ended as unknown, also for those of earlier processes, until the provider tells what came of them. */
export type LateEnds = {
  /** There may be some. */
  wake(): void;
  close(): Promise<void>;
};

export function createLateEnds(parts: {
  readonly sends: Pick<SendLedger, "unknownEnds">;
  readonly clock: Clock;
  readonly log: Log;
  readonly ask: (token: string) => Promise<LookUp>;
  readonly onEnded: (token: string, end: CallEnd) => void;
}): LateEnds {
  const { sends, clock, log, ask, onEnded } = parts;
  const background = new Background(clock, log);
  /** By token: when to ask again, and how long that was. */
  const waits = new Map<string, { readonly waitMs: number; readonly until: number }>();
  let isWaiting = false;

  function wake(): void {
    if (isWaiting) return;
    isWaiting = true;
    background.after(roundMs, async () => {
      isWaiting = false;
      const isAllTold = await round().catch((error: unknown) => {
        log.warn({ err: error }, "Calls that ended as unknown could not be asked for and are asked for again");
        return false;
      });
      if (!isAllTold) wake();
    });
  }

  /** Returns whether there is none of which more can be learned. */
  async function round(): Promise<boolean> {
    const tokens = await sends.unknownEnds(new Date(clock.now().getTime() - followedForMs));
    for (const token of waits.keys()) if (!tokens.includes(token)) waits.delete(token);
    for (const token of tokens) if ((waits.get(token)?.until ?? 0) <= clock.now().getTime()) await askFor(token);
    return tokens.length === 0;
  }

  async function askFor(token: string): Promise<void> {
    const known = await ask(token).catch((error: unknown) => {
      log.warn({ token, err: error }, "A call that ended as unknown could not be asked for");
      return undefined;
    });
    if (known?.state === "ended") onEnded(token, known.result);
    if (known?.state !== "cannot_tell") return void waits.delete(token);
    const waitMs = Math.min(2 * (waits.get(token)?.waitMs ?? roundMs / 2), longestWaitMs);
    waits.set(token, { waitMs, until: clock.now().getTime() + waitMs });
  }

  return { wake, close: () => background.close() };
}
