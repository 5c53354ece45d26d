import type { RawRow } from "../table/layout.ts";
import { UnreadableFile } from "../unreadable-file.ts";
import type { NumberFormat } from "./number-format.ts";
import { readXml, type XmlListener } from "./read-xml.ts";
import { type SharedStrings, unescapeText } from "./shared-strings.ts";
import { showNumber } from "./show-number.ts";
import type { ZipEntry } from "./zip.ts";

/** What the cells of a sheet refer to. */
export type CellContext = {
  readonly sharedStrings: SharedStrings;
  readonly styles: readonly NumberFormat[];
  readonly from1904: boolean;
};

const maxColumns = 1000;

/**
 * Rows of a sheet with the numbers that the sheet shows beside them; rows without cells are not there. Throws `UnreadableFile`.
 */
export async function* readSheetRows(sheet: ZipEntry, context: CellContext): AsyncGenerator<readonly RawRow[]> {
  const reader = new SheetReader(context);
  for await (const _ of readXml(sheet.open(), reader)) {
    const rows = reader.takeRows();
    if (rows.length > 0) yield rows;
  }
}

type Cell = {
  readonly column: number;
  readonly type: string;
  readonly style: number;
  value: string;
  isFormula: boolean;
};

/** Hears a sheet's XML and puts its cells into rows (ECMA-376 part 1, 18.3.1). */
class SheetReader implements XmlListener {
  readonly #context: CellContext;
  #rows: RawRow[] = [];
  #row = 0;
  #isHidden = false;
  #cells: string[] = [];
  #column = -1;
  #cell: Cell | undefined;
  #isPhonetic = false;
  #isValue = false;

  constructor(context: CellContext) {
    this.#context = context;
  }

  takeRows(): readonly RawRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: () => Readonly<Record<string, string>>): void {
    if (name === "c") this.#openCell(attributes());
    else if (name === "v" || name === "t") this.#isValue = !this.#isPhonetic;
    else if (name === "row") this.#openRow(attributes());
    else if (name === "rPh") this.#isPhonetic = true;
    else if (name === "f" && this.#cell !== undefined) this.#cell.isFormula = true;
  }

  text(text: string): void {
    if (this.#isValue && this.#cell !== undefined) this.#cell.value += text;
  }

  close(name: string): void {
    if (name === "c") this.#closeCell();
    else if (name === "v" || name === "t") this.#isValue = false;
    else if (name === "row") this.#closeRow();
    else if (name === "rPh") this.#isPhonetic = false;
  }

  #openRow({ r, hidden }: Readonly<Record<string, string>>): void {
    const row = r === undefined ? this.#row + 1 : Number(r);
    if (!Number.isSafeInteger(row) || row <= this.#row) {
      throw new UnreadableFile(`is damaged: row ${r} stands below row ${this.#row}; open it in Excel and save it`);
    }
    this.#row = row;
    this.#isHidden = hidden === "1" || hidden === "true";
    this.#cells = [];
    this.#column = -1;
  }

  #closeRow(): void {
    if (this.#cells.length > 0) this.#rows.push({ row: this.#row, cells: this.#cells, isHidden: this.#isHidden });
  }

  #openCell({ r, t = "n", s = "0" }: Readonly<Record<string, string>>): void {
    const column = r === undefined ? this.#column + 1 : toColumn(r);
    if (!(column > this.#column)) {
      throw new UnreadableFile(`is damaged: cell ${r} is in the wrong place; open it in Excel and save it`);
    }
    this.#column = column;
    this.#cell = { column, type: t, style: Number(s), value: "", isFormula: false };
  }

  #closeCell(): void {
    const cell = this.#cell;
    this.#cell = undefined;
    if (cell === undefined) return;
    const text = this.#textOf(cell);
    if (text === "") return;
    if (cell.column >= maxColumns)
      throw new UnreadableFile(`has more than ${maxColumns} columns; leave out those that nobody needs`);
    while (this.#cells.length < cell.column) this.#cells.push("");
    this.#cells.push(text);
  }

  /** As people see it; an error such as `#N/A` too. */
  #textOf({ type, style, value, isFormula, column }: Cell): string {
    if (value === "" && isFormula && type !== "str") {
      throw new UnreadableFile(
        `has a formula in row ${this.#row}, column ${column + 1}, that was never computed; open it in Excel and save it`,
      );
    }
    switch (type) {
      case "s":
        return value === "" ? "" : this.#sharedText(Number(value));
      case "b":
        return value === "1" ? "TRUE" : value === "0" ? "FALSE" : value;
      case "n":
        return value === ""
          ? ""
          : showNumber(value, this.#context.styles[style] ?? { kind: "plain" }, this.#context.from1904);
      case "d":
        return value.replace(/T00:00(?::00(?:\.0+)?)?Z?$/, "").replace("T", " ");
      default:
        return unescapeText(value);
    }
  }

  #sharedText(index: number): string {
    const text = this.#context.sharedStrings.get(index);
    if (text !== undefined) return unescapeText(text);
    throw new UnreadableFile(
      `is damaged: row ${this.#row} refers to a text that is not there; open it in Excel and save it`,
    );
  }
}

/** `AB12` is 27. */
function toColumn(reference: string): number {
  let column = 0;
  for (let index = 0; index < reference.length; index++) {
    const code = reference.charCodeAt(index) | 0x20;
    if (code < 0x61 || code > 0x7a) break;
    column = column * 26 + code - 0x60;
  }
  return column - 1;
}
