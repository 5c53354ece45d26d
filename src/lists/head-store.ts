import type { RowCounts } from "../domain/batch/plan.ts";
import type { ColumnChoices, ColumnPlan } from "../domain/list/column-plan.ts";
import type { Exclude } from "../domain/list/exclude.ts";
import type { ContactList, UnreadCells } from "../domain/list/list.ts";
import type { TableShape } from "../domain/list/table.ts";
import { type DatabaseSync, inTransaction } from "../lib/sqlite.ts";

/** How a list was read: all that is known of it but its rows. */
export type Head = {
  readonly shape: TableShape;
  readonly plan: ColumnPlan;
  readonly defaultCountry?: string;
  /** What was said about its columns, here and in changes. */
  readonly choices: ColumnChoices;
  readonly agent?: { readonly agentId: string; readonly variables: readonly string[] };
  readonly unread: readonly UnreadCells[];
  /** The batch some of whose people it calls again. */
  readonly fromBatch?: string;
  /** Of people whom it calls again under another number; see `ListChange`. */
  readonly wrongNumbers?: readonly string[];
  /** Of people who asked not to be called again, as the results say that it came with. */
  readonly optedOut?: readonly string[];
  readonly exclude?: Exclude;
};

export type KeptList = {
  readonly listId: string;
  readonly storage: number;
  readonly owner: string;
  readonly head: Head;
  readonly madeFrom?: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};

type HeadText = Omit<Head, "plan"> & {
  readonly plan: Omit<ColumnPlan, "variables"> & { readonly variables: readonly (readonly [number, string])[] };
};

/** Of one owner; beyond it those go that were given longest ago. */
const mostRemembered = 1_000;

