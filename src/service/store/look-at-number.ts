import type { Secret } from "../../domain/secret.ts";
import type { Log } from "../../lib/log.ts";
import { openDatabase } from "../../lib/sqlite.ts";
import { openPool } from "./postgres/pool.ts";
import { createPostgresRunner } from "./postgres/run-work.ts";
import { postgres, sqlite } from "./shared/dialect.ts";
import { query, type SqlRunner } from "./shared/sql-work.ts";
import { createSqliteRunner } from "./sqlite/run-work.ts";

/** What speaks against a call to a number, in any organization of a store. */
export type NumberFacts = {
  /** It is on a do-not-call list. */
  readonly isListed: boolean;
  /** Somebody stopped all calls. */
  readonly isStopped: boolean;
};

/** Looks into the file of a store, beside the process that uses it, and changes nothing. The file is there. */
export async function lookAtNumberInFile(path: string, number: string): Promise<NumberFacts> {
  const database = openDatabase(path);
  try {
    const isThere = (table: string) =>
      database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table) !== undefined;
    return await look(createSqliteRunner(database), sqlite.schema, number, async (table) => isThere(table));
  } finally {
    database.close();
  }
}

/** The same in a database. Throws a `Problem` when it cannot be reached. */
export async function lookAtNumberInDatabase(url: Secret, number: string, log: Log): Promise<NumberFacts> {
  const sql = await openPool(url, log);
  try {
    return await look(createPostgresRunner(sql), postgres.schema, number, async (table) => {
      const [row] = await sql.query("SELECT to_regclass($1) IS NOT NULL AS is_there", [`${postgres.schema}.${table}`]);
      return row?.["is_there"] === true;
    });
  } finally {
    await sql.close();
  }
}

/** A store that an earlier version wrote, or nobody yet, may lack a table. */
async function look(
  { run }: Pick<SqlRunner, "run">,
  schema: string,
  number: string,
  isThere: (table: string) => Promise<boolean>,
): Promise<NumberFacts> {
  const has = async (table: string, rest: string, parameters: readonly string[]): Promise<boolean> =>
    (await isThere(table)) &&
    (await run(query(`SELECT 1 FROM ${schema}.${table} ${rest} LIMIT 1`, parameters))).length > 0;
  return {
    isListed: await has("do_not_call", "WHERE phone_number = $1", [number]),
    isStopped: await has("kill_switches", "", []),
  };
}
