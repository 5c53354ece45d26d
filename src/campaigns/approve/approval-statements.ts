import type { DatabaseSync } from "../../lib/sqlite.ts";

const waits = "approved_at IS NULL AND declined_at IS NULL AND voided_at IS NULL AND expires_at > ?";
const stands = "declined_at IS NULL AND voided_at IS NULL AND used_at IS NULL AND expires_at > ?";

/** What the approval book says to its table. Parameters stand in the order of the question marks; instants are ms. */
export function prepareApprovals(database: DatabaseSync) {
  return {
    byId: database.prepare("SELECT * FROM approvals WHERE id = ?"),
    standing: database.prepare(
      `SELECT * FROM approvals WHERE batch_id = ? AND fingerprint = ? AND ${stands} ORDER BY asked_at DESC LIMIT 1`,
    ),
    waitingOf: database.prepare(`SELECT * FROM approvals WHERE batch_id = ? AND ${waits} ORDER BY asked_at DESC`),
    waiting: database.prepare(`SELECT * FROM approvals WHERE ${waits} ORDER BY asked_at DESC`),
    insert: database.prepare(
      "INSERT INTO approvals (id, batch_id, fingerprint, summary, recipients, asked_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    prune: database.prepare("DELETE FROM approvals WHERE asked_at <= ?"),
    approve: database.prepare(
      "UPDATE approvals SET approved_at = ?, channel = ?, principal = ?, client = ? WHERE id = ?",
    ),
    decline: database.prepare(
      "UPDATE approvals SET declined_at = ?, channel = ?, principal = ?, client = ? WHERE id = ?",
    ),
    countWrong: database.prepare("UPDATE approvals SET wrong_counts = wrong_counts + 1 WHERE id = ?"),
    endEarly: database.prepare("UPDATE approvals SET voided_at = ?, voided_why = ? WHERE id = ?"),
    endAllOf: database.prepare(
      `UPDATE approvals SET voided_at = ?, voided_why = ? WHERE batch_id = ? AND ${stands} RETURNING *`,
    ),
    use: database.prepare(
      `UPDATE approvals SET used_at = ? WHERE id = (
         SELECT id FROM approvals WHERE batch_id = ? AND fingerprint = ? AND approved_at IS NOT NULL AND ${stands} LIMIT 1
       ) RETURNING *`,
    ),
  };
}
