import { Problem } from "../domain/problem.ts";
import { type DatabaseSync, openPrivateDatabase, preparingOnce } from "../lib/sqlite.ts";

/**
 * Released steps never change. Instants are ms since 1970 UTC. The rows of a list stand in blocks of some hundred under a
 * storage, and become visible with the list that names it.
 */
export const listSchemaSteps: readonly string[] = [
  `
  CREATE TABLE storages (
    storage INTEGER PRIMARY KEY AUTOINCREMENT,
    touched_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE blocks (
    storage INTEGER NOT NULL,
    block INTEGER NOT NULL,
    rows TEXT NOT NULL,
    edits TEXT NOT NULL,
    UNIQUE (storage, block)
  ) STRICT;

  CREATE TABLE fates (
    storage INTEGER NOT NULL,
    block INTEGER NOT NULL,
    row_numbers TEXT NOT NULL,
    last_row INTEGER NOT NULL,
    fates TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    suppressed INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    codes TEXT NOT NULL,
    UNIQUE (storage, block)
  ) STRICT;
  -- What is asked for of all blocks at once, without the fates between: 500 of them lie on pages of their own.
  CREATE INDEX facts_by_block
    ON fates (storage, block, last_row, accepted, duplicate, suppressed, refused, codes);

  CREATE TABLE lists (
    list_id TEXT NOT NULL PRIMARY KEY,
    storage INTEGER NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    head TEXT NOT NULL,
    made_from TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX lists_by_age ON lists (expires_at);

  CREATE TABLE list_batches (
    batch_id TEXT NOT NULL PRIMARY KEY,
    list_id TEXT NOT NULL,
    linked_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX batches_by_list ON list_batches (list_id, linked_at);

  CREATE TABLE remembered_columns (
    owner TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    header TEXT NOT NULL,
    columns TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (owner, agent_id, header)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Which batches call people of an earlier one again. Ids alone, which stay when the lists go: else a second retry would call them twice.
  CREATE TABLE retries (
    batch_id TEXT NOT NULL,
    of_batch TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (batch_id, of_batch)
  ) STRICT;
  CREATE INDEX retries_by_batch ON retries (of_batch, linked_at);
  INSERT INTO retries (batch_id, of_batch, linked_at)
    SELECT batch_id, json_extract(head, '$.fromBatch'), linked_at FROM list_batches JOIN lists USING (list_id)
    WHERE json_extract(head, '$.fromBatch') IS NOT NULL ORDER BY linked_at, list_batches.rowid;
  `,
  `
  -- Whoever had a token had lists apart from those that were made without one; now an organization's people share them.
  UPDATE lists SET owner = 'local' WHERE owner = 'http';
  UPDATE OR REPLACE remembered_columns SET owner = 'local' WHERE owner = 'http';
  `,
];

/**
 * Opens the file in which lists are kept, making it when it is not there: for its owner only. Throws `unavailable` for one
 * that a newer version wrote.
 */
export function openListDatabase(path: string): DatabaseSync {
  const database = openPrivateDatabase(path, listSchemaSteps, newerDatabase);
  // What was deleted is people's numbers, and is overwritten.
  database.exec("PRAGMA secure_delete = ON");
  // Rows are written once, one behind the other: a large cache keeps what nobody asks for again, and a long log stops everybody when it
  // is copied back.
  database.exec("PRAGMA cache_size = -4000; PRAGMA wal_autocheckpoint = 1000;");
  return preparingOnce(database);
}

function newerDatabase(found: number, known: number): Error {
  return new Problem(
    "unavailable",
    `The file of lists was written by a newer version of batch-call-mcp (schema ${found}; this copy knows ${known}). Nothing was changed. Update this copy.`,
  );
}