/** Which lists there are, which batches were made of them, and how an agent's columns were mapped before. */
export class HeadStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Makes a list visible, on disk when it returns. Where there is one with its id already, that one is kept for as long as this one would be and
   * stays as it is. `take` is asked in the same transaction whether the rows are still there; undefined when they are not.
   */
  publish(list: KeptList, take: () => boolean): KeptList | undefined {
    return inTransaction(this.#database, () => {
      const { listId, storage, owner, madeFrom = null } = list;
      const [createdAt, expiresAt] = [list.createdAt.getTime(), list.expiresAt.getTime()];
      this.#database.prepare("DELETE FROM lists WHERE list_id = ? AND expires_at <= ?").run(listId, createdAt);
      const extend = this.#database.prepare("UPDATE lists SET expires_at = ? WHERE list_id = ?");
      if (Number(extend.run(expiresAt, listId).changes) === 1) return this.find(listId, list.createdAt);
      if (!take()) return undefined;
      this.#database
        .prepare(
          "INSERT INTO lists (list_id, storage, owner, head, made_from, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .run(listId, storage, owner, toHeadText(list.head), madeFrom, createdAt, expiresAt);
      return list;
    });
  }

  find(listId: string, now: Date): KeptList | undefined {
    const row = this.#database
      .prepare("SELECT * FROM lists WHERE list_id = ? AND expires_at > ?")
      .get(listId, now.getTime());
    return row && toKeptList(row);
  }

  /** What an owner's newest lists were read from, the newest first. */
  recent(owner: string, most: number, now: Date): readonly { readonly listId: string; readonly source: string }[] {
    return this.#database
      .prepare(
        "SELECT list_id, json_extract(head, '$.shape.source') AS source FROM lists WHERE owner = ? AND expires_at > ? ORDER BY created_at DESC, rowid DESC LIMIT ?",
      )
      .all(owner, now.getTime(), most)
      .map((row) => ({ listId: String(row["list_id"]), source: String(row["source"]) }));
  }

  /** Takes the list away with its storage; its batches are no longer of a list, and stay retries of those that they were made from. */
  delete(listId: string): void {
    inTransaction(this.#database, () => {
      this.#database
        .prepare("DELETE FROM storages WHERE storage = (SELECT storage FROM lists WHERE list_id = ?)")
        .run(listId);
      this.#database.prepare("DELETE FROM list_batches WHERE list_id = ?").run(listId);
      this.#database.prepare("DELETE FROM lists WHERE list_id = ?").run(listId);
    });
  }

  expired(now: Date): readonly string[] {
    return this.#database
      .prepare("SELECT list_id FROM lists WHERE expires_at <= ?")
      .all(now.getTime())
      .map((row) => String(row["list_id"]));
  }

  /** Of a list that calls people of an earlier batch again, that is kept with the batch: it holds without the list as well. */
  link(listId: string, batchId: string, now: Date): void {
    inTransaction(this.#database, () => {
      this.#database
        .prepare(
          "INSERT INTO list_batches (batch_id, list_id, linked_at) VALUES (?, ?, ?) ON CONFLICT (batch_id) DO UPDATE SET list_id = excluded.list_id, linked_at = excluded.linked_at WHERE list_id != excluded.list_id",
        )
        .run(batchId, listId, now.getTime());
      this.#database
        .prepare(
          "INSERT INTO retries (batch_id, of_batch, linked_at) SELECT ?, json_extract(head, '$.fromBatch'), ? FROM lists WHERE list_id = ? AND json_extract(head, '$.fromBatch') IS NOT NULL ON CONFLICT DO NOTHING",
        )
        .run(batchId, now.getTime(), listId);
    });
  }

  ofBatch(batchId: string, now: Date): KeptList | undefined {
    const row = this.#database
      .prepare("SELECT lists.* FROM lists JOIN list_batches USING (list_id) WHERE batch_id = ? AND expires_at > ?")
      .get(batchId, now.getTime());
    return row && toKeptList(row);
  }

  batchesOf(listId: string): readonly string[] {
    return this.#database
      .prepare("SELECT batch_id FROM list_batches WHERE list_id = ? ORDER BY linked_at, rowid")
      .all(listId)
      .map((row) => String(row["batch_id"]));
  }

  madeOf(listId: string, now: Date): readonly string[] {
    return this.#database
      .prepare("SELECT list_id FROM lists WHERE made_from = ? AND expires_at > ? ORDER BY created_at, rowid")
      .all(listId, now.getTime())
      .map((row) => String(row["list_id"]));
  }

  /** Batches that call people of one of these again, the oldest first. */
  retriesOf(batchIds: readonly string[]): readonly string[] {
    return this.#database
      .prepare(
        "SELECT batch_id FROM retries WHERE of_batch IN (SELECT value FROM json_each(?)) GROUP BY batch_id ORDER BY min(linked_at), min(rowid)",
      )
      .all(JSON.stringify(batchIds))
      .map((row) => String(row["batch_id"]));
  }

  remember(owner: string, agentId: string, header: string, columns: ColumnChoices, now: Date): void {
    this.#database
      .prepare(
        "INSERT OR REPLACE INTO remembered_columns (owner, agent_id, header, columns, used_at) VALUES (?, ?, ?, ?, ?)",
      )
      .run(owner, agentId, header, JSON.stringify(columns), now.getTime());
    this.#database
      .prepare(
        `DELETE FROM remembered_columns WHERE owner = ?1 AND (agent_id, header) NOT IN (
           SELECT agent_id, header FROM remembered_columns WHERE owner = ?1 ORDER BY used_at DESC LIMIT ${mostRemembered})`,
      )
      .run(owner);
  }

  recall(owner: string, agentId: string, header: string): ColumnChoices | undefined {
    const row = this.#database
      .prepare("SELECT columns FROM remembered_columns WHERE owner = ? AND agent_id = ? AND header = ?")
      .get(owner, agentId, header);
    return row && JSON.parse(String(row["columns"]));
  }
}

function toHeadText(head: Head): string {
  const text: HeadText = { ...head, plan: { ...head.plan, variables: [...head.plan.variables] } };
  return JSON.stringify(text);
}

/** The text is what `toHeadText` wrote, so its shape is known. */
function toKeptList(row: Readonly<Record<string, unknown>>): KeptList {
  const { plan, ...head }: HeadText = JSON.parse(String(row["head"]));
  const madeFrom = row["made_from"];
  return {
    listId: String(row["list_id"]),
    storage: Number(row["storage"]),
    owner: String(row["owner"]),
    head: { ...head, plan: { ...plan, variables: new Map(plan.variables) } },
    ...(typeof madeFrom === "string" && { madeFrom }),
    createdAt: new Date(Number(row["created_at"])),
    expiresAt: new Date(Number(row["expires_at"])),
  };
}

export function toContactList(list: KeptList, rows: RowCounts, excludedRows: number): ContactList {
  const { listId, head, madeFrom, createdAt, expiresAt } = list;
  const { shape, plan, defaultCountry, unread, fromBatch, wrongNumbers, exclude } = head;
  return {
    listId,
    shape,
    plan,
    ...(defaultCountry !== undefined && { defaultCountry }),
    rows,
    unread,
    createdAt,
    expiresAt,
    ...(madeFrom !== undefined && { madeFrom }),
    ...(fromBatch !== undefined && { fromBatch }),
    ...(wrongNumbers && { wrongNumbers }),
    ...(exclude && { exclude, excludedRows }),
  };
}
