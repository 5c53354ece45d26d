import { todaysEntries } from "../../../domain/do-not-call/listed-number.ts";
import { text, toDoNotCallEntry } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

const blockSize = 1000;

/**
 * Lists today's form of entries that an earlier schema kept in another one, with what was said of them and when they came. The older
 * one stays: an older batch may have the number in that form. Part of the caller's transaction; does nothing the second time.
 */
export function* listTodaysForms({ schema, rowsOf }: Dialect): SqlWork<void> {
  const unread = `
    SELECT * FROM ${schema}.do_not_call WHERE is_read = 0
    ORDER BY organization_id, added_at, phone_number LIMIT ${blockSize}`;
  const insert = `
    INSERT INTO ${schema}.do_not_call (organization_id, phone_number, reason, requested_by, requested_at, added_by, added_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, CAST(value ->> 6 AS BIGINT)
    FROM ${rowsOf("$1")} WHERE TRUE ON CONFLICT DO NOTHING`;
  const mark = `
    UPDATE ${schema}.do_not_call SET is_read = 1
    FROM ${rowsOf("$1")} WHERE organization_id = list.value ->> 0 AND phone_number = list.value ->> 1`;

  for (;;) {
    const rows = yield* query(unread, []);
    if (rows.length === 0) return;
    const entries = rows.map((row) => ({ owner: text(row, "organization_id"), ...toDoNotCallEntry(row) }));
    const today = todaysEntries(entries).map(({ owner, phoneNumber, reason, requestedBy, requestedAt, ...came }) => {
      const said = [reason ?? null, requestedBy ?? null, requestedAt ?? null];
      return [owner, phoneNumber, ...said, came.addedBy ?? null, came.addedAt.getTime()];
    });
    if (today.length > 0) yield* query(insert, [JSON.stringify(today)]);
    yield* query(mark, [JSON.stringify(entries.map(({ owner, phoneNumber }) => [owner, phoneNumber]))]);
  }
}
