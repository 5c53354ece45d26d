import type { DoNotCallEntry } from "../domain/do-not-call/entry.ts";
import { formatCsv } from "./csv-text.ts";

/** An entry as it is written, with the moment it was added on the clocks of a zone. */
export type DoNotCallLine = Omit<DoNotCallEntry, "addedAt"> & { readonly addedAt?: Date; readonly addedLocal?: string };

const columns = ["phone_number", "reason", "requested_by", "requested_at", "added_utc", "added_local", "added_by"];

/**
 * The do-not-call list as CSV that opens safely in a spreadsheet: with a byte order mark, and an apostrophe before what would be
 * computed, numbers too. `update_do_not_call_list` reads it in again.
 */
export function toDoNotCallCsv(lines: readonly DoNotCallLine[]): string {
  const records = lines.map(({ phoneNumber, reason, requestedBy, requestedAt, addedAt, addedLocal, addedBy }) =>
    [phoneNumber, reason, requestedBy, requestedAt, addedAt?.toISOString(), addedLocal, addedBy].map(
      (cell) => cell ?? "",
    ),
  );
  return `\uFEFF${formatCsv([columns, ...records], { guardFormulas: true })}`;
}
