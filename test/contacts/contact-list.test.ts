import { describe, expect, it } from "vitest";
import { readContactList } from "../../src/contacts/contact-list.ts";
import { Problem } from "../../src/domain/problem.ts";

const ana = "+14155550101";
const bea = "+14155550102";

function refusal(csvText: string): Problem {
  try {
    readContactList(csvText, { source: '"june.csv" in /lists' });
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("the list was read");
}

function phones(csvText: string): string[] {
  return readContactList(csvText).rows.map(({ phone }) => phone);
}

describe("a contact list", () => {
  it("gives each row its number and its other cells as variables", () => {
    expect(readContactList(`Name,Phone,Order ID\nAna,${ana}, 7 \nBea,${bea},\n`)).toEqual({
      rows: [
        { row: 2, phone: ana, variables: { Name: "Ana", "Order ID": "7" } },
        { row: 3, phone: bea, variables: { Name: "Bea", "Order ID": "" } },
      ],
      phoneColumn: "Phone",
      columns: ["Name", "Order ID"],
      issues: [],
    });
  });

  it.each([
    ["commas", `Name,Phone\n"Doe, Ana",${ana}\n`],
    ["semicolons", `Name;Phone\nDoe, Ana;${ana}\n`],
    ["tabs", `Name\tPhone\nDoe, Ana\t${ana}\n`],
    ["bars", `Name|Phone\nDoe, Ana|${ana}\n`],
    ["the delimiter that the first line declares", `sep=;\nName;Phone\nDoe, Ana;${ana}\n`],
    ["a byte order mark", `\uFEFFName;Phone\nDoe, Ana;${ana}\n`],
    ["Windows line breaks", `Name;Phone\r\nDoe, Ana;${ana}\r\n`],
    ["old Mac line breaks", `Name;Phone\rDoe, Ana;${ana}\r`],
    ["no line break at its end", `Name;Phone\nDoe, Ana;${ana}`],
    ["every cell in quotes", `"Name","Phone"\n"Doe, Ana","${ana}"\n`],
    ["empty columns at its end", `Name;Phone;;\nDoe, Ana;${ana};;\n`],
  ])("may be written with %s", (_what, text) => {
    expect(readContactList(text).rows).toEqual([{ row: 2, phone: ana, variables: { Name: "Doe, Ana" } }]);
  });

  it("numbers records, not lines, and keeps the number of a row below a blank one", () => {
    const list = readContactList(`Phone,Note\n${ana},"two\nlines"\n\n,\n${bea},x\n`);
    expect(list.rows.map(({ row, variables }) => [row, variables["Note"]])).toEqual([
      [2, "two\nlines"],
      [5, "x"],
    ]);
  });

  it("without a header keeps its first row and names its columns by position", () => {
    const list = readContactList(`Ana,${ana}\nBea,${bea}\n`);
    expect(list.rows).toEqual([
      { row: 1, phone: ana, variables: { column_1: "Ana" } },
      { row: 2, phone: bea, variables: { column_1: "Bea" } },
    ]);
    expect(list).toMatchObject({ phoneColumn: "column_2", columns: ["column_1"] });
  });

  it("may be one bare column of numbers", () => {
    expect(phones(`${ana}\n${bea}\n`)).toEqual([ana, bea]);
    expect(phones(`Phone\n${ana}\n911\n`)).toEqual([ana, "911"]);
  });

  it("names columns with a blank or repeated header apart", () => {
    const list = readContactList(`Phone,Name,,Name,__proto__\n${ana},a,b,c,d\n`);
    expect(list.columns).toEqual(["Name", "column_3", "Name_2", "__proto__"]);
    expect(Object.entries(list.rows[0]?.variables ?? {})).toEqual([
      ["Name", "a"],
      ["column_3", "b"],
      ["Name_2", "c"],
      ["__proto__", "d"],
    ]);
  });
});

describe("the phone column", () => {
  it.each([
    "phone",
    "Phone Number",
    "PHONE_NUMBER",
    "phoneNumber",
    "Tel.",
    "Mobile",
    "Cell #",
    "to_number",
    "Customer phone 1",
    "Telefonnummer",
    "Handy-Nr.",
    "Téléphone",
    "Teléfono móvil",
    "Celular",
    "Telefone",
    "телефон",
    "电话号码",
    "携帯電話",
    "전화번호",
    "رقم الهاتف",
    "मोबाइल नंबर",
    "เบอร์โทรศัพท์",
  ])("is found by its header %j beside another column of digits", (header) => {
    expect(readContactList(`Account,${header}\n1234567890,${ana}\n`).phoneColumn).toBe(header);
  });

  it("is found by its cells where no header tells, and dates and postal codes are no numbers", () => {
    const list = readContactList(
      `Who,Visit,Until,ZIP,Reach\nAna,2026-02-20,20.02.2026,94105-1234,${ana}\nBea,2026-02-21,1/2/2026,94105-1235,n/a\nCid,,,,${bea}\n`,
    );
    expect(list.phoneColumn).toBe("Reach");
  });

  it("is not a column that only has to do with phones", () => {
    expect(readContactList(`Phone type,Phone verified,Phone\nhome,yes,${ana}\n`).phoneColumn).toBe("Phone");
    expect(readContactList(`Phone type,Reach\nhome,${ana}\n`).phoneColumn).toBe("Reach");
  });

  it("is the exact name rather than a longer one, and to_number before all", () => {
    expect(readContactList(`Work phone,Phone\n${ana},${bea}\n`).phoneColumn).toBe("Phone");
    expect(readContactList(`Phone,to_number\n${ana},${bea}\n`).phoneColumn).toBe("to_number");
  });

  it("may hold nothing but bad numbers when its header says what it is", () => {
    expect(phones("Name,Phone\nAna,call mom\n")).toEqual(["call mom"]);
  });

  it.each([
    ["two like names", `Home phone,Work phone\n${ana},${bea}\n`, ["Home phone", "Work phone"]],
    ["the same name twice", `Phone,Phone\n${ana},${bea}\n`, ["Phone", "Phone_2"]],
    ["two nameless columns of numbers", `Who,First,Second\nAna,${ana},${bea}\n`, ["First", "Second"]],
  ])("is asked for when there are %s", (_what, text, names) => {
    const { code, message } = refusal(text);
    expect(code).toBe("invalid_input");
    expect(message).toContain(`more than one column of phone numbers: ${names.map((name) => `"${name}"`).join(", ")}.`);
    expect(message).toContain('"to_number"');
  });

  it("is missed with the names of the columns and of the list", () => {
    const { code, message } = refusal("Who,When\nAna,2026-02-20\n");
    expect(code).toBe("invalid_input");
    expect(message).toContain('"june.csv" in /lists has no column of phone numbers. Its columns are "Who", "When".');
  });
});

it("an error about a list with very many columns names twenty of them", () => {
  const header = Array.from({ length: 30 }, (_, index) => `Field ${index}`).join(",");
  expect(refusal(`${header}\n${",".repeat(29)}x\n`).message).toContain('"Field 19" and 10 more.');
});

describe("a list that is damaged", () => {
  it.each(["", "\uFEFF", "\n \n,,\n"])("without content is refused: %j", (text) => {
    expect(refusal(text).message).toBe('"june.csv" in /lists is empty. Nothing was created.');
  });

  it("with a header alone is refused", () => {
    expect(refusal("Name,Phone\n").message).toContain("has a header but no rows below it");
  });

  it("gives an issue for a row with other cells than its header, and reads the rest", () => {
    const list = readContactList(`Name,Phone\nDoe, Ana,${ana}\nBea\nCid,${bea},,\n`);
    expect(list.rows).toEqual([{ row: 4, phone: bea, variables: { Name: "Cid" } }]);
    expect(list.issues.map(({ row, code }) => [row, code])).toEqual([
      [2, "too_many_cells"],
      [3, "too_few_cells"],
    ]);
  });

  it("with an unclosed quote gives an issue that says how much was lost", () => {
    const list = readContactList(`Name,Phone\nAna,${ana}\n"Bea,${bea}\nCid,${bea}\n`);
    expect(list.rows.map(({ row }) => row)).toEqual([2]);
    expect(list.issues).toMatchObject([
      { row: 3, code: "unclosed_quote", message: expect.stringContaining("2 lines") },
    ]);
  });

  it("with a quote that is not doubled gives an issue for that row", () => {
    const list = readContactList(`Name,Phone\nAna,${ana}\n"Bea "B" Doe",${bea}\n"Cid",${bea}\n`);
    expect(list.rows.map(({ row }) => row)).toEqual([2, 4]);
    expect(list.issues).toMatchObject([{ row: 3, code: "stray_quote" }]);
  });

  it("with a broken header is refused", () => {
    expect(refusal(`"Name,Phone\nAna,${ana}\n`).message).toContain("quote");
  });
});
