import type { CallResult, DialRequest } from "../../../contract/records.ts";
import { outcomes } from "../../../domain/batch/batch.ts";
import { Problem } from "../../../domain/problem.ts";
import type { Said } from "../../../domain/said.ts";
import { type DatabaseSync, inTransaction, migrate, openDatabase } from "../../../lib/sqlite.ts";
import { instant, known, oneOf, optional, type Row, readAnswers, readDetails, text, whole } from "../../store/index.ts";

/** `dials` counts how often a token was handed in: 2 means that somebody wanted to place the same attempt twice. */
const schemaSteps: readonly string[] = [
  `
  CREATE TABLE calls (
    token TEXT PRIMARY KEY,
    call_id TEXT NOT NULL,
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    dials INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    ring_ms INTEGER NOT NULL,
    talk_ms INTEGER NOT NULL,
    transcript TEXT,
    summary TEXT
  ) STRICT;
  CREATE INDEX calls_to_number ON calls (to_number);
  `,
  `
  -- What the person said that is acted upon, as JSON.
  ALTER TABLE calls ADD COLUMN said_json TEXT;
  `,
  "ALTER TABLE calls ADD COLUMN answers_json TEXT;",
  "ALTER TABLE calls ADD COLUMN details_json TEXT;",
];

/** Afterwards nobody asks for it: an attempt is clarified when its process, or another, is next there. Results are the store's to keep. */
export const ledgerKeptMs = 30 * 24 * 60 * 60 * 1000;
const callsAPrune = 64;

/** What the simulated carrier remembers of its calls, on disk before anybody hears of it. Several carriers can share one. */
export type SimulatedLedger = {
  /**
   * The call of that token. A new one is written down first: `plan` makes it, told how many calls the number got
   * before. A token that is known already leads to no second call.
   */
  place(request: DialRequest, plan: (earlierCalls: number) => CallResult): Promise<CallResult>;
  find(token: string): Promise<CallResult | undefined>;
  close(): void;
};

/** Opens (and makes) the ledger in a SQLite file. */
export function openSimulatedLedger(path: string): SimulatedLedger {
  const database = openMigrated(path);
  const again = database.prepare("UPDATE calls SET dials = dials + 1 WHERE token = :token RETURNING *");
  const count = database.prepare("SELECT count(*) AS n FROM calls WHERE to_number = :toNumber");
  const insert = database.prepare(
    `INSERT INTO calls (token, call_id, from_number, to_number, dials, outcome, started_at, ended_at, ring_ms, talk_ms, transcript, summary, said_json, answers_json, details_json)
     VALUES (:token, :callId, :fromNumber, :toNumber, 1, :outcome, :startedAt, :endedAt, :ringMs, :talkMs, :transcript, :summary, :said, :answers, :details)`,
  );
  const find = database.prepare("SELECT * FROM calls WHERE token = :token");
  // Rows lie in the order in which they were written: the oldest are first, and no index is needed to find them.
  const prune = database.prepare(
    `DELETE FROM calls WHERE ended_at <= ? AND rowid IN (SELECT rowid FROM calls ORDER BY rowid LIMIT ${2 * callsAPrune})`,
  );
  let placedSince = callsAPrune;

  return {
    async place({ token, callId, fromNumber, toNumber }, plan) {
      return inTransaction(database, () => {
        const placed = again.get({ token });
        if (placed) return toCallResult(placed);
        const result = plan(whole(count.get({ toNumber }) ?? {}, "n"));
        insert.run({ token, callId, fromNumber, toNumber, ...toColumns(result) });
        placedSince += 1;
        if (placedSince > callsAPrune) {
          prune.run(result.startedAt.getTime() - ledgerKeptMs);
          placedSince = 0;
        }
        return result;
      });
    },
    async find(token) {
      const row = find.get({ token });
      return row && toCallResult(row);
    },
    close: () => database.close(),
  };
}

function openMigrated(path: string): DatabaseSync {
  const database = openDatabase(path);
  try {
    migrate(database, schemaSteps, newerLedger);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function newerLedger(found: number, newest: number): Problem {
  const message = `The simulated carrier's ledger has schema ${found}, written by a newer copy of this program; this copy knows ${newest}. Update this copy.`;
  return new Problem("unavailable", message);
}

/** Values of the columns that tell how a call went. */
export function toColumns({
  outcome,
  startedAt,
  endedAt,
  ringMs,
  talkMs,
  transcript,
  summary,
  said,
  answers,
  details,
}: CallResult) {
  const instants = { startedAt: startedAt.getTime(), endedAt: endedAt.getTime() };
  return {
    outcome,
    ...instants,
    ringMs,
    talkMs,
    transcript: transcript ?? null,
    summary: summary ?? null,
    said: said ? JSON.stringify(said) : null,
    answers: answers ? JSON.stringify(answers) : null,
    details: details ? JSON.stringify(details) : null,
  };
}

/** Safe: the column holds nothing but the JSON of a `Said`. */
function readSaidColumn(row: Row): Said | undefined {
  const json = optional(row, "said_json", text);
  return json === undefined ? undefined : JSON.parse(json);
}

export function toCallResult(row: Row): CallResult {
  return known({
    outcome: oneOf(row, "outcome", outcomes),
    startedAt: instant(row, "started_at"),
    endedAt: instant(row, "ended_at"),
    ringMs: whole(row, "ring_ms"),
    talkMs: whole(row, "talk_ms"),
    transcript: optional(row, "transcript", text),
    summary: optional(row, "summary", text),
    said: readSaidColumn(row),
    answers: optional(row, "answers_json", readAnswers),
    details: optional(row, "details_json", readDetails),
  });
}
