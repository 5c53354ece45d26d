/** A released step of the ledger's schema: it never changes. */
export const cancelledSchema = `
  -- Batches that were cancelled here before anybody was called, at an API without a cancel: it has deleted them.
  CREATE TABLE cancelled_batches (
    account TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    cancelled_at INTEGER NOT NULL,
    batch_json TEXT NOT NULL,
    tasks_json TEXT,
    PRIMARY KEY (account, batch_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cancelled_batches_by_age ON cancelled_batches (cancelled_at);
`;
