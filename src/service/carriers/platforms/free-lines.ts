import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { Ask, Lines, Platform } from "./platform.ts";

/** How long a reading of the account's lines holds, and how soon it is read again where none was free. */
const freshMs = 60_000;
const whenFullMs = 15_000;
const whenUntoldMs = 1_000;

/** Whether the account has a line for one call more, of those that the platform lets it have at a time. */
export type FreeLines = {
  /** Asks the platform where it is time to. */
  refresh(): Promise<void>;
  /** What the answer to a call said of them, if anything; before that call is counted as one in progress. */
  told(lines: Lines | undefined): void;
  /** Undefined where there is a line; else why not, and when to ask again. A platform that does not say has one. */
  whyNone(): { readonly why: string; readonly retryAfterMs: number } | undefined;
};

/** Calls that others make with the same account count too: foreign ones are what it had beside ours when it was last asked. */
export function createFreeLines(parts: {
  readonly platform: Platform;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly log: Log;
  /** How many calls this process is about to create, and how many it has in progress. */
  readonly onTheirWay: () => number;
  readonly inProgress: () => number;
}): FreeLines {
  const { platform, ask, clock, log, onTheirWay, inProgress } = parts;
  const own = (): number => onTheirWay() + inProgress();
  /** Where nothing else tells: one call goes first, and the others wait for what its answer says. */
  let isUntold = platform.tellsLinesWhenCalled === true;
  let lines: { readonly limit: number; readonly foreign: number } | undefined;
  let readAt: Date | undefined;
  let toldAt: Date | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    if (!platform.lines) return;
    try {
      note(await platform.lines(ask));
    } catch (error) {
      // What it said last holds on: the platform itself refuses what is too much.
      log.warn({ err: error }, "How many calls the account may have could not be read");
    }
    readAt = clock.now();
  }

  function note({ limit, inUse }: Lines): void {
    lines = { limit, foreign: Math.max(inUse - own(), 0) };
    toldAt = clock.now();
  }

  function isFull(): boolean {
    return lines !== undefined && own() + lines.foreign >= lines.limit;
  }

  function ageMs(): number {
    return readAt ? clock.now().getTime() - readAt.getTime() : Number.POSITIVE_INFINITY;
  }

  /** One that tells only when a call is made is tried with one call, when none of ours is with it and what it told is old. */
  function mayTry(): boolean {
    return platform.tellsLinesWhenCalled === true && own() === 0 && ageMs() >= freshMs;
  }

  return {
    async refresh() {
      if (ageMs() < (isFull() ? whenFullMs : freshMs)) return;
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    },
    told(given) {
      isUntold = false;
      if (!given) return;
      note(given);
      readAt = clock.now();
    },
    whyNone() {
      if (isUntold && onTheirWay() > 0)
        return { why: "how many lines the account has is not known yet", retryAfterMs: whenUntoldMs };
      if (!lines || !isFull() || mayTry()) return undefined;
      const { limit, foreign } = lines;
      const when = toldAt ? ` at ${toldAt.toISOString().slice(11, 19)} UTC` : "";
      const why = `the account has ${limit} lines: ${own()} are ours, and ${foreign} were in use elsewhere${when}`;
      return { why, retryAfterMs: whenFullMs };
    },
  };
}
