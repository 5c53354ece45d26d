import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";

export type SqlValue = string | number | null;

// The part of node:sqlite that we use. Neither driver's own types serve: those of Node 20 do not know node:sqlite.
export type StatementSync = {
  run(...parameters: readonly SqlParameter[]): { readonly changes: number | bigint };
  get(...parameters: readonly SqlParameter[]): Readonly<Record<string, unknown>> | undefined;
  all(...parameters: readonly SqlParameter[]): readonly Readonly<Record<string, unknown>>[];
};
type SqlParameter = SqlValue | Readonly<Record<string, SqlValue>>;

export type DatabaseSync = {
  prepare(sql: string): StatementSync;
  exec(sql: string): void;
  function(name: string, options: { readonly deterministic: boolean }, run: (value: unknown) => SqlValue): void;
  close(): void;
};

type Driver = { readonly DatabaseSync: new (path: string) => DatabaseSync };

const require = createRequire(import.meta.url);

// Node 22 prints an ExperimentalWarning for node:sqlite; a stdio server's stderr is read by people.
function loadDriver(): Driver {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return require("node:sqlite");
  } catch {
    return require("@photostructure/sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Opens (and makes) a SQLite file. Every commit is on disk when the statement returns (WAL, synchronous=FULL).
 * A second writer waits up to 5 s instead of failing at once, which is the driver's own default.
 */
export function openDatabase(path: string): DatabaseSync {
  const { DatabaseSync } = loadDriver();
  const database = new DatabaseSync(path);
  try {
    database.exec(
      "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
    );
    // The defaults (2 MB of cache, the log copied back every 4 MB) make the same pages be read and written again and again.
    database.exec("PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000;");
    return database;
  } catch (error) {
    database.close();
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * The same database, where each text is prepared once. A statement holds memory that the garbage collector knows nothing of, so
 * that a thousand of them in a row are kept until it comes by for other reasons. For texts that are constants.
 */
export function preparingOnce(database: DatabaseSync): DatabaseSync {
  const statements = new Map<string, StatementSync>();
  return {
    prepare(sql) {
      const statement = statements.get(sql) ?? database.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
    exec: (sql) => database.exec(sql),
    function: (name, options, run) => database.function(name, options, run),
    close: () => database.close(),
  };
}

/**
 * What stands in the way of a database file and what to do about it, for an error of SQLite that is no defect of the program;
 * undefined for every other error. The words are those of sqlite3_errstr (sqlite.org/rescode.html), which both drivers give.
 */
export function explainStorageError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const trouble = storageTroubles.find(([words]) => words.test(error.message));
  return trouble && `${trouble[1]} (${error.message})`;
}

const storageTroubles: readonly (readonly [RegExp, string])[] = [
  [/database or disk is full/, "the disk is full. Free some space on it"],
  [
    /disk image is malformed|malformed database schema|file is not a database/,
    "a database file is damaged. Stop every copy of this program and put the file back from a backup, or move it away to begin with an empty one",
  ],
  [
    /database is locked/,
    "another program holds a database file. Close what reads or copies it (a backup, a database tool)",
  ],
  [/attempt to write a readonly database/, "a database file is read-only. Make it writable for this user"],
  [
    /unable to open database file/,
    "a database file cannot be opened. Make sure that the directory exists and is writable for this user",
  ],
  [/disk I\/O error/, "the disk reports an error, or is full. Look at its health and its free space"],
];

/** Runs `work` in one write transaction: everything in it happens, or nothing. `work` must be synchronous. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** SQLite rolls back by itself when the disk is full or fails, and then says that there is nothing to roll back. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
  }
}

/**
 * Brings a file to the newest schema: `steps[n]` leads from version n to n+1. A file written by a newer copy of the
 * program is refused by `newer(found, known)`, which makes the error to throw.
 */
export function migrate(
  database: DatabaseSync,
  steps: readonly string[],
  newer: (found: number, known: number) => Error,
): void {
  inTransaction(database, () => {
    const row = database.prepare("PRAGMA user_version").get();
    const found = Number(row?.["user_version"] ?? 0);
    if (found > steps.length) throw newer(found, steps.length);
    for (const step of steps.slice(found)) database.exec(step);
    database.exec(`PRAGMA user_version = ${steps.length}`);
  });
}

/**
 * Opens a SQLite file that only its owner can read, making it when it is not there, and brings it to the newest schema as
 * `migrate` does.
 */
export function openPrivateDatabase(
  path: string,
  steps: readonly string[],
  newer: (found: number, known: number) => Error,
): DatabaseSync {
  // SQLite gives its own rights to the files beside it.
  closeSync(openSync(path, "a", 0o600));
  const database = openDatabase(path);
  try {
    migrate(database, steps, newer);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export type FileLock = { release(): void };

/**
 * Takes the lock that a file stands for, or returns undefined when another process has it. The kernel frees it when the
 * holder dies, however it dies: no heartbeat, no stale lock file.
 */
export function tryLock(path: string): FileLock | undefined {
  const { DatabaseSync } = loadDriver();
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}
