/** A released step of the ledger's schema: it never changes. Instants are ms since 1970 UTC. */
export const grantedStartSchema = `
  -- What was agreed to beyond the numbers: the digest of the whole content where the API shows one, the question that was
  -- answered, and until when a phone may ring at most.
  ALTER TABLE launches ADD COLUMN content_digest TEXT;
  ALTER TABLE launches ADD COLUMN approval_id TEXT;
  ALTER TABLE launches ADD COLUMN last_at INTEGER;
  -- Until when its phones are expected to ring, by its rules.
  ALTER TABLE launches ADD COLUMN rings_until INTEGER;
  UPDATE launches SET rings_until = rings_at;
  -- Whether a paused batch may go on is the service's to know, which keeps the agreement.
  DROP TABLE pauses;
`;
