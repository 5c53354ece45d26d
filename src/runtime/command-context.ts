import type { Platform, Settings } from "../config/settings.ts";
import type { Log } from "../lib/log.ts";
import type { HandedOver } from "../mcp/early-answers.ts";

/** What a command is given. It ends when its work is done or the signal is aborted, and returns the exit code. */
export type CommandContext = {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Writes a line to stdout. */
  readonly print: (line: string) => void;
  /** Names of settings that lead to where calls are and cannot be read, for a stop that goes on without them. */
  readonly unread?: readonly string[];
  /** The client on stdin and stdout, where its first requests were answered before the rest was loaded. */
  readonly handedOver?: HandedOver;
};

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
