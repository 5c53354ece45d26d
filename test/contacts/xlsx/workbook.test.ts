import { describe, expect, it } from "vitest";
import { readBytes } from "../../support/tables.ts";
import { rowsXml, rowXml, type WorkbookSpec, workbookFiles, workbookOf, zipOf } from "../../support/workbook.ts";

const ana = "+14155550101";
const bea = "+14155550102";
const header = ["Name", "Phone"];

/** Text of the cells of row 2 on, of a sheet with the columns Name and Phone, whose rows are XML. */
async function cellsOf(data: string, spec: Partial<WorkbookSpec> = {}): Promise<string[][]> {
  const bytes = workbookOf({ ...spec, sheets: [{ name: "List", data: `${rowXml(header, 1)}${data}` }] });
  return (await readBytes(bytes)).rows.map(({ cells }) => [...cells]);
}

/** The one cell beside a number, made of a cell's XML. */
async function shown(cell: string, spec: Partial<WorkbookSpec> = {}): Promise<string | undefined> {
  return (await cellsOf(`<row r="2">${cell}<c r="B2"><v>14155550101</v></c></row>`, spec))[0]?.[0];
}

describe("a sheet", () => {
  it("gives its rows the numbers that stand beside them, with gaps, and merged titles above the header", async () => {
    const data = `${rowXml(["Customers of June"], 2)}${rowXml(header, 4)}${rowXml(["Ana", ana], 5)}<row r="6"/>${rowXml([" "], 7)}${rowXml(["Bea", bea], 900_000)}`;
    const { shape, rows } = await readBytes(
      workbookOf({ sheets: [{ name: "List", data: data.replace("Customers of June", "") }] }),
    );
    expect(shape).toMatchObject({ format: "xlsx", sheet: "List", headerRow: 4, columns: header });
    expect(rows).toEqual([
      { row: 5, cells: ["Ana", ana] },
      { row: 900_000, cells: ["Bea", bea] },
    ]);
  });

  it("keeps cells in their columns where others are missing, and a column without a name that has content", async () => {
    const data = rowsXml([header, ["Ana"], [undefined, bea], ["Cid", ana, undefined, "call late"]]);
    const { shape, rows } = await readBytes(workbookOf({ sheets: [{ name: "List", data }] }));
    expect(shape.columns).toEqual(["Name", "Phone", "column_4"]);
    expect(rows.map(({ cells, fault }) => [cells, fault])).toEqual([
      [["Ana", "", ""], undefined],
      [["", bea, ""], undefined],
      [["Cid", ana, "call late"], undefined],
    ]);
  });

  it("without references and with a prefix on every name is read by position, as some programs write it", async () => {
    const files = workbookFiles({ sheets: [{ name: "List", data: rowsXml([header, ["Ana", ana]]) }] });
    const sheet = "xl/worksheets/sheet1.xml";
    const bare = files[sheet]
      ?.replace(/ r="[^"]*"/g, "")
      .replace(/<(\/?)(\w)/g, "<$1x:$2")
      .replace("xmlns=", "xmlns:x=");
    const { rows } = await readBytes(zipOf({ ...files, [sheet]: bare ?? "" }));
    expect(rows).toEqual([{ row: 2, cells: ["Ana", ana] }]);
  });

  it.each([
    ["stored without packing", { isStored: true }],
    ["with sizes for archives of any length", { isWide: true }],
  ])("is read from an archive %s", async (_what, options) => {
    const files = workbookFiles({ sheets: [{ name: "List", data: rowsXml([header, ["Ana", ana]]) }] });
    expect((await readBytes(zipOf(files, options))).rows).toEqual([{ row: 2, cells: ["Ana", ana] }]);
  });

  it("says how many of its rows are hidden, and reads them", async () => {
    const data = `${rowXml(header, 1)}${rowXml(["Ana", ana], 2)}<row r="3" hidden="1"><c><v>5</v></c></row><row r="4" hidden="true"><c><v>6</v></c></row>`;
    const { shape, rows } = await readBytes(workbookOf({ sheets: [{ name: "List", data }] }));
    expect(rows).toHaveLength(3);
    expect(shape.said).toEqual(["2 rows are hidden in the sheet, and are part of the list all the same."]);
  });
});

