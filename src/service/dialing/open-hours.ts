import { isQuiet, nextOpening } from "../../domain/time/quiet-hours.ts";
import { batchQuietHours } from "../../domain/time/recipient-hours.ts";
import type { StoredBatch } from "../store/index.ts";

type TimedBatch = Pick<StoredBatch, "rules" | "timezone" | "agreedUntil">;

/** The quiet hours that hold for a whole batch at once, and the last minute that somebody agreed to. */
export type OpenHours = {
  /** Whether an attempt of the batch may be handed over at that instant. */
  isOpen(batch: TimedBatch, at: Date): boolean;
  /** The first instant from `at` on, `at` included, at which one may be. */
  opensAt(batch: TimedBatch, at: Date): Date;
};

/** For a carrier whose phones ring up to `ringsWithinMs` after an attempt was handed over: they must not ring in quiet hours, nor after the agreement, either. */
export function createOpenHours(ringsWithinMs = 0): OpenHours {
  /** By rules as they were read: quiet hours begin and end with a minute, in every zone. */
  const known = new WeakMap<TimedBatch["rules"], { timezone: string; minute: number; isQuiet: boolean }[]>();
  const places = ringsWithinMs === 0 ? 1 : 2;

  function isQuietAt({ rules, timezone }: TimedBatch, at: Date): boolean {
    if (!rules.quietHours) return false;
    const minute = Math.floor(at.getTime() / 60_000);
    const before = known.get(rules) ?? [];
    const found = before.find((one) => one.minute === minute && one.timezone === timezone);
    if (found) return found.isQuiet;
    const asked = { timezone, minute, isQuiet: isQuiet(batchQuietHours(rules), timezone, at) };
    known.set(rules, [asked, ...before].slice(0, places));
    return asked.isQuiet;
  }

  const openingOf = (batch: Pick<TimedBatch, "rules" | "timezone">, at: Date): Date =>
    isQuietAt(batch, at) ? nextOpening(batchQuietHours(batch.rules), batch.timezone, at) : at;
  const isAgreedTo = ({ agreedUntil }: TimedBatch, at: Date): boolean => agreedUntil === undefined || at < agreedUntil;
  const latestRing = (at: Date): Date => (ringsWithinMs === 0 ? at : new Date(at.getTime() + ringsWithinMs));

  return {
    isOpen: (batch, at) =>
      !isQuietAt(batch, at) && !isQuietAt(batch, latestRing(at)) && isAgreedTo(batch, latestRing(at)),
    opensAt(batch, at) {
      if (ringsWithinMs === 0) return openingOf(batch, at);
      const opening = openingOf(batch, at);
      return openingOf(batch, latestRing(opening)) > latestRing(opening)
        ? openingOf(batch, latestRing(opening))
        : opening;
    },
  };
}
