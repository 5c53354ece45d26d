/** What is known of an entry of the do-not-call list beside its reason; `is_read` as in the service's store. */
export const doNotCallSchema = `
  ALTER TABLE do_not_call ADD COLUMN requested_by TEXT;
  ALTER TABLE do_not_call ADD COLUMN requested_at TEXT;
  ALTER TABLE do_not_call ADD COLUMN added_by TEXT;
  ALTER TABLE do_not_call ADD COLUMN is_read INTEGER NOT NULL DEFAULT 1;
  UPDATE do_not_call SET is_read = 0;
  CREATE INDEX do_not_call_unread ON do_not_call (is_read) WHERE is_read = 0;
  CREATE INDEX do_not_call_by_age ON do_not_call (account, added_at DESC, phone_number);
  `;
