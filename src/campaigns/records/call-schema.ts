/** A released step of the ledger's schema: it never changes. */
export const callSchema = `
  -- Calls of an API that tells no outcomes with the recipients, as they were read once nothing of them could change any more.
  CREATE TABLE kept_calls (
    account TEXT NOT NULL,
    call_id TEXT NOT NULL,
    call_json TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    PRIMARY KEY (account, call_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX kept_calls_by_age ON kept_calls (read_at);
`;
