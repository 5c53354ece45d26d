import { openTable } from "../../src/contacts/table/open-table.ts";
import type { OpenTableOptions, TableSource } from "../../src/contacts/table/table-source.ts";
import type { Table, TableRow, TableShape } from "../../src/domain/list/table.ts";
import { Problem } from "../../src/domain/problem.ts";

/** A source of bytes that come in pieces of one length. */
export function sourceOf(bytes: Uint8Array | string, pieceLength = 64 * 1024): TableSource {
  const all = Buffer.from(bytes);
  return {
    name: '"june.csv" in /lists',
    async *open() {
      for (let at = 0; at < all.length; at += pieceLength) yield all.subarray(at, at + pieceLength);
    },
  };
}

export type WholeTable = { readonly shape: TableShape; readonly rows: readonly TableRow[] };

export async function readWhole(table: Table): Promise<WholeTable> {
  const rows: TableRow[] = [];
  for await (const block of table.rows) rows.push(...block);
  return { shape: table.shape, rows };
}

export async function readBytes(bytes: Uint8Array | string, options?: OpenTableOptions): Promise<WholeTable> {
  return readWhole(await openTable(sourceOf(bytes), options));
}

/** What a source is refused with, at its opening or on the walk over its rows. */
export async function refusalOf(
  source: TableSource | Uint8Array | string,
  options?: OpenTableOptions,
): Promise<Problem> {
  const opened = typeof source === "string" || source instanceof Uint8Array ? sourceOf(source) : source;
  try {
    await readWhole(await openTable(opened, options));
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("the table was read");
}
