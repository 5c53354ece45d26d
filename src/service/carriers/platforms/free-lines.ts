import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { Ask, Platform } from "./platform.ts";

/** How long a reading of the account's lines holds, and how soon it is read again where none was free. */
const freshMs = 60_000;
const whenFullMs = 15_000;

/** Whether the account has a line for one call more, of those that the platform lets it have at a time. */
export type FreeLines = {
  /** Asks the platform where it is time to. */
  refresh(): Promise<void>;
  /** Undefined where there is a line; else why not, and when to ask again. A platform that does not say has one. */
  whyNone(): { readonly why: string; readonly retryAfterMs: number } | undefined;
};

/** Calls that others make with the same account count too: foreign ones are what it had beside ours when it was last asked. */
export function createFreeLines(parts: {
  readonly platform: Platform;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly log: Log;
  /** How many calls this process has in progress. */
  readonly own: () => number;
}): FreeLines {
  const { platform, ask, clock, log, own } = parts;
  let lines: { readonly limit: number; readonly foreign: number } | undefined;
  let readAt: Date | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    if (!platform.lines) return;
    try {
      const { limit, inUse } = await platform.lines(ask);
      lines = { limit, foreign: Math.max(inUse - own(), 0) };
    } catch (error) {
      // What it said last holds on: the platform itself refuses what is too much.
      log.warn({ err: error }, "How many calls the account may have could not be read");
    }
    readAt = clock.now();
  }

  function isFull(): boolean {
    return lines !== undefined && own() + lines.foreign >= lines.limit;
  }

  return {
    async refresh() {
      const age = readAt ? clock.now().getTime() - readAt.getTime() : Number.POSITIVE_INFINITY;
      if (age < (isFull() ? whenFullMs : freshMs)) return;
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    },
    whyNone() {
      if (!lines || !isFull()) return undefined;
      const { limit, foreign } = lines;
      const why = `the account has ${limit} lines: ${own()} are ours and ${foreign} in use elsewhere`;
      return { why, retryAfterMs: whenFullMs };
    },
  };
}
