import type { Consent } from "../../domain/batch/consent.ts";
import { type ApprovalChannel, approvalChannels } from "../../domain/batch/grant.ts";
import type { DatabaseSync } from "../../lib/sqlite.ts";

/** Who made something happen that a person is asked about. `client` is the MCP client's own name, where there is one. */
export type Actor = { readonly principal: string; readonly client?: string };

/** Who answered, through which door. */
export type Answerer = Actor & { readonly channel: ApprovalChannel };

export const auditKinds = [
  "asked",
  "approved",
  "declined",
  "wrong_count",
  "voided",
  "launched",
  "launch_unknown",
  "refused",
  "opted_out",
  "token_made",
  "token_revoked",
  "stopped_all",
  "released",
] as const;

/** One line of the record: append-only, never with a whole number or a secret. */
export type AuditEntry = {
  readonly at: Date;
  readonly kind: (typeof auditKinds)[number];
  readonly principal: string;
  readonly channel?: ApprovalChannel;
  readonly client?: string;
  readonly batchId?: string;
  readonly fingerprint?: string;
  readonly recipients?: number;
  /** What the question said that the calls are for. */
  readonly consent?: Consent;
  /** For a refusal: the rule and the setting. For a token: its name, scopes and organization. */
  readonly detail?: string;
};

export type Audit = {
  append(entry: AuditEntry): void;
  /** Newest last. */
  read(limit: number): readonly AuditEntry[];
};

/** The record in the ledger's file. The database itself refuses to change or remove a line. */
export function createAudit(database: DatabaseSync): Audit {
  const insert = database.prepare(
    "INSERT INTO audit (at, kind, principal, channel, client, batch_id, fingerprint, recipients, detail, purpose, consent_basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
        entry.consent?.purpose ?? null,
        entry.consent?.basis ?? null,
      ),
    read: (limit) => newest.all(limit).map(toEntry).reverse(),
  };
}

type Row = Readonly<Record<string, unknown>>;

function toEntry(row: Row): AuditEntry {
  const channel = toChannel(row["channel"]);
  const consent = {
    ...(row["purpose"] !== null && { purpose: String(row["purpose"]) }),
    ...(row["consent_basis"] !== null && { basis: String(row["consent_basis"]) }),
  };
  return {
    at: new Date(Number(row["at"])),
    kind: toKind(row["kind"]),
    principal: String(row["principal"]),
    ...(channel && { channel }),
    ...(row["client"] !== null && { client: String(row["client"]) }),
    ...(row["batch_id"] !== null && { batchId: String(row["batch_id"]) }),
    ...(row["fingerprint"] !== null && { fingerprint: String(row["fingerprint"]) }),
    ...(row["recipients"] !== null && { recipients: Number(row["recipients"]) }),
    ...(Object.keys(consent).length > 0 && { consent }),
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
