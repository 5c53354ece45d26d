import { randomBytes } from "node:crypto";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";
import { type Actor, type Answerer, type AuditEntry, createAudit, toChannel } from "../records/index.ts";
import {
  type AnswerResult,
  type ApprovalRequest,
  type ApprovalStore,
  mostWrongCounts,
  type StartSummary,
  type SummaryPart,
} from "./approval.ts";
import { tooManyOpen } from "./refusals.ts";

const openForMs = 15 * 60 * 1000;
const keptForMs = 30 * 24 * 60 * 60 * 1000;

/** The questions and answers in the ledger's file. What changes them, but `consume`, opens a transaction of its own. */
export function createApprovalStore(database: DatabaseSync): ApprovalStore {
  const sql = prepareApprovals(database);
  const audit = createAudit(database);

  const get = (id: string, now: Date): ApprovalRequest | undefined => {
    const row = sql.byId.get(id);
    return row && toRequest(row, now);
  };

  const note = (kind: AuditEntry["kind"], request: ApprovalRequest, by: Actor, at: Date, detail?: string): void => {
    const { batchId, fingerprint, recipients, consent } = request.summary;
    const about = { batchId, fingerprint, recipients, ...(consent && { consent }) };
    audit.append({ at, kind, ...by, ...about, ...(detail && { detail }) });
  };

  const openAll = (now: Date): readonly ApprovalRequest[] =>
    sql.waiting.all(now.getTime()).map((row) => toRequest(row, now));

  const end = (request: ApprovalRequest, why: string, by: Actor, now: Date): void => {
    sql.endEarly.run(now.getTime(), why, request.id);
    note("voided", request, by, now, why);
  };

  const endAll = (batchId: string, why: string, by: Actor, now: Date): void => {
    const ended = sql.endAllOf.all(now.getTime(), why, batchId, now.getTime());
    for (const row of ended) note("voided", toRequest(row, now), by, now, why);
  };

  const askAnew = (summary: StartSummary, by: Actor, now: Date): ApprovalRequest => {
    const id = randomBytes(16).toString("base64url");
    const expiresAt = new Date(now.getTime() + openForMs);
    const { batchId, fingerprint, recipients } = summary;
    const json = JSON.stringify(summary);
    sql.insert.run(id, batchId, fingerprint, json, recipients, now.getTime(), expiresAt.getTime());
    const request: ApprovalRequest = { id, summary, expiresAt, state: "waiting", triesLeft: mostWrongCounts };
    note("asked", request, by, now);
    return request;
  };

  /** Settles one answer: `settle` decides about a question that still waits; what is over stays over. */
  const answer = (
    id: string,
    by: Answerer,
    now: Date,
    settle: (request: ApprovalRequest) => AnswerResult,
  ): AnswerResult =>
    inTransaction(database, () => {
      const request = get(id, now);
      if (!request) return "unknown";
      if (request.state === "waiting") return settle(request);
      note("refused", request, by, now, `an answer came when the question was ${request.state}`);
      return request.state === "approved" ? "used" : request.state;
    });

  const refuseCount = (request: ApprovalRequest, typed: number, by: Answerer, now: Date): AnswerResult => {
    sql.countWrong.run(request.id);
    note("wrong_count", request, by, now, `${typed} was typed`);
    if (request.triesLeft > 1) return "wrong_count";
    const why = `A wrong number of recipients was typed ${mostWrongCounts} times.`;
    end(request, why, by, now);
    return "voided";
  };

  return {
    ask: (summary, by, now, mostOpen = Number.POSITIVE_INFINITY) =>
      inTransaction(database, () => {
        sql.prune.run(now.getTime() - keptForMs);
        const found = sql.standing.get(summary.batchId, summary.fingerprint, now.getTime());
        const standing = found && toRequest(found, now);
        if (standing && standing.summary.stateVersion === summary.stateVersion) return standing;
        if (standing) endAll(summary.batchId, "The batch was paused, stopped or started since the question.", by, now);
        const open = openAll(now);
        const others = open.filter((request) => request.summary.batchId !== summary.batchId);
        if (others.length >= mostOpen) throw tooManyOpen(summary.batchId, others);
        const why = "The same batch was asked about again, to start otherwise.";
        for (const request of open) if (!others.includes(request)) end(request, why, by, now);
        return askAnew(summary, by, now);
      }),

    get,
    openFor: (batchId, now) => sql.waitingOf.all(batchId, now.getTime()).map((row) => toRequest(row, now)),
    openAll,
    agreed: (now, most = Number.MAX_SAFE_INTEGER) =>
      sql.agreed.all(now.getTime() - keptForMs, now.getTime(), most).map((row) => toRequest(row, now)),

    approve: (id, typedRecipients, by, now, why) =>
      answer(id, by, now, (request) => {
        if (typedRecipients !== request.summary.recipients) return refuseCount(request, typedRecipients, by, now);
        sql.approve.run(now.getTime(), by.channel, by.principal, by.client ?? null, id);
        note("approved", request, by, now, why);
        return "approved";
      }),

    decline: (id, by, now) =>
      answer(id, by, now, (request) => {
        sql.decline.run(now.getTime(), by.channel, by.principal, by.client ?? null, id);
        note("declined", request, by, now);
        return "declined";
      }),

    withdraw: (id, why, by, now) =>
      inTransaction(database, () => {
        const request = get(id, now);
        if (request?.state === "waiting") end(request, why, by, now);
      }),

    voidFor: (batchId, why, by, now) => inTransaction(database, () => endAll(batchId, why, by, now)),

    consume(batchId, fingerprint, now) {
      const row = sql.use.get(now.getTime(), batchId, fingerprint, now.getTime());
      return row && { id: String(row["id"]), by: toAnswerer(row), lastAt: readSummary(String(row["summary"])).lastAt };
    },
  };
}

