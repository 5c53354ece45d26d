/** A released step of the ledger's schema: it never changes. Instants are ms since 1970 UTC. */
export const startSchema = `
  -- JSON of what a launch has to know of the content that was sent.
  ALTER TABLE intents ADD COLUMN facts TEXT;
  CREATE INDEX intents_by_batch ON intents (batch_id);

  CREATE TABLE launches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('now', 'at', 'resume')),
    state TEXT NOT NULL CHECK (state IN ('sent', 'done', 'unknown', 'failed', 'withdrawn')),
    fingerprint TEXT NOT NULL,
    rings_at INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    principal TEXT NOT NULL,
    channel TEXT,
    client TEXT,
    sent_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  -- Of several processes that start the same batch, one gets its row in.
  CREATE UNIQUE INDEX launches_open ON launches (account, batch_id) WHERE state IN ('sent', 'unknown');
  CREATE INDEX launches_by_time ON launches (account, rings_at);
  CREATE INDEX launches_by_age ON launches (sent_at);

  CREATE TABLE launched_numbers (
    number_hash TEXT NOT NULL,
    launch_id INTEGER NOT NULL REFERENCES launches (id) ON DELETE CASCADE,
    PRIMARY KEY (number_hash, launch_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX launched_numbers_by_launch ON launched_numbers (launch_id);
  -- Whose hashes these are cannot be tried out without the key, so a copy of the hashes alone tells nothing.
  CREATE TABLE number_key (id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL) STRICT;
  INSERT INTO number_key VALUES (1, lower(hex(randomblob(32))));

  CREATE TABLE pauses (
    account TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    paused_at INTEGER NOT NULL,
    PRIMARY KEY (account, batch_id)
  ) STRICT, WITHOUT ROWID;
`;
