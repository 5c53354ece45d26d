import { extname } from "node:path";
import type { Table } from "../../domain/list/table.ts";
import { UnreadableFile } from "../unreadable-file.ts";
import { openWorkbook } from "../xlsx/open-workbook.ts";
import { buildTable, type RawTable, refusing } from "./build-table.ts";
import { openEncodedText, openPlainText } from "./delimited-text.ts";
import { compoundFault, kindOf } from "./file-kind.ts";
import { type OpenTableOptions, readBlocks, type TableSource } from "./table-source.ts";

/**
 * Opens what people have as a list: delimited text or an Excel workbook, told apart by what it holds. Throws `invalid_input`
 * that says what it is and what to do for everything else; so may the walk over the rows, and then none of them counts.
 */
export async function openTable(source: TableSource, options: OpenTableOptions = {}): Promise<Table> {
  const raw = await refusing(source.name, () => openRaw(source, options));
  return buildTable({ ...raw, said: [...misnamed(source.fileName, raw.facts.format), ...raw.said] });
}

/** The same for text that is there already, such as an argument of a tool. `source` names it in errors. */
export async function tableOfText(text: string, source: string): Promise<Table> {
  return buildTable(await refusing(source, () => openPlainText(text, source)));
}

async function openRaw(source: TableSource, options: OpenTableOptions): Promise<RawTable> {
  const head = await beginningOf(source, options);
  switch (kindOf(head)) {
    case "text":
      return openEncodedText(source, options);
    case "zip":
      return openWorkbook(source, options);
    case "compound":
      throw await compoundFault(readBlocks(source, options.signal));
  }
}

const textEndings: readonly string[] = [".csv", ".tsv", ".txt", ".tab"];
const workbookEndings: readonly string[] = [".xlsx", ".xlsm", ".xltx", ".xls"];

function misnamed(fileName: string | undefined, format: Table["shape"]["format"]): readonly string[] {
  const ending = extname(fileName ?? "").toLowerCase();
  if (format === "xlsx" && textEndings.includes(ending))
    return [`It is an Excel workbook, although its name ends in ${ending}.`];
  if (format === "csv" && workbookEndings.includes(ending)) return [`It is text, although its name ends in ${ending}.`];
  return [];
}

async function beginningOf(source: TableSource, options: OpenTableOptions): Promise<Buffer> {
  for await (const block of readBlocks(source, options.signal)) return block;
  throw new UnreadableFile("is empty; give a list with at least one person");
}
