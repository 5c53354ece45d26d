import type { StoredRow } from "./stored-row.ts";

const mostRows = 500;
const mostCharacters = 256 * 1024;

/**
 * Cuts rows into the blocks in which they are kept, by the rows alone: however they come in, the same rows make the same
 * blocks. A row that is longer than a block is one by itself.
 */
export async function* cutBlocks(
  incoming: AsyncIterable<readonly StoredRow[]>,
): AsyncGenerator<readonly StoredRow[], void, undefined> {
  let block: StoredRow[] = [];
  let characters = 0;
  for await (const rows of incoming) {
    for (const row of rows) {
      block.push(row);
      for (const cell of row.cells) characters += cell.length;
      if (block.length < mostRows && characters < mostCharacters) continue;
      yield block;
      block = [];
      characters = 0;
    }
  }
  if (block.length > 0) yield block;
}
