import type { Row } from "../rows.ts";

/** A list of texts is an array on PostgreSQL and the text of a JSON array on SQLite. */
export type SqlParameter = string | number | null | readonly string[];

/** One statement; its parameters are written `$1`, `$2` and so on, which nothing else in it looks like. */
export type SqlStatement = { readonly text: string; readonly parameters: readonly SqlParameter[] };

/**
 * Work on either database: it yields statements, and whoever runs it hands it their rows. On PostgreSQL each of them is
 * awaited. SQLite has one connection for everybody, so there the work runs from its first statement to its last without
 * a turn of the event loop, and nothing can get in between. An async function could not promise that: at every `await`
 * a statement of somebody else could become part of its transaction.
 */
export type SqlWork<T> = Generator<SqlStatement, T, readonly Row[]>;

export function* query(text: string, parameters: readonly SqlParameter[]): SqlWork<readonly Row[]> {
  return yield { text, parameters };
}

export type SqlRunner = {
  /** Each statement stands for itself. */
  run<T>(work: SqlWork<T>): Promise<T>;
  /** Everything happens, or nothing. */
  transaction<T>(work: SqlWork<T>): Promise<T>;
};
