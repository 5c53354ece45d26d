import { type DatabaseSync, inTransaction, type SqlValue } from "../../../lib/sqlite.ts";
import type { Row } from "../rows.ts";
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

/**
 * Does what is asked for within one turn of the event loop in one transaction: a commit waits for the disk, and many
 * small ones wait together. Each `run` resolves when its work is on disk.
 */
export type GroupCommit = {
  run<T>(work: () => T): Promise<T>;
  /** Does at once what still waits. */
  flush(): void;
};

type Job = { work(): unknown; done(result: unknown): void; failed(error: unknown): void };

/** Builds the group commit of one connection. `undone` is told when work was undone, whatever it had read by then. */
export function createGroupCommit(database: DatabaseSync, undone: () => void = () => {}): GroupCommit {
  let waiting: Job[] = [];

  function flush(): void {
    const jobs = waiting;
    waiting = [];
    if (jobs.length === 0) return;
    try {
      const results = inTransaction(database, () => jobs.map(({ work }) => work()));
      for (const [index, { done }] of jobs.entries()) done(results[index]);
    } catch {
      undone();
      // One that fails must not fail the others: nothing was kept, so each is done on its own.
      for (const job of jobs) doAlone(job);
    }
  }

  function doAlone({ work, done, failed }: Job): void {
    try {
      done(inTransaction(database, work));
    } catch (error) {
      undone();
      failed(error);
    }
  }

  return {
    run<T>(work: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        // Safe: the result handed to `done` is the one that this `work` returned.
        waiting.push({ work, done: (result) => resolve(result as T), failed: reject });
      });
    },
    flush,
  };
}
