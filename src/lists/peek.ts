import type { Table, TableRow } from "../domain/list/table.ts";

/** Rows that the columns are told apart by. */
export const sampleRows = 500;

/** The first rows of a table, and all of its rows with them. */
export async function peek({
  rows,
}: Table): Promise<{ sample: readonly TableRow[]; rows: AsyncIterable<readonly TableRow[]> }> {
  const blocks = rows[Symbol.asyncIterator]();
  const first: (readonly TableRow[])[] = [];
  let count = 0;
  while (count < sampleRows) {
    const { done, value } = await blocks.next();
    if (done) break;
    first.push(value);
    count += value.length;
  }
  async function* all(): AsyncGenerator<readonly TableRow[], void, undefined> {
    try {
      yield* first;
      for (let next = await blocks.next(); !next.done; next = await blocks.next()) yield next.value;
    } finally {
      await blocks.return?.();
    }
  }
  return { sample: first.flat().slice(0, sampleRows), rows: all() };
}
