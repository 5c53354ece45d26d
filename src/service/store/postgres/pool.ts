import type { Client, Pool, PoolClient } from "pg";
import { Problem } from "../../../domain/problem.ts";
import type { Secret } from "../../../domain/secret.ts";
import { sleep, systemClock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import { StoreUnavailable } from "../store.ts";
import type { Sql, SqlSession } from "./sql.ts";

const connections = 10;
const connectTimeoutMs = 10_000;
const listenAgainMs = 500;
/** Longer than any statement of ours takes, the steps of a schema on big tables included: a server that is silent for so long hangs. */
const silenceMs = 60_000;
/** OID of `bigint`, which the driver hands out as text: a number loses digits beyond 2^53. Ours are instants and counts. */
const bigintOid = 20;

/**
 * Connects to the database of that URL. Throws a `Problem` when the driver is missing or the database cannot be reached. A
 * statement without an answer for `queryTimeoutMs` fails as one to a database that is away.
 */
export async function openPool(url: Secret, log: Log, queryTimeoutMs = silenceMs): Promise<Sql> {
  const pg = await loadDriver();
  const connection = {
    connectionString: url.reveal(),
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
  };
  const pool = new pg.Pool({
    ...connection,
    max: connections,
    // A process whose start failed must end, whatever is still connected.
    allowExitOnIdle: true,
    application_name: "batch-call-mcp",
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === bigintOid ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // Without a listener the error of a connection that breaks would end the process. The pool listens only while it is idle;
  // one in use can break before whoever asked for it has it in hand, and then fails the next statement.
  pool.on("connect", (client) => client.on("error", ignore));
  pool.on("error", (error) => log.warn(factsOfFailure(error), "A connection to the database was lost"));
  await connectOnce(pool);
  const connect = () => new pg.Client({ ...connection, application_name: "batch-call-mcp notices" });
  const sql = toSql(pool);
  const listening = new Set<() => Promise<void>>();
  return {
    ...sql,
    listen(channel, onNotice) {
      const end = keepListening(connect, channel, onNotice, log);
      listening.add(end);
      return end;
    },
    async close() {
      await Promise.all([...listening].map((end) => end()));
      await sql.close();
    },
  };
}

/** On a connection of its own, which is made again whenever it is lost. */
function keepListening(connect: () => Client, channel: string, onNotice: () => void, log: Log): () => Promise<void> {
  const closing = new AbortController();
  let current: Client | undefined;

  async function listenOnce(): Promise<void> {
    const client = connect();
    current = client;
    const lost = new Promise<void>((_, reject) => {
      client.on("error", reject);
      client.on("end", () => reject(new Error("The connection ended")));
    });
    lost.catch(ignore);
    client.on("notification", () => onNotice());
    // The driver forgets whoever waits for a connection that is ended while it is made.
    await Promise.race([client.connect(), lost]);
    await client.query(`LISTEN ${channel}`);
    onNotice();
    await lost;
  }

  const listening = (async () => {
    while (!closing.signal.aborted) {
      await listenOnce().catch((error: unknown) => {
        if (!closing.signal.aborted)
          log.warn(factsOfFailure(error), "The connection for notices was lost and is made again");
      });
      await current?.end().catch(ignore);
      await sleep(systemClock, listenAgainMs, closing.signal);
    }
  })();

  return async () => {
    closing.abort();
    await current?.end().catch(ignore);
    await listening;
  };
}

// Optional: only who sets BATCH_CALL_DATABASE_URL needs it.
async function loadDriver() {
  try {
    return (await import("pg")).default;
  } catch (cause) {
    throw new Problem(
      "unavailable",
      "BATCH_CALL_DATABASE_URL is set, and the PostgreSQL driver is not installed. Install it beside this program: npm install pg pg-boss.",
      { cause },
    );
  }
}

async function connectOnce(pool: Pool): Promise<void> {
  try {
    await pool.query("SELECT 1");
  } catch (cause) {
    await pool.end();
    throw new Problem(
      "unavailable",
      `The database of BATCH_CALL_DATABASE_URL cannot be used (${reasonOf(cause)}). Nothing was started. Check the URL, and that the server runs.`,
      { cause: toOurs(cause) },
    );
  }
}

/**
 * What the log may have of a driver's error. The whole one holds the connection with its key, and the row that a statement
 * was about.
 */
export function factsOfFailure(error: unknown): { readonly code: string; readonly reason: string } {
  return { code: codeOf(error), reason: reasonOf(error) };
}

function codeOf(error: unknown): string {
  if (!isObject(error)) return "unknown";
  return typeof error["code"] === "string" ? error["code"] : error instanceof Error ? error.name : "unknown";
}

// pg-boss hands out plain objects. A host with several addresses fails with one error for all of them, which has a code
// and no message.
function reasonOf(cause: unknown): string {
  if (!isObject(cause)) return String(cause);
  return (typeof cause["message"] === "string" && cause["message"]) || codeOf(cause);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function toSql(pool: Pool): Omit<Sql, "listen"> {
  return {
    ...toSession(pool),
    async transaction(work) {
      const client = await asOurs(() => pool.connect());
      const session = toSession(client);
      try {
        await session.script("BEGIN");
        const result = await work(session);
        await session.script("COMMIT");
        client.release();
        return result;
      } catch (error) {
        // A connection that cannot even roll back is thrown away.
        client.release(
          await session.script("ROLLBACK").then(
            () => false,
            () => true,
          ),
        );
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

function ignore(): void {}

function toSession(connection: Pool | PoolClient): SqlSession {
  return {
    query: (text, values) => asOurs(async () => (await connection.query(text, values && [...values])).rows),
    script: (text) =>
      asOurs(async () => {
        await connection.query(text);
      }),
  };
}

/** Throws what the driver throws as an error of our own, which says whether the database is away. */
async function asOurs<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toOurs(error);
  }
}

function toOurs(error: unknown): Error {
  const { code, reason } = factsOfFailure(error);
  return isAway(error, code, reason) ? new StoreUnavailable(code, reason) : Object.assign(new Error(reason), { code });
}

/**
 * Whether a start failed because the database does not answer now, and may later. A host that no name server knows, a wrong
 * password or a database that is not there are settings to correct.
 */
export function mayAnswerLater(failure: unknown): boolean {
  const cause = failure instanceof Problem ? failure.cause : failure;
  // pg-boss throws what the driver does.
  const error = cause instanceof StoreUnavailable || failure instanceof Problem ? cause : toOurs(cause);
  return error instanceof StoreUnavailable && error.code !== "ENOTFOUND";
}

/**
 * SQLSTATE classes and codes (PostgreSQL, appendix A): 08 connection, 53 resources, 57P server shut down, starting or
 * cutting off, 58 system, 25006 a standby that only reads.
 */
const awayStates = /^(08|53|57P|58)...?$|^25006$/;

/** What the server did not answer comes from the network (with a system call) or from the driver, which has words only. */
function isAway(error: unknown, code: string, reason: string): boolean {
  if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E")) return awayStates.test(code);
  return error instanceof AggregateError || /^E[A-Z_]+$/.test(code) || /connect|not queryable|timeout/i.test(reason);
}
