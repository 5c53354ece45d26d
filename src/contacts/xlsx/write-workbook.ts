import { Problem } from "../../domain/problem.ts";
import { writeZip } from "./write-zip.ts";

/** Rows of cells; a text stays a text, whatever it looks like, and a number is one. */
export type SheetRows = AsyncIterable<readonly (readonly (string | number)[])[]>;

// What a sheet of Excel holds (support.microsoft.com, "Excel specifications and limits").
const maxRows = 1_048_576;
const longestCell = 32_767;

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packaged = "http://schemas.openxmlformats.org/package/2006";
const kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml";

const contentTypes = `${xml}<Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${kinds}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kinds}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${kinds}.styles+xml"/></Types>`;
const rootRelations = `${xml}<Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;
const bookRelations = `${xml}<Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${relations}/styles" Target="styles.xml"/></Relationships>`;
// Style 1 is text (format 49), so that a number that somebody types over another stays as it is typed.
const styles = `${xml}<styleSheet xmlns="${main}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`;
const sheetHead = `${xml}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`;
const sheetEnd = "</sheetData></worksheet>";

/**
 * A workbook with one sheet, as its rows come (ECMA-376 part 1, 18.3.1). Texts stand in their cells, so that no table of them is
 * kept; one that is longer than Excel takes is cut. Throws `unavailable` for more rows than a sheet has.
 */
export async function* writeWorkbook(sheet: string, rows: SheetRows): AsyncGenerator<Buffer, void, undefined> {
  const workbook = `${xml}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="${escapeXml(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>`;
  yield* writeZip([
    { name: "[Content_Types].xml", content: [contentTypes] },
    { name: "_rels/.rels", content: [rootRelations] },
    { name: "xl/workbook.xml", content: [workbook] },
    { name: "xl/_rels/workbook.xml.rels", content: [bookRelations] },
    { name: "xl/styles.xml", content: [styles] },
    { name: "xl/worksheets/sheet1.xml", content: sheetXml(rows) },
  ]);
}

async function* sheetXml(rows: SheetRows): AsyncGenerator<string, void, undefined> {
  yield sheetHead;
  const letters: string[] = [];
  let count = 0;
  for await (const some of rows) {
    let text = "";
    for (const cells of some) {
      count += 1;
      if (count > maxRows) throw tooManyRows();
      while (letters.length < cells.length) letters.push(toLetters(letters.length));
      text += `<row r="${count}">${cells.map((cell, index) => toCell(cell, `${letters[index]}${count}`)).join("")}</row>`;
    }
    yield text;
  }
  yield sheetEnd;
}

function toCell(cell: string | number, place: string): string {
  if (typeof cell === "number") return `<c r="${place}"><v>${cell}</v></c>`;
  if (cell === "") return "";
  const text = cell.length > longestCell ? `${cell.slice(0, longestCell - 1)}…` : cell;
  return `<c r="${place}" s="1" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

// What XML cannot hold is written as `_x000B_` (ECMA-376 part 1, 22.9.2.19), and what only looks so with its underscore escaped.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unwritable = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[\dA-Fa-f]{4}_)/g;
const marked = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" } as const;

function escapeXml(text: string): string {
  return text
    .replace(unwritable, (sign) => `_x${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`)
    .replace(/[&<>"]/g, (sign) => (sign === "&" || sign === "<" || sign === ">" || sign === '"' ? marked[sign] : sign));
}

/** 0 is `A`, 26 is `AA`. */
function toLetters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : `${toLetters(Math.floor(column / 26) - 1)}${last}`;
}

function tooManyRows(): Problem {
  return new Problem("unavailable", "A sheet of Excel holds 1,048,576 rows, and these are more. Export them as csv.");
}
