import { instant, known, ms, oneOf, optional, type Row, text } from "../rows.ts";
import { type Send, type SendLedger, type SendLimit, type SentCall, sendStates, wavePrefix } from "../send-ledger.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

/** See `SendLedger`. */
export function createSendLedger({ run, transaction }: SqlRunner, { schema, isOneOf, lockName }: Dialect): SendLedger {
  const insertSend = `INSERT INTO ${schema}.sends (reference, state, prepared_at, is_left) VALUES ($1, 'prepared', $2, 0)`;
  // A token whose last send came to nothing may be sent again; any other is with the provider, or may be.
  const insertCall = `
    INSERT INTO ${schema}.sent_calls (token, reference, from_number, to_number, agent_id) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (token) DO UPDATE SET reference = $2, from_number = $3, to_number = $4, agent_id = $5, provider_call_id = NULL,
        rang_at = NULL
      WHERE EXISTS (SELECT 1 FROM ${schema}.sends WHERE sends.reference = sent_calls.reference AND state = 'not_now')
    RETURNING token`;
  const move = `
    UPDATE ${schema}.sends SET state = $2, provider_id = coalesce($3, provider_id), sent_at = coalesce($4, sent_at),
      settles_at = coalesce($5, settles_at), reason = coalesce($6, reason), is_left = coalesce($7, is_left)
    WHERE reference = $1 AND ${isOneOf("state", "$8")} RETURNING reference`;
  const find = `
    SELECT * FROM ${schema}.sent_calls JOIN ${schema}.sends ON sends.reference = sent_calls.reference WHERE token = $1`;
  const between = `
    SELECT sends.* FROM ${schema}.sent_calls JOIN ${schema}.sends ON sends.reference = sent_calls.reference
    WHERE from_number = $1 AND to_number = $2`;
  const onTheWay = `
    SELECT sends.*, sent_calls.* ${sentCalls(schema)} ${isOpen} AND attempts.batch_id = $1
      AND rang_at IS NULL AND sends.state IN ('prepared', 'sending', 'accepted', 'in_doubt') ORDER BY sent_calls.token`;
  const givenUp = `
    SELECT sends.*, sent_calls.* ${sentCalls(schema)} ${isGivenUp} AND (attempts.batch_id = $1 OR $1 IS NULL) ORDER BY sent_calls.token`;
  const unknownEnds = `
    SELECT sent_calls.token ${sentCalls(schema)} ${isUnknown} AND (${isQueued} OR coalesce(rang_at, sends.sent_at) >= $1)
    ORDER BY sends.reference, sent_calls.token`;
  const numbersOf = `SELECT to_number FROM ${schema}.sent_calls WHERE reference = $1 ORDER BY token`;
  const noteRang = `UPDATE ${schema}.sent_calls SET rang_at = $2 WHERE token = $1 AND rang_at IS NULL`;
  const nameCall = `UPDATE ${schema}.sent_calls SET provider_call_id = $2 WHERE token = $1`;
  const left = `
    SELECT * FROM ${schema}.sends WHERE is_left = 1 AND state IN ('not_now', 'refused') ORDER BY prepared_at, reference`;
  const removed = `UPDATE ${schema}.sends SET is_left = 0 WHERE reference = $1`;
  const bound = `SELECT name FROM ${schema}.provider`;
  const underWay = `SELECT 1 FROM ${schema}.attempts WHERE state <> 'ended' LIMIT 1`;
  const bind = `INSERT INTO ${schema}.provider (name) VALUES ($1)`;

  function* prepareAll(reference: string, calls: readonly SentCall[], now: Date, limit?: SendLimit): SqlWork<boolean> {
    if (limit) {
      // Of two processes that prepare a wave of one batch at once, the second sees that of the first.
      if (lockName) yield* query(lockName, [`${schema}.sends ${limit.batchId}`]);
      const before = yield* query(onTheWay, [limit.batchId]);
      if (before.length + calls.length > limit.most) return false;
    }
    yield* query(insertSend, [reference, now.getTime()]);
    for (const { token, fromNumber, toNumber, agentId } of calls) {
      const [taken] = yield* query(insertCall, [token, reference, fromNumber, toNumber, agentId]);
      if (!taken) throw new Error(`The attempt ${token} is with the provider already, or may be`);
    }
    return true;
  }

  function* bindTo(provider: string, knowsEarlierCalls: boolean): SqlWork<string | undefined> {
    if (lockName) yield* query(lockName, [`${schema}.provider`]);
    const [row] = yield* query(bound, []);
    if (row) return text(row, "name") === provider ? undefined : text(row, "name");
    const [open] = knowsEarlierCalls ? [] : yield* query(underWay, []);
    if (open) return "somebody";
    yield* query(bind, [provider]);
    return undefined;
  }

  return {
    prepare: (reference, calls, now, limit) => transaction(prepareAll(reference, calls, now, limit)),
    async move(reference, { from, to, providerId, sentAt, settlesAt, reason, isLeft }) {
      const leftNow = isLeft === undefined ? null : Number(isLeft);
      const parameters = [to, providerId ?? null, ms(sentAt), ms(settlesAt), reason ?? null, leftNow, from];
      return (await run(query(move, [reference, ...parameters]))).length > 0;
    },
    async find(token) {
      const [row] = await run(query(find, [token]));
      return row && { send: toSend(row), call: toSentCall(row) };
    },
    between: async (fromNumber, toNumber) => (await run(query(between, [fromNumber, toNumber]))).map(toSend),
    async onTheWay(batchId) {
      return (await run(query(onTheWay, [batchId]))).map((row) => ({ send: toSend(row), call: toSentCall(row) }));
    },
    numbersOf: async (reference) => (await run(query(numbersOf, [reference]))).map((row) => text(row, "to_number")),
    async givenUp(batchId) {
      return (await run(query(givenUp, [batchId ?? null]))).map((row) => ({
        send: toSend(row),
        call: toSentCall(row),
      }));
    },
    unknownEnds: async (since) => (await run(query(unknownEnds, [since.getTime()]))).map((row) => text(row, "token")),
    async noteRang(token, at) {
      await run(query(noteRang, [token, at.getTime()]));
    },
    async nameCall(token, providerCallId) {
      await run(query(nameCall, [token, providerCallId]));
    },
    left: async () => (await run(query(left, []))).map(toSend),
    async removed(reference) {
      await run(query(removed, [reference]));
    },
    bind: (provider, { knowsEarlierCalls }) => transaction(bindTo(provider, knowsEarlierCalls)),
  };
}

