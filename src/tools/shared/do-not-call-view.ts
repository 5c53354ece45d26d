import type { DoNotCallList } from "../../campaigns/limits/index.ts";
import { toTimeView } from "./batch-view.ts";
import { dropUndefined } from "./shapes.ts";

type Entry = Awaited<ReturnType<DoNotCallList["read"]>>[number];

/** `added_at` is the instant in UTC, `added_local` the same on the clocks of the zone, which it names. */
export function toEntryView({ phoneNumber, reason, requestedBy, requestedAt, addedBy, addedAt }: Entry, zone: string) {
  return {
    number: phoneNumber,
    ...dropUndefined({
      reason,
      requested_by: requestedBy,
      requested_at: requestedAt,
      added_by: addedBy,
      added_at: addedAt?.toISOString(),
      added_local: toLocalText(addedAt, zone),
    }),
  };
}

/** `2026-03-02T10:00 America/New_York` */
export function toLocalText(at: Date | undefined, zone: string): string | undefined {
  const view = toTimeView(at, zone);
  return view && `${view.local} ${zone}`;
}

export function toEntryLine({ number, ...known }: Readonly<Record<string, unknown>>): string {
  const { reason, requested_by: by, requested_at: asked, added_local: added } = known;
  const who = (by ?? asked) && `asked${by ? ` by ${by}` : ""}${asked ? ` at ${asked}` : ""}`;
  return `- ${[number, reason, who, added && `added ${added}`].filter(Boolean).join(", ")}`;
}
