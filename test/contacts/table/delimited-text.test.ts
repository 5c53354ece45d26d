import { describe, expect, it } from "vitest";
import { openTable, tableOfText } from "../../../src/contacts/table/open-table.ts";
import { readBytes, readWhole, refusalOf, sourceOf } from "../../support/tables.ts";

const ana = "+14155550101";
const bea = "+14155550102";

describe("delimited text", () => {
  it.each<[string, string, (readonly number[])?]>([
    ["commas", `Name,Phone\n"Doe, Ana",${ana}\n`],
    ["semicolons", `Name;Phone\nDoe, Ana;${ana}\n`],
    ["tabs", `Name\tPhone\nDoe, Ana\t${ana}\n`],
    ["bars", `Name|Phone\nDoe, Ana|${ana}\n`],
    ["the delimiter that the first line declares", `sep=;\nName;Phone\nDoe, Ana;${ana}\n`],
    ["a byte order mark and a declared delimiter", `\uFEFFsep=;\r\nName;Phone\r\nDoe, Ana;${ana}\r\n`],
    ["Windows line breaks", `Name;Phone\r\nDoe, Ana;${ana}\r\n`],
    ["old Mac line breaks", `Name;Phone\rDoe, Ana;${ana}\r`],
    ["no line break at its end", `Name;Phone\nDoe, Ana;${ana}`],
    ["every cell in quotes", `"Name","Phone"\n"Doe, Ana","${ana}"\n`],
    ["empty columns at its end", `Name;Phone;;\nDoe, Ana;${ana};;\n`, [2, 3]],
    ["an empty column in its middle", `Name;;Phone\nDoe, Ana;;${ana}\n`, [1]],
  ])("may be written with %s", async (_what, text, blankPlaces) => {
    const { shape, rows } = await readBytes(text);
    expect(shape).toEqual({
      source: '"june.csv" in /lists',
      format: "csv",
      encoding: "utf-8",
      headerRow: 1,
      columns: ["Name", "Phone"],
      ...(blankPlaces && { blankPlaces }),
    });
    expect(rows).toEqual([{ row: 2, cells: ["Doe, Ana", ana] }]);
  });

  it("takes the delimiter that leaves the numbers whole where two would do", async () => {
    const { rows } = await readBytes(`Doe, Ana;${ana}\nRoe, Bea;${bea}\n`);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ["Doe, Ana", ana],
      ["Roe, Bea", bea],
    ]);
  });

  it("is not misled by notes of several lines with a comma in each", async () => {
    const note = `"Main Street 1, Springfield\nFlat 5, second floor\nbell, please, twice"`;
    const { shape, rows } = await readBytes(`Name;Phone;Note\n${`Ana;${ana};${note}\n`.repeat(30)}`);
    expect(shape.columns).toEqual(["Name", "Phone", "Note"]);
    expect(rows).toHaveLength(30);
  });

  it("numbers records, not lines, and keeps the number of a row below a blank one", async () => {
    const { rows } = await readBytes(`Phone,Note\n${ana},"two\r\nlines"\n\n,\n${bea},x\n`);
    expect(rows).toEqual([
      { row: 2, cells: [ana, "two\nlines"] },
      { row: 5, cells: [bea, "x"] },
    ]);
  });

  it("keeps titles above the header out of its rows, and their place in the numbers of the rows", async () => {
    const titles = `Customers of June;;\n"Exported; 20.02.2026";;\n\n`;
    const { shape, rows } = await readBytes(`${titles}Name;Phone;City\nAna;${ana};Köln\nBea;${bea};\n`);
    expect(shape.headerRow).toBe(4);
    expect(shape.columns).toEqual(["Name", "Phone", "City"]);
    expect(rows).toEqual([
      { row: 5, cells: ["Ana", ana, "Köln"] },
      { row: 6, cells: ["Bea", bea, ""] },
    ]);
    const bare = await readBytes(`Customers of June\nName,Phone\nAna,${ana}\n`);
    expect(bare.rows).toEqual([{ row: 3, cells: ["Ana", ana] }]);
  });

  it("may be written with spaces around its cells, which are kept for whoever gets the file back", async () => {
    const { shape, rows } = await readBytes(`Name ; Phone;Name ;\n Doe, Ana ;${ana} ;x; \n`);
    expect(shape.columns).toEqual(["Name", "Phone", "Name_2"]);
    expect(shape.header).toEqual(["Name ", " Phone", "Name "]);
    expect(rows).toEqual([{ row: 2, cells: ["Doe, Ana", ana, "x"], asGiven: { 0: " Doe, Ana ", 1: `${ana} ` } }]);
  });

  it("without a header keeps its first row and names its columns by position", async () => {
    const { shape, rows } = await readBytes(`Ana,${ana}\nBea,${bea}\n`);
    expect(shape.headerRow).toBeUndefined();
    expect(shape.columns).toEqual(["column_1", "column_2"]);
    expect(rows.map(({ row }) => row)).toEqual([1, 2]);
  });

  it("names columns with a blank or repeated header apart, and keeps a nameless one whose first cell comes last", async () => {
    const many = `${ana},a,,c,\n`.repeat(5000);
    const { shape, rows } = await readBytes(`Phone,Name,,Name,\n${many}${ana},a,b,c,\n`);
    expect(shape.columns).toEqual(["Phone", "Name", "column_3", "Name_2"]);
    expect(rows.at(-1)).toEqual({ row: 5002, cells: [ana, "a", "b", "c"] });
  });

  it("gives a fault to a row with other cells than its header, and reads the rest", async () => {
    const { rows } = await readBytes(`Name,Phone\nDoe, Ana,${ana}\nBea\nCid,${bea},,\n`);
    expect(rows).toEqual([
      { row: 2, cells: ["Doe", "Ana", ana], asGiven: { 1: " Ana" }, fault: "too_many_cells" },
      { row: 3, cells: ["Bea"], fault: "too_few_cells" },
      { row: 4, cells: ["Cid", bea] },
    ]);
  });

  it("gives a fault to a row with a quote that is never closed, with all that it swallowed", async () => {
    const swallowed = `Bea,${bea}\nCid,${bea}`;
    const { rows } = await readBytes(`Name,Phone\nAna,${ana}\n"${swallowed}\n`);
    expect(rows).toEqual([
      { row: 2, cells: ["Ana", ana] },
      { row: 3, cells: [swallowed], asGiven: { 0: `${swallowed}\n` }, fault: "unclosed_quote" },
    ]);
  });

  it("gives a fault to a row with a quote that is not doubled, and to no other", async () => {
    const { rows } = await readBytes(`Name,Phone\nAna,${ana}\n"Bea "B" Doe",${bea}\n"Cid",${bea}\n`);
    expect(rows.map(({ row, fault }) => [row, fault])).toEqual([
      [2, undefined],
      [3, "stray_quote"],
      [4, undefined],
    ]);
  });

  it("that came as text is read the same, without an encoding", async () => {
    const { shape, rows } = await readWhole(await tableOfText(`\uFEFFName;Phone\nZoë;${ana}\n`, "tasks_csv"));
    expect(shape).toEqual({ source: "tasks_csv", format: "csv", headerRow: 1, columns: ["Name", "Phone"] });
    expect(rows).toEqual([{ row: 2, cells: ["Zoë", ana] }]);
  });

  it("is walked in blocks, of which none waits for the whole", async () => {
    const table = await openTable(sourceOf(`Name,Phone\n${`Ana,${ana}\n`.repeat(50_000)}`));
    let blocks = 0;
    let rows = 0;
    for await (const block of table.rows) {
      blocks += 1;
      rows += block.length;
    }
    expect(rows).toBe(50_000);
    expect(blocks).toBeGreaterThan(10);
  });

  it("is walked no further once its reader is told to end", async () => {
    const stop = new AbortController();
    const table = await openTable(sourceOf(`Name,Phone\n${`Ana,${ana}\n`.repeat(50_000)}`), { signal: stop.signal });
    const walk = async () => {
      for await (const _ of table.rows) stop.abort(new Error("nobody waits any more"));
    };
    await expect(walk()).rejects.toThrow("nobody waits any more");
  });
});

