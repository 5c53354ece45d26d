import type { CallResult, DialRequest } from "../../../contract/records.ts";
import { migratePostgres, type Sql, type SqlSession, whole } from "../../store/index.ts";
import { ledgerKeptMs, newerLedger, type SimulatedLedger, toCallResult, toColumns } from "./ledger.ts";

const pruneEveryMs = 60 * 60 * 1000;

/** A schema of its own: the carrier knows nothing of the store's tables, so that it can bear witness against them. */
const schemaSteps: readonly string[] = [
  `
  CREATE TABLE carrier.calls (
    token TEXT PRIMARY KEY,
    call_id TEXT NOT NULL,
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    dials INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    ring_ms BIGINT NOT NULL,
    talk_ms BIGINT NOT NULL,
    transcript TEXT,
    summary TEXT
  );
  CREATE INDEX calls_to_number ON carrier.calls (to_number);
  `,
  `
  -- What the person said that is acted upon, as JSON.
  ALTER TABLE carrier.calls ADD COLUMN said_json TEXT;
  `,
  "ALTER TABLE carrier.calls ADD COLUMN answers_json TEXT;",
  "ALTER TABLE carrier.calls ADD COLUMN details_json TEXT;",
];

/** Opens (and makes) the ledger in a PostgreSQL database, for carriers in many processes. The connection stays open. */
export async function openPostgresLedger(sql: Sql): Promise<SimulatedLedger> {
  await migratePostgres(sql, "carrier", schemaSteps, newerLedger);
  let pruneAt = 0;
  return {
    async place(request, plan) {
      const result = await sql.transaction((session) => place(session, request, plan));
      const now = result.startedAt.getTime();
      if (now >= pruneAt) {
        pruneAt = now + pruneEveryMs;
        await prune(sql, now);
      }
      return result;
    },
    async find(token) {
      const [row] = await sql.query("SELECT * FROM carrier.calls WHERE token = $1", [token]);
      return row && toCallResult(row);
    },
    close() {},
  };
}

/** Reads the whole table: no index is kept for what happens once an hour. What fails is done at the next one; the call stands. */
async function prune(sql: Sql, now: number): Promise<void> {
  await sql.query("DELETE FROM carrier.calls WHERE ended_at <= $1", [now - ledgerKeptMs]).catch(() => {});
}

async function place(
  session: SqlSession,
  { token, callId, fromNumber, toNumber }: DialRequest,
  plan: (earlierCalls: number) => CallResult,
): Promise<CallResult> {
  const [count] = await session.query("SELECT count(*) AS n FROM carrier.calls WHERE to_number = $1 AND token <> $2", [
    toNumber,
    token,
  ]);
  const planned = toColumns(plan(whole(count ?? {}, "n")));
  const [placed] = await session.query(
    `INSERT INTO carrier.calls (token, call_id, from_number, to_number, dials, outcome, started_at, ended_at, ring_ms,
       talk_ms, transcript, summary, said_json, answers_json, details_json)
     VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (token) DO UPDATE SET dials = calls.dials + 1 RETURNING *`,
    [
      token,
      callId,
      fromNumber,
      toNumber,
      planned.outcome,
      planned.startedAt,
      planned.endedAt,
      planned.ringMs,
      planned.talkMs,
      planned.transcript,
      planned.summary,
      planned.said,
      planned.answers,
      planned.details,
    ],
  );
  return toCallResult(placed ?? {});
}
