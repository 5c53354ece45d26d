import { z } from "zod";
import { longestFacts } from "../domain/do-not-call/entry.ts";
import { isObject, unwrap } from "./envelope.ts";
import {
  e164Shape,
  givenText,
  maybeInstant,
  maybeText,
  type Parsed,
  parseWith,
  present,
  toWireTime,
} from "./fields.ts";
import {
  type CountedRows,
  type CursorList,
  cursorFields,
  fromCursor,
  type PageQuery,
  toPaginationBody,
} from "./paging.ts";
import type { DoNotCallEntry, DoNotCallFacts, NewDoNotCallEntry } from "./records.ts";

export const maxDoNotCallNumbers = 1000;
const defaultPageSize = 20;

const numbers = z.array(e164Shape).min(1).max(maxDoNotCallNumbers);

const factsBody = {
  reason: givenText(longestFacts.reason).nullish(),
  requested_by: givenText(longestFacts.requestedBy).nullish().describe("Who asked, in your own words."),
  requested_at: givenText(longestFacts.requestedAt)
    .nullish()
    .describe("When they asked, as you have it, with its zone; kept as text."),
};

/** Bodies of the three routes that take numbers, all extensions of our service. */
export const doNotCallNumbersBody = z.strictObject({ numbers });
export const addDoNotCallBody = z
  .strictObject({
    numbers: numbers.optional().describe("Numbers of which the same is to be said."),
    ...factsBody,
    entries: z
      .array(z.strictObject({ phone_number: e164Shape, ...factsBody }))
      .min(1)
      .max(maxDoNotCallNumbers)
      .optional()
      .describe("Numbers of which different things are to be said; what stands beside numbers is not for them."),
    added_by: givenText(200).nullish().describe("Who adds them, such as a user of your system; api when left out."),
  })
  .superRefine(({ numbers: alike, entries }, context) => {
    if (alike ?? entries) return;
    const message = "This field is required, or entries.";
    context.addIssue({ code: "custom", path: ["numbers"], message, params: { code: "required" } });
  });
export const listDoNotCallQuery = z.object(cursorFields);

/** Newest first, and those that came together by number. */
const list: CursorList = { name: "do_not_call", keys: ["number", "string"] };

export function fromListDoNotCallQuery(query: unknown): Parsed<PageQuery> {
  const parsed = parseWith(listDoNotCallQuery, query);
  if (!parsed.ok) return parsed;
  const { page = 0, limit = defaultPageSize, cursor } = parsed.value;
  const place = fromCursor(cursor, list);
  return place.ok ? { ok: true, value: { page, limit, ...place.value } } : place;
}

/** The entries of a body, as they are to be stored. */
export function toNewEntries({
  numbers: alike = [],
  entries = [],
  added_by: by,
  ...facts
}: z.output<typeof addDoNotCallBody>): readonly NewDoNotCallEntry[] {
  const addedBy = by ?? "api";
  return [
    ...alike.map((phoneNumber) => ({ phoneNumber, ...fromFactsBody(facts), addedBy })),
    ...entries.map(({ phone_number: phoneNumber, ...own }) => ({ phoneNumber, ...fromFactsBody(own), addedBy })),
  ];
}

type FactsBody = { readonly [K in keyof typeof factsBody]?: string | null | undefined };

function fromFactsBody({ reason, requested_by: requestedBy, requested_at: requestedAt }: FactsBody): DoNotCallFacts {
  return present({ reason, requestedBy, requestedAt });
}

function toFactsBody({ reason, requestedBy, requestedAt }: DoNotCallFacts) {
  return present({ reason, requested_by: requestedBy, requested_at: requestedAt });
}

/** All entries of one body come the same way. */
export function toAddDoNotCallBody(entries: readonly NewDoNotCallEntry[]): object {
  const [first] = entries;
  const by = present({ added_by: first?.addedBy });
  const said = first && JSON.stringify(toFactsBody(first));
  return first && entries.every((entry) => JSON.stringify(toFactsBody(entry)) === said)
    ? { numbers: entries.map(({ phoneNumber }) => phoneNumber), ...toFactsBody(first), ...by }
    : { entries: entries.map((entry) => ({ phone_number: entry.phoneNumber, ...toFactsBody(entry) })), ...by };
}