/** Attempts that a provider was sent, or is about to be. */
function sentCalls(schema: string): string {
  return `
    FROM ${schema}.attempts JOIN ${schema}.sent_calls ON sent_calls.token = attempts.token
      JOIN ${schema}.sends ON sends.reference = sent_calls.reference
    WHERE`;
}

const isOpen = "attempts.state <> 'ended'";
const isUnknown = `attempts.state = 'ended' AND attempts.outcome IS NULL AND sends.state IN ('sending', 'accepted', 'in_doubt')`;
const isQueued = `(rang_at IS NULL AND sends.reference LIKE '${wavePrefix}%')`;
const isGivenUp = `${isUnknown} AND ${isQueued}`;

/** Of a wave in doubt that nobody asked the provider to start: at most a draft of it was made. */
const isNeverStarted = `sends.state = 'in_doubt' AND sends.sent_at IS NULL AND sends.reference LIKE '${wavePrefix}%'`;

/** Of each batch that has calls with a provider, how many of these may still begin to ring, those that were given up as unknown included and those of a wave that nobody asked to start not. Read by the list of batch ids `$1`. */
export function mayStillRing({ schema, isOneOf }: Pick<Dialect, "schema" | "isOneOf">): string {
  return `
    SELECT attempts.batch_id, count(*) FILTER (WHERE rang_at IS NULL AND NOT (${isNeverStarted})) AS calls ${sentCalls(schema)}
      (${isOpen} OR (${isGivenUp})) AND ${isOneOf("attempts.batch_id", "$1")} AND sends.state IN ('sending', 'accepted', 'in_doubt')
    GROUP BY attempts.batch_id`;
}

function toSend(row: Row): Send {
  return known({
    reference: text(row, "reference"),
    state: oneOf(row, "state", sendStates),
    providerId: optional(row, "provider_id", text),
    preparedAt: instant(row, "prepared_at"),
    sentAt: optional(row, "sent_at", instant),
    settlesAt: optional(row, "settles_at", instant),
    reason: optional(row, "reason", text),
  });
}

function toSentCall(row: Row): SentCall {
  return known({
    token: text(row, "token"),
    fromNumber: text(row, "from_number"),
    toNumber: text(row, "to_number"),
    agentId: text(row, "agent_id"),
    providerCallId: optional(row, "provider_call_id", text),
  });
}
