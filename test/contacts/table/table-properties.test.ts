import fc from "fast-check";
import Papa from "papaparse";
import { expect, it } from "vitest";
import { readCsvRows } from "../../../src/contacts/table/csv-rows.ts";
import { openTable } from "../../../src/contacts/table/open-table.ts";
import { type TableRow, untrimmed } from "../../../src/domain/list/table.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { readBytes, readWhole, sourceOf } from "../../support/tables.ts";

const header = ["First name", "Phone", "Note"];

const encodings = {
  "utf-8": (text: string) => Buffer.from(text),
  "utf-8 with a mark": (text: string) => Buffer.from(`\uFEFF${text}`),
  "utf-16le": (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le"),
  "utf-16be": (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
  "utf-16le without a mark": (text: string) => Buffer.from(text, "utf16le"),
  "utf-16be without a mark": (text: string) => Buffer.from(text, "utf16le").swap16(),
};

/** Names and notes as nobody would write them: with every separator, quote and line break, and letters of any script. */
const anyCell = fc
  .array(fc.constantFrom(..."aZ09 ,;\t|\"'\n\r=", "\r\n", "é", "ß", "李", "Ж", "😀", "€"), { maxLength: 8 })
  .map((characters) => characters.join(""));

const anyRow = fc.tuple(anyCell, fc.integer({ min: 0, max: 99 }), anyCell);

/** A cell has `\n` for every line break. */
function withOneLineBreak(cell: string): string {
  return cell.replace(/\r\n?/g, "\n");
}

it("every row that was written comes out, in its place, whatever separates, quotes and encodes it", async () => {
  const writing = fc.record({
    rows: fc.array(anyRow, { minLength: 1, maxLength: 40 }),
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    newline: fc.constantFrom("\n", "\r\n", "\r"),
    quotes: fc.boolean(),
    encode: fc.constantFrom(...Object.values(encodings)),
  });
  await fc.assert(
    fc.asyncProperty(writing, async ({ rows, delimiter, newline, quotes, encode }) => {
      const given = rows.map(([name, number, note]) => [name, `+141555501${String(number).padStart(2, "0")}`, note]);
      const text = Papa.unparse([header, ...given], { delimiter, newline, quotes });
      const table = await readBytes(encode(text));
      expect(table.shape.columns).toEqual(header);
      const stood = given.map((cells) => cells.map(withOneLineBreak));
      expect(table.rows.map(({ row }) => row)).toEqual(given.map((_, index) => index + 2));
      expect(table.rows.map(({ cells }) => cells)).toEqual(stood.map((cells) => cells.map((cell) => cell.trim())));
      expect(table.rows.map(untrimmed)).toEqual(stood);
    }),
    { numRuns: 200 },
  );
});

it("text in Windows-1252 comes out letter for letter", async () => {
  const letter = fc.constantFrom(..."äöüßéèñçåøæÄÖÜÉ");
  const name = fc
    .tuple(fc.constantFrom("M", "Fr", "K"), letter, fc.constantFrom("ller", "n", "tas"))
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 50 }), async (names) => {
      const small = names.map((text) => text.toLowerCase());
      const text = `Name;Phone\r\n${small.map((cell) => `${cell};+14155550101\r\n`).join("")}`;
      const { shape, rows } = await readBytes(Buffer.from(text, "latin1"));
      expect(shape.encoding).toBe("windows-1252");
      expect(rows.map(({ cells }) => cells[0])).toEqual(small);
    }),
  );
});

const csvCharacters = fc.constantFrom(...'a1 ,;"""\n\r', "é", "😀");
const anyText = fc.array(csvCharacters, { maxLength: 120 }).map((characters) => characters.join(""));
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

it("rows do not depend on where the text was cut, broken quotes included", async () => {
  await fc.assert(
    fc.asyncProperty(anyText, cuts, async (text, lengths) => {
      const whole = await rowsOf([text]);
      expect(await rowsOf(piecesOf(text, lengths))).toEqual(whole);
      const { data } = Papa.parse<string[]>(text.replace(/\r\n?/g, "\n"), { delimiter: ",", newline: "\n" });
      const filled = data.filter((cells) => cells.some((cell) => cell !== ""));
      expect(whole.map(({ cells }) => cells).filter((cells) => cells.some((cell) => cell !== ""))).toEqual(filled);
    }),
    { numRuns: 1000 },
  );
});

it("the same bytes give the same table, however they come", async () => {
  const bytes = anyText.map((text) => Buffer.from(`Name,Phone\nAna,+14155550101\n${text}`));
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (given, length) => {
      const whole = await readBytes(given);
      expect(await readWhole(await openTable(sourceOf(given, length)))).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});

it("bytes of any kind give a table or words, never a fault of ours", async () => {
  const beginnings = [
    "",
    "PK\u0003\u0004",
    "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1",
    "\u00ff\u00fe",
    "sep=;\n",
    "%PDF-",
    "Name,Phone\n",
  ];
  const bytes = fc
    .tuple(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 200 }))
    .map(([start, rest]) => Buffer.concat([Buffer.from(start, "latin1"), rest]));
  await fc.assert(
    fc.asyncProperty(bytes, async (given) => {
      try {
        await readBytes(given);
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
      }
    }),
    { numRuns: 1000 },
  );
});

async function rowsOf(texts: readonly string[]): Promise<readonly TableRow[]> {
  const rows: TableRow[] = [];
  for await (const block of readCsvRows(inTurn(texts), ",")) rows.push(...block);
  return rows;
}

async function* inTurn(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

function piecesOf(text: string, lengths: readonly number[]): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const piece = text.slice(at, at + (lengths[pieces.length % lengths.length] ?? 1));
    pieces.push(piece);
    at += piece.length;
  }
  return pieces;
}
