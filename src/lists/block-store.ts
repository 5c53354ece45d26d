import { setImmediate } from "node:timers/promises";
import type { RowCounts } from "../domain/batch/plan.ts";
import { type DatabaseSync, inTransaction } from "../lib/sqlite.ts";
import type { Block, FateBlock } from "./block.ts";

export type KeptBlock = Block & FateBlock & { readonly block: number; readonly rowNumbers: readonly number[] };

export type BlockFacts = Omit<FateBlock, "fates"> & { readonly block: number; readonly lastRow: number };

/** The blocks of lists, those too that no list names yet. Every transaction is short: other copies of the program write too. */
export class BlockStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** A new place for blocks. One that no list names is deleted when nothing was added to it for an hour. Waits for the disk no more than `add`. */
  begin(now: Date): number {
    const insert = this.#database.prepare("INSERT INTO storages (touched_at) VALUES (?) RETURNING storage");
    const row = this.#withoutDisk(() => insert.get(now.getTime()));
    return Number(row?.["storage"]);
  }

  /**
   * False when the storage is gone: its blocks were taken for left behind. Nothing was added then. Does not wait for the disk: no
   * list names the block yet, and the transaction that publishes one waits for all of the log before it
   * (sqlite.org/pragma.html#pragma_synchronous).
   */
  add(storage: number, { block, rowNumbers, rows, edits, ...fates }: KeptBlock, now: Date): boolean {
    const addBlock = this.#database.prepare("INSERT INTO blocks (storage, block, rows, edits) VALUES (?, ?, ?, ?)");
    const addFates = this.#database.prepare(
      "INSERT INTO fates (storage, block, row_numbers, last_row, fates, accepted, duplicate, suppressed, refused, codes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    const addAll = (): boolean => {
      if (!this.touch(storage, now)) return false;
      addBlock.run(storage, block, rows, edits);
      const { accepted, duplicate, suppressed, refused, codes } = fates;
      const [numbers, lastRow] = [JSON.stringify(rowNumbers), rowNumbers.at(-1) ?? 0];
      addFates.run(storage, block, numbers, lastRow, fates.fates, accepted, duplicate, suppressed, refused, codes);
      return true;
    };
    return this.#withoutDisk(() => inTransaction(this.#database, addAll));
  }

  #withoutDisk<T>(work: () => T): T {
    this.#database.exec("PRAGMA synchronous = NORMAL");
    try {
      return work();
    } finally {
      this.#database.exec("PRAGMA synchronous = FULL");
    }
  }

  touch(storage: number, now: Date): boolean {
    const touch = this.#database.prepare("UPDATE storages SET touched_at = ? WHERE storage = ?");
    return Number(touch.run(now.getTime(), storage).changes) === 1;
  }

  replaceFates(storage: number, blocks: readonly (FateBlock & { readonly block: number })[]): void {
    const replace = this.#database.prepare(
      "UPDATE fates SET fates = ?, accepted = ?, duplicate = ?, suppressed = ?, refused = ?, codes = ? WHERE storage = ? AND block = ?",
    );
    inTransaction(this.#database, () => {
      for (const { block, fates, accepted, duplicate, suppressed, refused, codes } of blocks)
        replace.run(fates, accepted, duplicate, suppressed, refused, codes, storage, block);
    });
  }

  counts(storage: number): RowCounts {
    const sums = this.#database
      .prepare(
        "SELECT sum(accepted) AS accepted, sum(duplicate) AS duplicate, sum(suppressed) AS suppressed, sum(refused) AS refused FROM fates WHERE storage = ?",
      )
      .get(storage);
    const [accepted = 0, duplicate = 0, suppressed = 0, refused = 0] = [
      "accepted",
      "duplicate",
      "suppressed",
      "refused",
    ].map((name) => Number(sums?.[name] ?? 0));
    return { input: accepted + duplicate + suppressed + refused, accepted, duplicate, suppressed, refused };
  }

  /** What is known of each block without its text, in their order; of those with rows behind `afterRow`, the first `most`. */
  index(storage: number, afterRow = 0, most = -1): readonly BlockFacts[] {
    const rows = this.#database
      .prepare(
        "SELECT block, last_row, accepted, duplicate, suppressed, refused, codes FROM fates WHERE storage = ? AND last_row > ? ORDER BY block LIMIT ?",
      )
      .all(storage, afterRow, most);
    return rows.map((row) => ({
      block: Number(row["block"]),
      lastRow: Number(row["last_row"]),
      accepted: Number(row["accepted"]),
      duplicate: Number(row["duplicate"]),
      suppressed: Number(row["suppressed"]),
      refused: Number(row["refused"]),
      codes: String(row["codes"]),
    }));
  }

  fates(storage: number, block: number): string {
    const row = this.#database.prepare("SELECT fates FROM fates WHERE storage = ? AND block = ?").get(storage, block);
    return String(row?.["fates"] ?? "[]");
  }

  rowNumbers(storage: number, block: number): readonly number[] {
    const row = this.#database
      .prepare("SELECT row_numbers FROM fates WHERE storage = ? AND block = ?")
      .get(storage, block);
    return JSON.parse(String(row?.["row_numbers"] ?? "[]"));
  }

  block(storage: number, block: number): Block {
    const row = this.#database
      .prepare("SELECT rows, edits FROM blocks WHERE storage = ? AND block = ?")
      .get(storage, block);
    return { rows: String(row?.["rows"] ?? "[]"), edits: String(row?.["edits"] ?? "") };
  }

  /** Gives up a storage that no list names; who still adds to it is told so. `sweep` takes its blocks. */
  abandon(storage: number): void {
    this.#database.prepare("DELETE FROM storages WHERE storage = ?").run(storage);
  }

  /** Gives up storages that no list names and nothing was added to since. */
  abandonOlder(since: Date): void {
    this.#database
      .prepare("DELETE FROM storages WHERE touched_at < ? AND storage NOT IN (SELECT storage FROM lists)")
      .run(since.getTime());
  }

  /** Deletes the blocks of storages that were given up. The event loop turns meanwhile; ends early when `isClosed`. */
  async sweep(isClosed: () => boolean): Promise<void> {
    for (const table of ["blocks", "fates"]) {
      const some = this.#database.prepare(
        `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE storage NOT IN (SELECT storage FROM storages) LIMIT 8)`,
      );
      while (!isClosed() && Number(some.run().changes) > 0) await setImmediate();
    }
  }
}
