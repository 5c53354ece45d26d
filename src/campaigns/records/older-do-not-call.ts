import { todaysEntries } from "../../domain/do-not-call/listed-number.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";

/**
 * Lists today's form of entries that an earlier version kept in another one, with their reason and when they came, beside the older
 * one. Does nothing the second time.
 */
export function listTodaysForms(database: DatabaseSync): void {
  const isUnread = database.prepare("SELECT 1 FROM do_not_call WHERE is_read = 0 LIMIT 1");
  if (!isUnread.get()) return;
  const unread = database.prepare(
    "SELECT account, phone_number FROM do_not_call WHERE is_read = 0 ORDER BY account, added_at, phone_number",
  );
  const copy = database.prepare(
    `INSERT INTO do_not_call (account, phone_number, reason, requested_by, requested_at, added_by, added_at)
     SELECT account, ?, reason, requested_by, requested_at, added_by, added_at FROM do_not_call
     WHERE account = ? AND phone_number = ? ON CONFLICT DO NOTHING`,
  );
  inTransaction(database, () => {
    const older = unread.all().map((row) => ({
      account: String(row["account"]),
      older: String(row["phone_number"]),
      phoneNumber: String(row["phone_number"]),
    }));
    for (const entry of todaysEntries(older)) copy.run(entry.phoneNumber, entry.account, entry.older);
    database.exec("UPDATE do_not_call SET is_read = 1 WHERE is_read = 0");
  });
}
