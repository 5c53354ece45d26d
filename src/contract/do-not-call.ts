import { z } from "zod";
import { isObject, unwrap } from "./envelope.ts";
import { e164Shape, givenText, maybeInstant, maybeText, present, toWireTime } from "./fields.ts";
import { type PageQuery, pagingFields, toPaginationBody } from "./paging.ts";
import type { DoNotCallEntry } from "./records.ts";

export const maxDoNotCallNumbers = 1000;

const numbers = z.array(e164Shape).min(1).max(maxDoNotCallNumbers);

/** Bodies of the three routes that take numbers, all extensions of our service. */
export const doNotCallNumbersBody = z.strictObject({ numbers });
export const addDoNotCallBody = z.strictObject({ numbers, reason: givenText(500).nullish() });
export const listDoNotCallQuery = z.object(pagingFields);

/** `added_timestamp` is in milliseconds. */
export function toDoNotCallListBody(entries: readonly DoNotCallEntry[], page: PageQuery, totalCount: number) {
  return {
    numbers: entries.map(toEntryBody),
    pagination: toPaginationBody(page, { totalCount }),
    returned_count: entries.length,
  };
}

function toEntryBody({ phoneNumber, reason, addedAt }: DoNotCallEntry) {
  return { phone_number: phoneNumber, reason: reason ?? null, added_timestamp: toWireTime(addedAt) };
}

/** An entry as an upstream tells it. */
export type DoNotCallReading = Omit<DoNotCallEntry, "addedAt"> & Partial<Pick<DoNotCallEntry, "addedAt">>;

const entryReading = z.object({ phone_number: z.string().min(1), reason: maybeText, added_timestamp: maybeInstant });

export function fromDoNotCallBody(body: unknown): DoNotCallReading | undefined {
  const reading = entryReading.safeParse(body);
  if (!reading.success) return undefined;
  const { phone_number: phoneNumber, reason, added_timestamp: addedAt } = reading.data;
  return { phoneNumber, ...present({ reason, addedAt }) };
}

/** How many numbers an add or a remove changed; undefined when the answer does not say. */
export function fromChangedBody(body: unknown, key: "added" | "removed"): number | undefined {
  const data = unwrap(body);
  const changed = isObject(data) ? data[key] : undefined;
  return typeof changed === "number" ? changed : undefined;
}

/** Those of the numbers asked about that are on the list; undefined when the answer does not say. */
export function fromCheckBody(body: unknown): ReadonlySet<string> | undefined {
  const reading = z.object({ listed: z.array(z.string()) }).safeParse(unwrap(body));
  return reading.success ? new Set(reading.data.listed) : undefined;
}