/** The same for a service that knows numbers and a reason only: whatever else is said becomes part of the reason. */
export function toOlderAddBodies(entries: readonly NewDoNotCallEntry[]): readonly object[] {
  const byReason = new Map<string, string[]>();
  for (const entry of entries) {
    const reason = factsInWords(entry).slice(0, longestFacts.reason);
    byReason.set(reason, [...(byReason.get(reason) ?? []), entry.phoneNumber]);
  }
  return Array.from(byReason, ([reason, alike]) => ({ numbers: alike, ...(reason !== "" && { reason }) }));
}

function factsInWords({ reason, requestedBy, requestedAt }: DoNotCallFacts): string {
  const asked = [requestedBy && `by ${requestedBy}`, requestedAt && `at ${requestedAt}`].filter(Boolean).join(" ");
  return [reason, asked && `asked ${asked}`].filter(Boolean).join("; ");
}

/** `added_timestamp` is in milliseconds. */
export function toDoNotCallListBody({ rows, ...found }: CountedRows<DoNotCallEntry>, page: PageQuery) {
  return {
    numbers: rows.map(toEntryBody),
    pagination: toPaginationBody(page, found, list),
    returned_count: rows.length,
  };
}

/** `listed` has the numbers alone. */
export function toCheckBody(entries: readonly DoNotCallEntry[]) {
  return { listed: entries.map(({ phoneNumber }) => phoneNumber), entries: entries.map(toEntryBody) };
}

function toEntryBody({ phoneNumber, reason, requestedBy, requestedAt, addedBy, addedAt }: DoNotCallEntry) {
  return {
    phone_number: phoneNumber,
    reason: reason ?? null,
    requested_by: requestedBy ?? null,
    requested_at: requestedAt ?? null,
    added_by: addedBy ?? null,
    added_timestamp: toWireTime(addedAt),
  };
}

/** An entry as an upstream tells it. */
export type DoNotCallReading = Omit<DoNotCallEntry, "addedAt"> & Partial<Pick<DoNotCallEntry, "addedAt">>;

const entryReading = z.object({
  phone_number: z.string().min(1),
  reason: maybeText,
  requested_by: maybeText,
  requested_at: maybeText,
  added_by: maybeText,
  added_timestamp: maybeInstant,
});

export function fromDoNotCallBody(body: unknown): DoNotCallReading | undefined {
  const reading = entryReading.safeParse(body);
  if (!reading.success) return undefined;
  const { phone_number: phoneNumber, added_by: addedBy, added_timestamp: addedAt, ...facts } = reading.data;
  return { phoneNumber, ...fromFactsBody(facts), ...present({ addedBy, addedAt }) };
}

/** How many numbers an add or a remove changed; undefined when the answer does not say. */
export function fromChangedBody(body: unknown, key: "added" | "removed"): number | undefined {
  const data = unwrap(body);
  const changed = isObject(data) ? data[key] : undefined;
  return typeof changed === "number" ? changed : undefined;
}

/** Those of the numbers asked about that are on the list; undefined when the answer does not say. */
export function fromCheckBody(body: unknown): readonly DoNotCallReading[] | undefined {
  const schema = z.object({ listed: z.array(z.string()), entries: z.array(z.unknown()).catch([]) });
  const reading = schema.safeParse(unwrap(body));
  if (!reading.success) return undefined;
  // An older service answers the numbers alone.
  const known = new Map(
    reading.data.entries.flatMap((entry) => {
      const read = fromDoNotCallBody(entry);
      return read ? [[read.phoneNumber, read] as const] : [];
    }),
  );
  return reading.data.listed.map((phoneNumber) => known.get(phoneNumber) ?? { phoneNumber });
}
