import { describe, expect, it } from "vitest";
import { readBytes, refusalOf, sourceOf } from "../../support/tables.ts";
import { rowsXml, workbookFiles, workbookOf, zipOf } from "../../support/workbook.ts";

const ana = "+14155550101";
const list = {
  sheets: [
    {
      name: "June",
      data: rowsXml([
        ["Name", "Phone"],
        ["Ana", ana],
      ]),
    },
  ],
};

/** What Office writes around a workbook with a password, and what it wrote before 2007: a file system in a file. */
function compoundFile(stream: string, before = 70_000): Buffer {
  const magic = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  return Buffer.concat([magic, Buffer.alloc(before), Buffer.from(stream, "utf16le"), Buffer.alloc(500)]);
}

describe("a file that is not a list", () => {
  it.each([
    ["a PDF", "%PDF-1.7\n1 0 obj", "is a PDF document"],
    ["a web page", `\n<!DOCTYPE html>\n<html><table><tr><td>${ana}</td></tr></table></html>`, "is a web page (HTML)"],
    [
      "a table of a web page, as some programs export it",
      `<table><tr><td>${ana}</td></tr></table>`,
      "is a web page (HTML)",
    ],
    ["XML", `<?xml version="1.0"?><people><phone>${ana}</phone></people>`, "is XML"],
    [
      "a vCard",
      `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nTEL:${ana}\r\nEND:VCARD`,
      "is a file of contact cards (vCard)",
    ],
    ["a calendar", "BEGIN:VCALENDAR\r\nVERSION:2.0", "is a calendar"],
    ["JSON", `[{"name": "Ana", "phone": "${ana}"}]`, "is JSON"],
    ["lines of JSON", `{"name": "Ana", "phone": "${ana}"}\n{"name": "Bea"}\n`, "is JSON"],
    ["RTF", "{\\rtf1\\ansi Ana}", "is a text document (RTF)"],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), "is a picture (PNG)"],
    ["a packed file", Buffer.from([0x1f, 0x8b, 8, 0]), "is packed with gzip"],
    ["a database", "SQLite format 3\0", "is a database (SQLite)"],
    [
      "a sheet with a password",
      compoundFile("EncryptedPackage"),
      "is protected by a password; open it in Excel, remove the password",
    ],
    ["one whose name lies across two blocks", compoundFile("EncryptedPackage", 65_520), "is protected by a password"],
    ["an old workbook", compoundFile("Workbook"), "is an old Office file (.xls)"],
    ["a text document", zipOf({ "word/document.xml": "<w/>" }), "is a Word document"],
    ["an OpenDocument sheet", zipOf({ mimetype: "x", "content.xml": "<o/>" }), "is an OpenDocument file (.ods)"],
    ["a Numbers document", zipOf({ "Index/Document.iwa": "x" }), "is an Apple Numbers file"],
    ["a binary workbook", zipOf({ "xl/workbook.bin": "x" }), "is a binary Excel workbook (.xlsb)"],
    ["an archive", zipOf({ "june.csv": `Name,Phone\nAna,${ana}\n` }), "is a zip archive, not a list; unpack it"],
    ["an empty archive", zipOf({}), "is a zip archive, not a list"],
    ["an archive with a password", zipOf(workbookFiles(list), { isEncrypted: true }), "is protected by a password"],
  ])("is refused with what it is and what to do: %s", async (_what, bytes, words) => {
    const { code, message } = await refusalOf(bytes);
    expect(code).toBe("invalid_input");
    expect(message).toMatch(/^"june\.csv" in \/lists is .+; .+\. Nothing was created\.$/);
    expect(message).toContain(words);
  });

  it("is a list all the same when it is a workbook that is named .csv", async () => {
    const { shape, rows } = await readBytes(workbookOf(list));
    expect(shape).toEqual({
      source: '"june.csv" in /lists',
      format: "xlsx",
      sheet: "June",
      headerRow: 1,
      columns: ["Name", "Phone"],
    });
    expect(rows).toEqual([{ row: 2, cells: ["Ana", ana] }]);
  });

  it("fails as itself when its bytes cannot be had", async () => {
    const source = {
      ...sourceOf(""),
      async *open() {
        yield Buffer.from("Name,Phone\n");
        throw new Error("the disk is gone");
      },
    };
    await expect(refusalOf(source)).rejects.toThrow("the disk is gone");
  });
});