describe("of several sheets", () => {
  const rows = rowsXml([header, ["Ana", ana]]);
  const other = rowsXml([header, ["Bea", bea]]);

  it("the first visible one with rows is read, and the others are named", async () => {
    const bytes = workbookOf({
      sheets: [
        { name: "Secret", data: rows, state: "hidden" },
        { name: "Macro", data: rows, state: "veryHidden" },
        { name: "Cover", data: rowsXml([["", " "]]) },
        { name: "June", data: rows },
        { name: "May & April", data: other },
      ],
    });
    const table = await readBytes(bytes);
    expect(table.shape.sheet).toBe("June");
    expect(table.shape.said).toEqual([
      'Sheet "June" was read. Another sheet has rows: "May & April"; name one in sheet to read it instead.',
    ]);
    const chosen = await readBytes(bytes, { sheet: "may & april" });
    expect(chosen.shape.sheet).toBe("May & April");
    expect(chosen.shape.said).toBeUndefined();
    expect(chosen.rows[0]?.cells).toEqual(["Bea", bea]);
    expect((await readBytes(bytes, { sheet: "Secret" })).rows).toHaveLength(1);
    await expect(readBytes(bytes, { sheet: "July" })).rejects.toThrow(
      'has no sheet "July"; its sheets are "Secret", "Macro", "Cover", "June", "May & April". Nothing was created.',
    );
  });

  it("none with rows is refused with the names of the sheets", async () => {
    const bytes = workbookOf({
      sheets: [
        { name: "Cover", data: "" },
        { name: "Secret", data: rows, state: "hidden" },
      ],
    });
    await expect(readBytes(bytes)).rejects.toThrow('has no rows in a visible sheet; its sheets are "Cover", "Secret".');
  });
});

