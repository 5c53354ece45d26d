import type { SqlRunner, SqlWork } from "../shared/sql-work.ts";
import type { Sql, SqlSession } from "./sql.ts";

/** Runs work statement by statement on that connection; a transaction is the caller's. */
export async function runWork<T>(session: SqlSession, work: SqlWork<T>): Promise<T> {
  let step = work.next([]);
  while (!step.done) step = work.next(await session.query(step.value.text, step.value.parameters));
  return step.value;
}

export function createPostgresRunner(sql: Sql): SqlRunner {
  return {
    run: (work) => runWork(sql, work),
    transaction: (work) => sql.transaction((session) => runWork(session, work)),
  };
}