describe("delimited text that is damaged", () => {
  it.each(["", "\uFEFF", "\n \n,,\n"])("without content is refused: %j", async (text) => {
    const { code, message } = await refusalOf(text);
    expect([code, message]).toEqual([
      "invalid_input",
      '"june.csv" in /lists is empty; give a list with at least one person. Nothing was created.',
    ]);
  });

  it.each(["Name,Phone\n", "phone_number", "to_number\r\n", "\uFEFFphone\n\n", "do_not_call\n"])(
    "with a header alone is refused: %j",
    async (text) => {
      expect((await refusalOf(text)).message).toContain("has one row and no number in it; below a header");
    },
  );

  it("with a quote in its header is refused, be it closed somewhere or never", async () => {
    const stray = await refusalOf(`"First "name",Phone\nAna,${ana}\n"Bea",${bea}\n`);
    expect(stray.message).toContain("has a wrong quote in its header; close it or double it");
    const unclosed = await refusalOf(`"Name,Phone\nAna,${ana}\n`);
    expect(unclosed.message).toContain("has a quote in row 1 that is never closed, so that nobody is left");
  });

  it("in one line of 50 MB is refused soon, without being read to its end", async () => {
    let given = 0;
    const line = Buffer.alloc(64 * 1024, "x");
    const source = {
      name: "The list",
      async *open() {
        for (let block = 0; block < 800; block++) {
          given += line.length;
          yield line;
        }
      },
    };
    const { message } = await refusalOf(source);
    expect(message).toContain("has a row 1 of more than 1,000,000 characters: it is no list with one person a line");
    expect(given).toBeLessThan(60 * 1024 * 1024);
  });

  it("with a quote that would swallow a million characters is refused with the row", async () => {
    const { message } = await refusalOf(`Name,Phone\nAna,${ana}\n"Bea,${bea}\n${`Cid,${bea}\n`.repeat(100_000)}`);
    expect(message).toContain(
      "has a row 3 of more than 1,000,000 characters: a quote in it is opened and never closed",
    );
  });

  it("of 10 GB is refused by its size before a byte is read, and by what came where no size is known", async () => {
    let given = 0;
    const block = Buffer.from(`Ana,${ana}\n`.repeat(4000));
    const open = async function* () {
      for (let left = 10 * 1024 ** 3; left > 0; left -= block.length) {
        given += block.length;
        yield block;
      }
    };
    expect((await refusalOf({ name: "The list", size: 10 * 1024 ** 3, open })).message).toContain(
      "is larger than 64 MiB",
    );
    expect(given).toBe(0);
    expect((await refusalOf({ name: "The list", open })).message).toContain("is larger than 64 MiB");
    expect(given).toBeLessThan(66 * 1024 * 1024);
  });

  it("that changes while it is read is refused at the end of the walk", async () => {
    let number = ana;
    const source = {
      name: "The list",
      async *open() {
        yield Buffer.from(`Name,Phone\nAna,${number}\n`);
      },
    };
    const table = await openTable(source);
    number = bea;
    await expect(readWhole(table)).rejects.toThrow("changed while it was read");
  });

  it("with more columns than anybody uses is refused", async () => {
    const header = Array.from({ length: 1001 }, (_, index) => `c${index}`).join(",");
    expect((await refusalOf(`${header}\n${"x,".repeat(1000)}x\n`)).message).toContain(
      "has 1,001 columns; leave at most 1,000",
    );
  });
});
