/** A released step of the ledger's schema: it never changes. Instants are ms since 1970 UTC. */
export const approvalSchema = `
  CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    batch_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    summary TEXT NOT NULL,
    recipients INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    wrong_counts INTEGER NOT NULL DEFAULT 0,
    approved_at INTEGER,
    channel TEXT,
    principal TEXT,
    client TEXT,
    declined_at INTEGER,
    voided_at INTEGER,
    voided_why TEXT,
    used_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX approvals_by_launch ON approvals (batch_id, fingerprint);
  CREATE INDEX approvals_by_age ON approvals (asked_at);

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    principal TEXT NOT NULL,
    channel TEXT,
    client TEXT,
    batch_id TEXT,
    fingerprint TEXT,
    recipients INTEGER,
    detail TEXT
  ) STRICT;
  CREATE TRIGGER audit_keeps_every_line BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;
  CREATE TRIGGER audit_changes_no_line BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;
  -- INSERT OR REPLACE removes a row without firing the trigger on DELETE.
  CREATE TRIGGER audit_replaces_no_line BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;

  CREATE TABLE kill_switch (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    changed_at INTEGER NOT NULL,
    principal TEXT NOT NULL
  ) STRICT;
`;
