import type { DoNotCallList } from "../../campaigns/limits/index.ts";
import { judgeListed, type ListedNumber } from "../../domain/do-not-call/listed-number.ts";
import { dropUndefined } from "../arguments/shapes.ts";
import { toTimeView } from "../batch/batch-view.ts";

type Entry = Awaited<ReturnType<DoNotCallList["read"]>>[number];

/**
 * `added_at` is the instant in UTC, `added_local` the same on the clocks of the zone, which it names. An entry that an earlier version
 * kept and that can match nobody is `unusable`, one in an older form of its number names `today`'s.
 */
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
    ...toMark(judgeListed(phoneNumber)),
  };
}

function toMark(listed: ListedNumber): { readonly today?: string; readonly unusable?: string } {
  switch (listed.kind) {
    case "today":
      return {};
    case "older":
      return { today: listed.today.join(", ") };
    case "unusable":
      return { unusable: `${listed.why} Add the right number, and remove this one.` };
  }
}

/** `2026-03-02T10:00 America/New_York` */
export function toLocalText(at: Date | undefined, zone: string): string | undefined {
  const view = toTimeView(at, zone);
  return view && `${view.local} ${zone}`;
}

export function toEntryLine({ number, ...known }: Readonly<Record<string, unknown>>): string {
  const { reason, requested_by: by, requested_at: asked, added_local: added, today, unusable } = known;
  const who = (by ?? asked) && `asked${by ? ` by ${by}` : ""}${asked ? ` at ${asked}` : ""}`;
  return `- ${[number, reason, who, added && `added ${added}`, today && `today ${today}`, unusable && `unusable: ${unusable}`].filter(Boolean).join(", ")}`;
}
