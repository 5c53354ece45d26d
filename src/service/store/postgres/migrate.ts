import { whole } from "../rows.ts";
import type { Sql, SqlSession } from "./sql.ts";

/**
 * Brings a schema of the database to its newest version: `steps[n]` leads from version n to n+1. Of several processes
 * that start at once, one does it and the others wait. A schema that a newer copy of the program wrote is refused by
 * `newer(found, known)`, which makes the error to throw.
 */
export async function migratePostgres(
  sql: Sql,
  schema: string,
  steps: readonly string[],
  newer: (found: number, known: number) => Error,
): Promise<void> {
  await sql.transaction(async (session) => {
    await session.query("SELECT pg_advisory_xact_lock(hashtextextended('migratePostgres ' || $1::text, 0))", [schema]);
    await session.script(`
      CREATE SCHEMA IF NOT EXISTS ${schema};
      CREATE TABLE IF NOT EXISTS ${schema}.schema_version (version INTEGER NOT NULL);
    `);
    const found = await readSchemaVersion(session, schema);
    if (found > steps.length) throw newer(found, steps.length);
    for (const step of steps.slice(found)) await session.script(step);
    if (found === 0) await session.query(`INSERT INTO ${schema}.schema_version VALUES ($1)`, [steps.length]);
    else if (found < steps.length)
      await session.query(`UPDATE ${schema}.schema_version SET version = $1`, [steps.length]);
  });
}

/** The version that a schema has now; 0 before its first step. */
export async function readSchemaVersion(session: SqlSession, schema: string): Promise<number> {
  const [row] = await session.query(`SELECT version FROM ${schema}.schema_version`);
  return row ? whole(row, "version") : 0;
}
