import { plainText } from "../../domain/text.ts";
import type { RawTable } from "../table/build-table.ts";
import type { RawRow } from "../table/layout.ts";
import { maxTableBytes, type OpenTableOptions, readBlocks, type TableSource } from "../table/table-source.ts";
import { UnreadableFile } from "../unreadable-file.ts";
import { readSharedStrings } from "./shared-strings.ts";
import { readSheetRows } from "./sheet-rows.ts";
import { readStyles } from "./styles.ts";
import { readWorkbook, type Sheet } from "./workbook.ts";
import { openZip, type ZipEntry } from "./zip.ts";

/**
 * Opens one sheet of a workbook: the one that is asked for, else the first visible one with rows. The packed bytes are kept;
 * they are unpacked anew for every walk. Throws `UnreadableFile`.
 */
export async function openWorkbook(
  source: TableSource,
  { sheet: wanted, signal }: OpenTableOptions,
): Promise<RawTable> {
  const workbook = await readWorkbook(openZip(await readAll(readBlocks(source, signal))));
  const { sheets, sharedStrings, styles, from1904 } = workbook;
  for (const { entry } of sheets) requireUnpacked([entry, sharedStrings, styles]);
  const context = {
    from1904,
    sharedStrings: await readSharedStrings(sharedStrings),
    styles: await readStyles(styles),
  };
  const rowsOf = (sheet: Sheet): AsyncIterable<readonly RawRow[]> =>
    abortable(readSheetRows(sheet.entry, context), signal);
  const { sheet, others } = wanted === undefined ? await firstWithRows(sheets, rowsOf) : named(sheets, wanted);
  return {
    source: source.name,
    facts: { format: "xlsx", sheet: sheet.name },
    said: others.length === 0 ? [] : [saidOf(sheet, others)],
    isSeparated: false,
    rows: () => rowsOf(sheet),
  };
}

async function readAll(blocks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const block of blocks) all.push(block);
  return Buffer.concat(all);
}

function requireUnpacked(entries: readonly (ZipEntry | undefined)[]): void {
  const size = entries.reduce((sum, entry) => sum + (entry?.size ?? 0), 0);
  if (size <= maxTableBytes) return;
  throw new UnreadableFile("is larger than 64 MiB when it is unpacked; split the list, or save it as CSV UTF-8");
}

async function* abortable<T>(values: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const value of values) {
    signal?.throwIfAborted();
    yield value;
  }
}

type Choice = { readonly sheet: Sheet /** Other visible sheets with rows. */; readonly others: readonly Sheet[] };

async function firstWithRows(
  sheets: readonly Sheet[],
  rowsOf: (sheet: Sheet) => AsyncIterable<readonly RawRow[]>,
): Promise<Choice> {
  const filled: Sheet[] = [];
  let blankBytes = 0;
  for (const sheet of sheets.filter(({ isHidden }) => !isHidden)) {
    if (await hasRows(rowsOf(sheet))) filled.push(sheet);
    else blankBytes += sheet.entry.size;
    if (blankBytes > maxTableBytes)
      throw new UnreadableFile("has more than 64 MiB of sheets without content; delete them");
  }
  const [sheet, ...others] = filled;
  if (sheet !== undefined) return { sheet, others };
  throw new UnreadableFile(
    `has no rows in a visible sheet${sheets.length === 0 ? "" : `; its sheets are ${quoteAll(sheets)}`}`,
  );
}

async function hasRows(blocks: AsyncIterable<readonly RawRow[]>): Promise<boolean> {
  for await (const block of blocks) {
    if (block.some(({ cells }) => cells.some((cell) => cell.trim() !== ""))) return true;
  }
  return false;
}

function named(sheets: readonly Sheet[], wanted: string): Choice {
  const key = wanted.trim().toLowerCase();
  const sheet =
    sheets.find(({ name }) => name === wanted) ?? sheets.find(({ name }) => name.trim().toLowerCase() === key);
  if (sheet !== undefined) return { sheet, others: [] };
  throw new UnreadableFile(`has no sheet "${plainText(wanted, 100)}"; its sheets are ${quoteAll(sheets)}`);
}

function saidOf(sheet: Sheet, others: readonly Sheet[]): string {
  const also = others.length === 1 ? "Another sheet has rows" : `${others.length} other sheets have rows`;
  return `Sheet ${quoteAll([sheet])} was read. ${also}: ${quoteAll(others)}; name one in sheet to read it instead.`;
}

const quotedAtMost = 20;

function quoteAll(sheets: readonly Sheet[]): string {
  const quoted = sheets.slice(0, quotedAtMost).map(({ name }) => `"${plainText(name, 100)}"`);
  const more = sheets.length > quotedAtMost ? ` and ${sheets.length - quotedAtMost} more` : "";
  return `${quoted.join(", ")}${more}`;
}
