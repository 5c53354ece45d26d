import type { Pool, PoolClient } from "pg";
import { Problem } from "../../../domain/problem.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Log } from "../../../lib/log.ts";
import type { Sql, SqlSession } from "./sql.ts";

const connections = 10;
const connectTimeoutMs = 10_000;
/** OID of `bigint`, which the driver hands out as text: a number loses digits beyond 2^53. Ours are instants and counts. */
const bigintOid = 20;

/** Connects to the database of that URL. Throws a `Problem` when the driver is missing or the database cannot be reached. */
export async function openPool(url: Secret, log: Log): Promise<Sql> {
  const pg = await loadDriver();
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    // A process whose start failed must end, whatever is still connected.
    allowExitOnIdle: true,
    application_name: "batch-call-mcp",
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === bigintOid ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // A connection that breaks while it is idle; without a listener the error would end the process.
  pool.on("error", (error) => log.warn({ err: error }, "A connection to the database was lost"));
  await connectOnce(pool);
  return toSql(pool);
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
      { cause },
    );
  }
}

// A host with several addresses fails with one error for all of them, which has a code and no message.
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ("code" in cause ? String(cause.code) : cause.name);
}

function toSql(pool: Pool): Sql {
  return {
    ...toSession(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const result = await work(toSession(client));
        await client.query("COMMIT");
        client.release();
        return result;
      } catch (error) {
        await giveUp(client);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** A connection that cannot even roll back is thrown away. */
async function giveUp(client: PoolClient): Promise<void> {
  try {
    await client.query("ROLLBACK");
    client.release();
  } catch {
    client.release(true);
  }
}

function toSession(connection: Pool | PoolClient): SqlSession {
  return {
    query: async (text, values) => (await connection.query(text, values && [...values])).rows,
    async script(text) {
      await connection.query(text);
    },
  };
}