describe("a cell", () => {
  it.each([
    ["a long number", "4917612345678", "4917612345678"],
    ["a number as Java writes it", "4.917612345678E12", "4917612345678"],
    ["a number with the noise of its last bits", "4.9176123456780001E+12", "4917612345678"],
    ["fifteen digits", "491761234567890", "491761234567890"],
    ["more digits than a number keeps, where they stand there", "49176123456789012", "49176123456789012"],
    ["a very large number", "1.5E+22", "15000000000000000000000"],
    ["a decimal", "0.1", "0.1"],
    ["a decimal with noise", "0.30000000000000004", "0.3"],
    ["a negative number", "-5", "-5"],
  ])("shows %s with all of its digits", async (_what, value, text) => {
    expect(await shown(`<c r="A2"><v>${value}</v></c>`)).toBe(text);
  });

  it.each([
    ['"+"0', "4917612345678", "+4917612345678"],
    ["\\+0", "4917612345678", "+4917612345678"],
    ["0000000000", "171234567", "0171234567"],
    ["00000", "1067", "01067"],
    ["0000 000000", "1761234567", "1761 234567"],
    ["[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", "4155550101", "(415) 555-0101"],
    ["[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", "5550101", "555-0101"],
    ["General", "4155550101", "4155550101"],
    ["@", "4155550101", "4155550101"],
    ["0.00E+00", "4917612345678", "4917612345678"],
    ["#,##0", "4155550101", "4155550101"],
    ["0.00", "19.99", "19.99"],
    ["0.00", "12.5", "12.50"],
    ["#,##0.00", "4155550101", "4155550101"],
    ['#,##0.00\\ "€"', "1234.5", "1234.50"],
    ["0%", "0.15", "15%"],
    ["# ?/?", "0.5", "0.5"],
    ["0;0;0;0", "7", "7"],
    [`0.${"0".repeat(240)}`, "0.5", "0.50000000000000000000"],
    ['"', "7", "7"],
    ["\\", "7", "7"],
  ])("with the format %s shows %s as %s", async (format, value, text) => {
    expect(await shown(`<c r="A2" s="1"><v>${value}</v></c>`, { formats: [format] })).toBe(text);
  });

  it.each([
    ["yyyy-mm-dd", "46073", "2026-02-20"],
    ["dd.mm.yyyy", "46073.75", "2026-02-20"],
    ["[$-409]mmmm d, yyyy;@", "46073", "2026-02-20"],
    ["dd/mm/yyyy hh:mm", "46073.541666666664", "2026-02-20 13:00"],
    ["h:mm AM/PM", "0.54166666666666663", "13:00"],
    ["hh:mm:ss", "0.54201388888888891", "13:00:30"],
    ["d.m.yy", "1", "1900-01-01"],
    ["d.m.yy", "61", "1900-03-01"],
    ["d.m.yy", "4917612345678", "4917612345678"],
    ["d.m.yy", "-1", "-1"],
  ])("with the date format %s shows %s as %s", async (format, value, text) => {
    expect(await shown(`<c r="A2" s="1"><v>${value}</v></c>`, { formats: [format] })).toBe(text);
  });

  it("counts days from 1904 where the workbook does", async () => {
    const spec = { formats: ["yyyy-mm-dd"], is1904: true };
    expect(await shown('<c r="A2" s="1"><v>44611</v></c>', spec)).toBe("2026-02-20");
  });

  it.each([
    ["the value of a formula", '<c r="A2" t="str"><f>"A"&amp;"na"</f><v>Ana</v></c>', "Ana"],
    ["the number of a formula", '<c r="A2"><f>SUM(1,2)</f><v>3</v></c>', "3"],
    ["a formula that gives nothing", '<c r="A2" t="str"><f>""</f><v></v></c>', ""],
    ["true", '<c r="A2" t="b"><v>1</v></c>', "TRUE"],
    ["false", '<c r="A2" t="b"><v>0</v></c>', "FALSE"],
    ["an error as people see it", '<c r="A2" t="e"><f>VLOOKUP(1)</f><v>#N/A</v></c>', "#N/A"],
    ["a date in words of ISO 8601", '<c r="A2" t="d"><v>2026-02-20T00:00:00</v></c>', "2026-02-20"],
    ["shared text", '<c r="A2" t="s"><v>1</v></c>', "Zoë & Co"],
    ["rich text without its phonetic guide", '<c r="A2" t="s"><v>2</v></c>', "東京の Ana"],
    ["inline rich text", '<c r="A2" t="inlineStr"><is><r><t>A</t></r><r><t>na</t></r></is></c>', "Ana"],
    [
      "characters that XML cannot hold",
      '<c r="A2" t="inlineStr"><is><t>a_x000A_b _x005F_x000A_</t></is></c>',
      "a\nb _x000A_",
    ],
    [
      "characters beyond U+FFFF by number",
      '<c r="A2" t="inlineStr"><is><t>&#x1F600;&#128512;&#65;</t></is></c>',
      "😀😀A",
    ],
    ["an entity that nobody declared, as it stands", '<c r="A2" t="inlineStr"><is><t>&lol;</t></is></c>', "&lol;"],
    ["text that stands as CDATA", '<c r="A2" t="inlineStr"><is><t><![CDATA[<Ana>]]></t></is></c>', "<Ana>"],
  ])("shows %s", async (_what, cell, text) => {
    const sharedStrings =
      "<si><t>x</t></si><si><t>Zoë &amp; Co</t></si><si><r><t>東京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><r><t xml:space='preserve'>の Ana</t></r></si>";
    expect(await shown(cell, { sharedStrings })).toBe(text);
  });
});
