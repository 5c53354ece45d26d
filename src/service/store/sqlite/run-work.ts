import { type DatabaseSync, inTransaction, type SqlValue } from "../../../lib/sqlite.ts";
import type { Row } from "../columns.ts";
import type { SqlParameter, SqlRunner, SqlWork } from "../shared/sql-work.ts";

/** Runs work from its first statement to its last before it returns; a transaction is the caller's. */
export type RunNow = <T>(work: SqlWork<T>) => T;

export function createRunNow(database: DatabaseSync): RunNow {
  const statements = new Map<string, (parameters: readonly SqlParameter[]) => readonly Row[]>();

  return (work) => {
    let step = work.next([]);
    while (!step.done) {
      const { text, parameters } = step.value;
      const read = statements.get(text) ?? prepare(database, text);
      statements.set(text, read);
      step = work.next(read(parameters));
    }
    return step.value;
  };
}

export function createSqliteRunner(database: DatabaseSync): SqlRunner {
  const runNow = createRunNow(database);
  return {
    run: async (work) => runNow(work),
    transaction: async (work) => inTransaction(database, () => runNow(work)),
  };
}

// Plain `?` in the order in which they stand: parameters by name or number take several times as long to bind.
function prepare(database: DatabaseSync, text: string): (parameters: readonly SqlParameter[]) => readonly Row[] {
  const places: number[] = [];
  const plain = text.replace(/\$(\d+)/g, (_, number) => {
    places.push(Number(number) - 1);
    return "?";
  });
  const statement = database.prepare(plain);
  return (parameters) => statement.all(...places.map((place) => toValue(parameters[place])));
}

function toValue(parameter: SqlParameter | undefined): SqlValue {
  if (parameter === undefined) throw new Error("A statement names a parameter that it was not given.");
  return typeof parameter === "object" && parameter !== null ? JSON.stringify(parameter) : parameter;
}
