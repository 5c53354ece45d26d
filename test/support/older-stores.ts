import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { openDatabase } from "../../src/lib/sqlite.ts";
import type { SqlSession } from "../../src/service/store/postgres/sql.ts";
import { root } from "./process/spawn.ts";

const folder = join(root, "test", "fixtures", "older-stores");

const index = z.array(
  z.object({
    file: z.string(),
    store: z.enum(["service", "postgres", "ledger", "lists"]),
    schema: z.number(),
    commit: z.string(),
    /** When its process was killed, or ended. */
    writtenAt: z.string(),
  }),
);

/** A store that older code wrote (scripts/make-older-stores.ts). */
export type OlderStore = z.infer<typeof index>[number];

/** Oldest schema first. */
export const olderStores = index.parse(JSON.parse(await readFile(join(folder, "index.json"), "utf8")));

export async function unpackOlder(file: string, to: string): Promise<void> {
  await writeFile(to, gunzipSync(await readFile(join(folder, file))));
}

/** The statements that make a PostgreSQL one again. */
export async function olderStatements(file: string): Promise<string> {
  return gunzipSync(await readFile(join(folder, file))).toString();
}

type Row = Readonly<Record<string, unknown>>;
export type AllRows = ReadonlyMap<string, readonly Row[]>;

/** All tables of a SQLite file with their rows, read without the program's own store. */
export function rowsOfFile(path: string): AllRows {
  const database = openDatabase(path);
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    return new Map(
      tables.all().map(({ name }) => [String(name), database.prepare(`SELECT * FROM ${name}`).all().map(toPlain)]),
    );
  } finally {
    database.close();
  }
}

export function schemaOfFile(path: string): number {
  const database = openDatabase(path);
  try {
    return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  } finally {
    database.close();
  }
}

/** Version, tables, indexes and triggers: the same in a file that is new and in one that was brought up, as no step ever changes. */
export function shapeOfFile(path: string): readonly string[] {
  const database = openDatabase(path);
  try {
    const parts = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name").all();
    return [String(schemaOfFile(path)), ...parts.map(({ sql }) => String(sql))];
  } finally {
    database.close();
  }
}

/** Those of the service's schema in a PostgreSQL database. */
export async function rowsOfDatabase(sql: SqlSession): Promise<AllRows> {
  const tables = await sql.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'batch_call'");
  const read = tables.map(async ({ table_name: name }) => {
    const rows = await sql.query(`SELECT * FROM batch_call.${name}`);
    return [String(name), rows.map(toPlain)] as const;
  });
  return new Map(await Promise.all(read));
}

const toPlain = (row: Row): Row => ({ ...row });

/**
 * Rows of `before` that are not in `after` any more, column by column as the older code wrote them, with their table; new columns and new rows
 * are no loss. `dropped` are tables that a step drops.
 */
export function lostRows(before: AllRows, after: AllRows, dropped: readonly string[]): readonly object[] {
  return [...before].flatMap(([table, rows]) => {
    if (dropped.includes(table)) return [];
    const columns = Object.keys(rows[0] ?? {});
    const textOf = (row: Row) => JSON.stringify(columns.map((column) => row[column]));
    const now = new Set((after.get(table) ?? []).map(textOf));
    return rows.filter((row) => !now.has(textOf(row))).map((row) => ({ table, ...row }));
  });
}
