import type { DatabaseSync } from "../../lib/sqlite.ts";
import {
  type ApprovalChannel,
  type Audit,
  type AuditEntry,
  approvalChannels,
  auditKinds,
} from "../approve/approval.ts";

/** The record in the ledger's file. The database itself refuses to change or remove a line. */
export function createAudit(database: DatabaseSync): Audit {
  const insert = database.prepare(
    "INSERT INTO audit (at, kind, principal, channel, client, batch_id, fingerprint, recipients, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const newest = database.prepare("SELECT * FROM audit ORDER BY id DESC LIMIT ?");
  return {
    append: (entry) =>
      void insert.run(
        entry.at.getTime(),
        entry.kind,
        entry.principal,
        entry.channel ?? null,
        entry.client ?? null,
        entry.batchId ?? null,
        entry.fingerprint ?? null,
        entry.recipients ?? null,
        entry.detail ?? null,
      ),
    read: (limit) => newest.all(limit).map(toEntry).reverse(),
  };
}

type Row = Readonly<Record<string, unknown>>;

function toEntry(row: Row): AuditEntry {
  const channel = toChannel(row["channel"]);
  return {
    at: new Date(Number(row["at"])),
    kind: toKind(row["kind"]),
    principal: String(row["principal"]),
    ...(channel && { channel }),
    ...(row["client"] !== null && { client: String(row["client"]) }),
    ...(row["batch_id"] !== null && { batchId: String(row["batch_id"]) }),
    ...(row["fingerprint"] !== null && { fingerprint: String(row["fingerprint"]) }),
    ...(row["recipients"] !== null && { recipients: Number(row["recipients"]) }),
    ...(row["detail"] !== null && { detail: String(row["detail"]) }),
  };
}

function toKind(text: unknown): AuditEntry["kind"] {
  const kind = auditKinds.find((known) => known === text);
  if (!kind) throw new Error(`The audit record holds a line of the unknown kind "${text}"`);
  return kind;
}

/** Undefined where no channel was used. */
export function toChannel(text: unknown): ApprovalChannel | undefined {
  return approvalChannels.find((known) => known === text);
}
