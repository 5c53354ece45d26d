/** A released step of the ledger's schema: it never changes. Instants are ms since 1970 UTC. */
export const groupSchema = `
  -- A long list that became linked batches, on disk before the first of them is created.
  CREATE TABLE batch_groups (
    group_id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    generation INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('creating', 'created', 'cancelled')),
    name TEXT NOT NULL,
    cut_digest TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX batch_groups_by_content ON batch_groups (key, generation);
  CREATE INDEX batch_groups_by_age ON batch_groups (account, created_at);

  CREATE TABLE group_parts (
    group_id TEXT NOT NULL REFERENCES batch_groups (group_id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    last_row INTEGER NOT NULL,
    batch_id TEXT,
    PRIMARY KEY (group_id, part)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX group_parts_by_batch ON group_parts (batch_id);

  -- 1: written down with other parts by one agreement, and its request has not left.
  ALTER TABLE launches ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
`;

/** A released step of the ledger's schema: it never changes. */
export const groupStepSchema = `
  -- What is needed to send a start that waits after its process ended: the wall time of a start at the recipients' own time; of a
  -- resume, whether unknown recipients are called again, and the agreement that it takes up.
  ALTER TABLE launches ADD COLUMN local_time TEXT;
  ALTER TABLE launches ADD COLUMN redial_unknown INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE launches ADD COLUMN resumed_grant_id TEXT;
  -- 'pause' or 'cancel' while that is under way and not done to all parts.
  ALTER TABLE batch_groups ADD COLUMN stopping TEXT;
`;

/** A released step of the ledger's schema: it never changes. */
export const groupListSchema = `
  -- In which part somebody is to be by a change of the list of linked batches that is under way.
  CREATE TABLE group_newcomers (
    group_id TEXT NOT NULL REFERENCES batch_groups (group_id) ON DELETE CASCADE,
    to_number TEXT NOT NULL,
    part INTEGER NOT NULL,
    PRIMARY KEY (group_id, to_number)
  ) STRICT, WITHOUT ROWID;
`;

/** A released step of the ledger's schema: it never changes. */
export const groupStartSchema = `
  -- In which state the batch was when its start was agreed to; null where the API does not tell.
  ALTER TABLE launches ADD COLUMN state_version INTEGER;
`;
