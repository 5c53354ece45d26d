/** Where the statements of the two databases differ. Whatever is not named here is written once. */
export type Dialect = {
  /** Where the tables are. */
  readonly schema: string;
  /** What `toBatch` reads. */
  readonly batchColumns: string;
  /** Tells in which order batches were created, within a millisecond as well. */
  readonly creationOrder: string;
  /** Makes a sort compare texts byte by byte. */
  readonly byteOrder: string;
  /** The function that finds a text in another: the place of the first character, 0 where it is not in it. */
  readonly placeOf: string;
  /** Whether the column holds one of a list of texts. */
  isOneOf(column: string, parameter: string): string;
  /** Something to select from: a list of texts, each the `value` of a row. */
  listOf(parameter: string): string;
  /** Something to select from: the text of a JSON array of arrays, each the `value` of a row. */
  rowsOf(parameter: string): string;
  /** A column of JSON texts, to be followed by `->>`. */
  asJson(column: string): string;
  /** At the end of a SELECT: nobody else changes the batch until the transaction ends. */
  readonly lockBatch: string;
  /** At the end of a SELECT: nobody changes the batch until the transaction ends; several may hold it so. */
  readonly shareBatch: string;
  /** At the end of a SELECT: nobody else changes these tasks until the transaction ends, which holds their batch. */
  readonly lockTasks: string;
  /** At the end of a SELECT: takes the rows that nobody else is changing. */
  readonly skipLocked: string;
  /** More signs of life for a UNION of instants in ms: the leases of processes, where there are any. */
  readonly otherActivity: string;
  /** Makes all who name the same text wait for each other, to the end of their transactions. */
  readonly lockName?: string;
};

/**
 * Long enough for a restart of the database or a pause of the process, short enough that what a dead process left is
 * asked for within a minute. Leases are dated by the clock of the database, so that no process is taken for dead because its
 * own clock is behind.
 */
export const leaseMs = 10_000;

/** Looked up: a column of `batches` would make all dials of a batch wait for each other's commit. */
export const lastDialColumn =
  "(SELECT max(begun_at) FROM batch_call.attempts WHERE attempts.batch_id = batches.id) AS last_dial_at";

export const batchColumns = `batches.*, ${lastDialColumn}`;

export const postgres: Dialect = {
  schema: "batch_call",
  batchColumns,
  creationOrder: "sequence",
  byteOrder: 'COLLATE "C"',
  placeOf: "strpos",
  isOneOf: (column, parameter) => `${column} = ANY(${parameter}::text[])`,
  listOf: (parameter) => `unnest(${parameter}::text[]) AS list (value)`,
  asJson: (column) => `${column}::jsonb`,
  rowsOf: (parameter) => `jsonb_array_elements(${parameter}::jsonb) AS list (value)`,
  lockBatch: "FOR NO KEY UPDATE OF batches",
  shareBatch: "FOR SHARE OF batches",
  lockTasks: "FOR NO KEY UPDATE",
  skipLocked: "FOR UPDATE SKIP LOCKED",
  otherActivity: `UNION ALL SELECT max(lease_until) - ${leaseMs} FROM batch_call.workers WHERE lease_until - ${leaseMs} <= $1`,
  lockName: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
};

/** One connection does everything, one transaction at a time: there is nobody to lock out. */
export const sqlite: Dialect = {
  schema: "main",
  batchColumns: "batches.*",
  creationOrder: "rowid",
  byteOrder: "COLLATE BINARY",
  placeOf: "instr",
  isOneOf: (column, parameter) => `${column} IN (SELECT value FROM json_each(${parameter}))`,
  listOf: (parameter) => `json_each(${parameter}) AS list`,
  asJson: (column) => column,
  rowsOf: (parameter) => `json_each(${parameter}) AS list`,
  lockBatch: "",
  shareBatch: "",
  lockTasks: "",
  skipLocked: "",
  otherActivity: "",
};
