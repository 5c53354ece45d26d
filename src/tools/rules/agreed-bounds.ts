import { toClockText, toHeldLines } from "../../campaigns/approve/index.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { HeldPeople } from "../../domain/batch/held-people.ts";
import { toLocalTime } from "../../domain/batch/preview-places.ts";
import { isFinal } from "../../domain/batch/progress.ts";
import { isZone, toWallTime } from "../../domain/time/zone.ts";
import type { ToolContext } from "../tool.ts";

type Context = Pick<ToolContext, "campaigns" | "timezone">;

/** The last ring that was agreed to, as it was told in the question; undefined where nobody agreed, and where no phone rings any more. */
export async function lastRingText(batch: Batch, { campaigns }: Context): Promise<string | undefined> {
  if (isFinal(batch)) return undefined;
  const last = await campaigns.lastRing(batch);
  return last && `Phones ring at the latest ${toClockText(last)}, as was agreed to`;
}

/** Who waits since other batches called them, in the words of the question. */
export async function heldTexts(batch: Batch, { campaigns, timezone }: Context): Promise<readonly string[]> {
  const { heldByCalls = [], timezone: told = timezone } = batch;
  const zone = isZone(told) ? told : "UTC";
  const spans = new Map<string, { people: number; first: Date; last: Date }>();
  for (const { batchId, recipients, first, last } of heldByCalls) {
    const by = (await campaigns.nameOfBatch(batchId)) ?? "another batch";
    const known = spans.get(by) ?? { people: 0, first, last };
    const isEarlier = first < known.first;
    const isLater = last > known.last;
    const people = known.people + recipients;
    spans.set(by, { people, first: isEarlier ? first : known.first, last: isLater ? last : known.last });
  }
  const toShown = (at: Date) => toLocalTime({ wall: toWallTime(at, zone), zone });
  const held = Array.from(
    spans,
    ([by, { people, first, last }]): HeldPeople => ({ people, first: toShown(first), last: toShown(last), by }),
  );
  return toHeldLines(held.toSorted((a, b) => b.people - a.people));
}
