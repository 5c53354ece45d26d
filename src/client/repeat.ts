import type { Exchange } from "./connection.ts";

export type Progress = {
  /** Whether the request changes something at the API. */
  readonly effect: "reads" | "writes";
  /** Repeats so far of a request that was sent. */
  readonly repeats: number;
  /** Since the first attempt. */
  readonly elapsedMs: number;
};

/** How long a service that restarts on this machine may be gone. */
const bridgedMs = 3_000;
const maxRepeats = 3;
const longestWaitMs = 10_000;
const passingStatuses = new Set([408, 429, 500, 502, 503, 504]);

/**
 * How long to wait before the same request is sent again; undefined when it is not. A request that was never sent is
 * repeated whatever it does. One that was sent is repeated only when it reads, three times at most, and not after
 * silence: whoever asked has waited long enough. `random` is in [0, 1).
 */
export function waitBeforeRepeat(exchange: Exchange, progress: Progress, random: number): number | undefined {
  if (exchange.kind === "not_connected") return progress.elapsedMs < bridgedMs ? 100 + 100 * random : undefined;
  if (progress.effect === "writes" || progress.repeats >= maxRepeats) return undefined;
  if (exchange.kind === "broken") return backOffMs(progress.repeats, random);
  if (exchange.kind !== "answer" || !passingStatuses.has(exchange.status)) return undefined;
  const askedMs = retryAfterSeconds(exchange.headers);
  if (askedMs === undefined) return backOffMs(progress.repeats, random);
  return askedMs * 1000 <= longestWaitMs ? askedMs * 1000 + 100 * random : undefined;
}

function backOffMs(repeats: number, random: number): number {
  const longest = 500 * 2 ** repeats;
  return longest / 2 + (longest / 2) * random;
}

/** The seconds of a `Retry-After` header; its other form, a date, depends on two clocks agreeing and is not read. */
export function retryAfterSeconds(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers["retry-after"]?.trim();
  return text && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
