import { setTimeout } from "node:timers/promises";

const pollMs = 10;
const defaultBoundMs = 20_000;

/**
 * Resolves with what `look` finds, once that is not false or undefined. Rejects after `boundMs`, and says what was waited
 * for: a test that ends by its own time-out tells nothing.
 */
export async function waitUntil<T>(
  what: string,
  look: () => T | false | undefined | Promise<T | false | undefined>,
  boundMs = defaultBoundMs,
): Promise<T> {
  const until = Date.now() + boundMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (Date.now() > until) throw new Error(`Not within ${boundMs / 1000} s: ${what}`);
    await setTimeout(pollMs);
  }
}
