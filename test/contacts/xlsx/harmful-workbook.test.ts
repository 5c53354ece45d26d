import { describe, expect, it } from "vitest";
import { refusalOf } from "../../support/tables.ts";
import { rowsXml, rowXml, workbookFiles, workbookOf, zipOf } from "../../support/workbook.ts";

const ana = "+14155550101";
const data = rowsXml([
  ["Name", "Phone"],
  ["Ana", ana],
]);
const sheetPath = "xl/worksheets/sheet1.xml";
const mebibyte = 1024 * 1024;

/** So many MiB of rows without a cell, which pack to a thousandth. */
function blankRows(mebibytes: number): string {
  return `<row/>${" ".repeat(mebibyte / 2)}`.repeat(mebibytes * 2);
}

/** The files of a workbook with one sheet, whose whole XML is given. */
function withSheet(xml: string): Record<string, string> {
  return { ...workbookFiles({ sheets: [{ name: "List", data }] }), [sheetPath]: xml };
}

function sheetXml(rows: string): string {
  return `<worksheet><sheetData>${rows}</sheetData></worksheet>`;
}

describe("a workbook that would fill the memory", () => {
  it("is refused by what it says it unpacks to, before it is unpacked", async () => {
    const files = withSheet(sheetXml(data));
    const { message } = await refusalOf(zipOf(files, { claims: { [sheetPath]: 65 * mebibyte } }));
    expect(message).toContain("is larger than 64 MiB when it is unpacked");
  });

  it("is refused by what it unpacks to, when it says less", async () => {
    const files = withSheet(sheetXml(`${data}${blankRows(8)}`));
    const { message } = await refusalOf(zipOf(files, { claims: { [sheetPath]: 2 * mebibyte } }));
    expect(message).toContain("unpacks to more than it says");
  });

  it("is refused in its texts and styles as in its rows", async () => {
    for (const path of ["xl/sharedStrings.xml", "xl/styles.xml"]) {
      const { message } = await refusalOf(zipOf(withSheet(sheetXml(data)), { claims: { [path]: 65 * mebibyte } }));
      expect(message).toContain("is larger than 64 MiB when it is unpacked");
    }
  });

  it("is refused where blank sheets add up", async () => {
    const sheets = [1, 2].map((index) => ({
      name: `Sheet${index}`,
      data: blankRows(33),
    }));
    expect((await refusalOf(workbookOf({ sheets }))).message).toContain("more than 64 MiB of sheets without content");
  });

  it("is refused with entities of its own", async () => {
    const lol = `<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
    const { message } = await refusalOf(zipOf(withSheet(`<?xml version="1.0"?>${lol}${sheetXml(data)}`)));
    expect(message).toContain("declares entities of its own in its XML, as only a harmful file does");
  });

  it("is refused with a cell of millions of characters", async () => {
    const rows = `<row r="1"><c r="A1" t="inlineStr"><is><t>${"x".repeat(3 * mebibyte)}</t></is></c></row>`;
    expect((await refusalOf(zipOf(withSheet(sheetXml(rows))))).message).toContain(
      "holds a cell of more than 1,000,000",
    );
  });

  it("is refused with elements inside elements without end", async () => {
    const { message } = await refusalOf(zipOf(withSheet(sheetXml("<a>".repeat(100_000)))));
    expect(message).toContain("its XML is too deep");
  });

  it("is refused with a cell in a column that no list has", async () => {
    const rows = `${rowXml(["Name", "Phone"], 1)}<row r="2"><c r="XFD2"><v>1</v></c></row>`;
    expect((await refusalOf(zipOf(withSheet(sheetXml(rows))))).message).toContain("has more than 1000 columns");
  });
});

describe("a workbook that is damaged", () => {
  const whole = workbookOf({ sheets: [{ name: "List", data }] });

  it("at any place gives an error in words, or the same rows; never another thing", async () => {
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x41;
      await expectWordsOrRows(bytes);
    }
  });

  it("by one digit of a number is refused, and nobody else is called", async () => {
    const bytes = zipOf(workbookFiles({ sheets: [{ name: "List", data }] }), { isStored: true });
    bytes.write("9", bytes.indexOf(ana) + ana.length - 1);
    expect((await refusalOf(bytes)).message).toContain("is damaged or incomplete");
  });

  it("by being cut is refused", async () => {
    for (const length of [4, 30, 100, whole.length >> 1, whole.length - 30, whole.length - 1]) {
      const { code, message } = await refusalOf(whole.subarray(0, length));
      expect(code).toBe("invalid_input");
      expect(message).toContain("is damaged or incomplete; get it again, or open it in Excel and save it");
    }
  });

  it.each([
    [
      "a row above one that was before it",
      '<row r="5"><c><v>1</v></c></row><row r="4"><c><v>2</v></c></row>',
      "row 4 stands below row 5",
    ],
    [
      "a cell left of one before it",
      '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
      "cell A1 is in the wrong place",
    ],
    [
      "a text that is not there",
      '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
      "row 1 refers to a text that is not there",
    ],
    [
      "a formula that was never computed",
      '<row r="2"><c r="B2"><f>A1</f></c></row>',
      "has a formula in row 2, column 2, that was never computed; open it in Excel and save it",
    ],
    ["XML that does not end", "<row", "its XML cannot be read"],
    ["XML whose ends do not fit", "<row></c>", "its XML cannot be read"],
  ])("by %s is refused", async (_what, rows, words) => {
    expect((await refusalOf(zipOf(withSheet(sheetXml(rows))))).message).toContain(words);
  });

  it("by letters that are not UTF-8 is refused", async () => {
    const sheet = Buffer.from(
      sheetXml(
        rowsXml([
          ["Name", "Phone"],
          ["Zoë", ana],
        ]),
      ),
      "latin1",
    );
    const { message } = await refusalOf(zipOf({ ...withSheet(""), [sheetPath]: sheet }));
    expect(message).toContain("is not in UTF-8");
  });

  async function expectWordsOrRows(bytes: Buffer): Promise<void> {
    try {
      const { message } = await refusalOf(bytes);
      expect(message).toMatch(/Nothing was created\.$/);
    } catch (error) {
      expect(error).toEqual(new Error("the table was read"));
    }
  }
});