type ApprovalRow = Readonly<Record<string, unknown>>;

function toRequest(row: ApprovalRow, now: Date): ApprovalRequest {
  return {
    id: String(row["id"]),
    summary: readSummary(String(row["summary"])),
    expiresAt: new Date(Number(row["expires_at"])),
    state: toState(row, now),
    triesLeft: Math.max(0, mostWrongCounts - Number(row["wrong_counts"])),
    ...(row["voided_why"] !== null && { voidedWhy: String(row["voided_why"]) }),
  };
}

function toState(row: ApprovalRow, now: Date): ApprovalRequest["state"] {
  if (row["used_at"] !== null) return "used";
  if (row["voided_at"] !== null) return "voided";
  if (row["declined_at"] !== null) return "declined";
  if (Number(row["expires_at"]) <= now.getTime()) return "expired";
  return row["approved_at"] === null ? "waiting" : "approved";
}

/** Who gave an approval. Throws for a row that was never answered. */
function toAnswerer(row: ApprovalRow): Answerer {
  const channel = toChannel(row["channel"]);
  if (!channel) throw new Error("An approval without a channel was about to be used");
  return {
    channel,
    principal: String(row["principal"]),
    ...(row["client"] !== null && { client: String(row["client"]) }),
  };
}

type StoredStart = { readonly kind: "now" } | { readonly kind: "at"; readonly at: string; readonly local?: string };
type StoredSummary = Omit<StartSummary, "start" | "lastAt" | "parts"> & {
  readonly start: StoredStart;
  /** Absent in a question of an earlier version. */
  readonly lastAt?: string;
  readonly parts?: readonly (Omit<SummaryPart, "start"> & { readonly start?: StoredStart })[];
};

/** The last instant that a date can be, where a question told none. */
const neverMs = 8.64e15;

/** Safe: this column holds nothing but the JSON of a `StoredSummary`, and a ledger of another schema is never opened. */
function readSummary(text: string): StartSummary {
  const stored: StoredSummary = JSON.parse(text);
  const { start, lastAt, parts, ...others } = stored;
  const revived = parts?.map(({ start: own, ...part }) => ({ ...part, ...(own && { start: readStart(own) }) }));
  return {
    ...others,
    start: readStart(start),
    lastAt: new Date(lastAt ?? neverMs),
    ...(revived && { parts: revived }),
  };
}

function readStart(start: StoredStart): StartSummary["start"] {
  return start.kind === "at" ? { ...start, at: new Date(start.at) } : start;
}

const waits = "approved_at IS NULL AND declined_at IS NULL AND voided_at IS NULL AND expires_at > ?";
const stands = "declined_at IS NULL AND voided_at IS NULL AND used_at IS NULL AND expires_at > ?";

/** What the approval book says to its table. Parameters stand in the order of the question marks; instants are ms. */
function prepareApprovals(database: DatabaseSync) {
  return {
    byId: database.prepare("SELECT * FROM approvals WHERE id = ?"),
    standing: database.prepare(
      `SELECT * FROM approvals WHERE batch_id = ? AND fingerprint = ? AND ${stands} ORDER BY asked_at DESC LIMIT 1`,
    ),
    waitingOf: database.prepare(`SELECT * FROM approvals WHERE batch_id = ? AND ${waits} ORDER BY asked_at DESC`),
    waiting: database.prepare(`SELECT * FROM approvals WHERE ${waits} ORDER BY asked_at DESC`),
    // MAX takes the other columns from the same row: https://sqlite.org/lang_select.html#bareagg
    agreed: database.prepare(
      `SELECT *, MAX(approved_at) FROM approvals
       WHERE approved_at IS NOT NULL AND asked_at > ? AND (used_at IS NOT NULL OR ${stands})
       GROUP BY batch_id ORDER BY approved_at DESC, id LIMIT ?`,
    ),
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
