import { describe, expect, it } from "vitest";
import { openTable } from "../../../src/contacts/table/open-table.ts";
import { readBytes, readWhole, refusalOf, sourceOf } from "../../support/tables.ts";

const ana = "+14155550101";
const plain = `Name;Phone;Note\n${`Ana;${ana};likes tea\n`.repeat(4000)}`;

/** A list of 100 KB whose only letters that are not ASCII stand in its last row. */
function lateList(name: string): string {
  return `${plain}${name};${ana};\n`;
}

function utf16(text: string, order: "le" | "be", mark: boolean): Buffer {
  const bytes = Buffer.from(`${mark ? "\uFEFF" : ""}${text}`, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
}

/** Windows-1252 for what it shares with ISO 8859-1, and for the euro sign and the apostrophe. */
function windows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll("€", "\u0080").replaceAll("’", "\u0092").replaceAll("œ", "\u009c"), "latin1");
}

const greetings = "Zoë Müller";

describe("the encoding of a list", () => {
  it.each([
    ["utf-8", Buffer.from(lateList(greetings))],
    ["utf-8", Buffer.from(`\uFEFF${lateList(greetings)}`)],
    ["utf-16le", utf16(lateList(greetings), "le", true)],
    ["utf-16be", utf16(lateList(greetings), "be", true)],
    ["utf-16le", utf16(lateList(greetings), "le", false)],
    ["utf-16be", utf16(lateList(greetings), "be", false)],
    ["windows-1252", windows1252(lateList(greetings))],
  ])("is found out by the whole of it: %s", async (encoding, bytes) => {
    const { shape, rows } = await readBytes(bytes);
    expect(shape.encoding).toBe(encoding);
    expect(shape.columns).toEqual(["Name", "Phone", "Note"]);
    expect(rows.at(-1)).toEqual({ row: 4002, cells: [greetings, ana, ""] });
  });

  it("is found out in letters that no plain letter stands beside, with and without a mark", async () => {
    const text = `姓名,电话\n${"李明,13812345678\n王芳,13812345679\n".repeat(100)}`;
    for (const bytes of [
      Buffer.from(text),
      utf16(text, "le", false),
      utf16(text, "be", false),
      utf16(text, "le", true),
    ]) {
      expect((await readBytes(bytes)).rows[0]?.cells).toEqual(["李明", "13812345678"]);
    }
  });

  it("is said where it was worked out, and the signs that ISO 8859-1 has not are read", async () => {
    const { shape, rows } = await readBytes(windows1252(`Nom;Tél;Dû\nO’Brien;${ana};12 €\nSœur Anaïs;${ana};\n`));
    expect(shape.said).toEqual(["Its letters are in Windows-1252 and were read so."]);
    expect(shape.columns).toEqual(["Nom", "Tél", "Dû"]);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ["O’Brien", ana, "12 €"],
      ["Sœur Anaïs", ana, ""],
    ]);
    expect((await readBytes(lateList(greetings))).shape.said).toBeUndefined();
  });

  it.each([
    "Müller;Weiß;Größe;Übelacker;Ärzte",
    "Noël;Zoë;Hélène;Garçon;Île-de-France",
    "Nuñez;Iñaki;Peña;¿Qué?;María José",
    "João;Conceição;São Paulo;Antônio;Nº 5",
    "Søren;Åse;Blåøya;Kjærsti;Øyvind",
    "Äänekoski;Hämäläinen;Yrjö;Jyväskylä;Töölö",
    "Þórður;Sigríður;Ásgeir;Guðrún;Björk",
    "Città;Nicolò;perché;Forlì;Cefalù",
    "30 °C;§ 5;½ Tag;5 µm;„Haus“",
  ])("is Windows-1252 for names as people write them: %s", async (names) => {
    const late = names.replace(/[„“]/g, (quote) => (quote === "„" ? "\u0084" : "\u0093"));
    const { rows } = await readBytes(Buffer.from(`a;b;c;d;e\n${late}\n`, "latin1"));
    expect(rows[0]?.cells).toEqual(names.split(";"));
  });

  it.each([
    ["Cyrillic of Windows-1251", [0xc8, 0xe2, 0xe0, 0xed, 0x3b, 0xcc, 0xe0, 0xf0, 0xe8, 0xff]],
    ["Greek of Windows-1253", [0xc3, 0xe9, 0xdc, 0xed, 0xed, 0xe7, 0xf2, 0x3b, 0xcc, 0xe1, 0xf1, 0xdf, 0xe1]],
    ["Japanese of Shift JIS", [0x8e, 0x52, 0x93, 0x63, 0x91, 0xbe, 0x98, 0x59, 0x3b, 0x83, 0x5e, 0x83, 0x8d]],
    ["Chinese of GBK", [0xd5, 0xc5, 0xce, 0xb0, 0x3b, 0xc0, 0xee, 0xc3, 0xf7]],
    ["Korean of EUC-KR", [0xb1, 0xe8, 0xc3, 0xb6, 0xbc, 0xf6, 0x3b, 0xc0, 0xcc]],
    ["Polish of Windows-1250", [...Buffer.from("Micha\u00b3;Wa\u00b3\u00easa;Pawe\u00b3a", "latin1")]],
    ["German of DOS (CP850)", [...Buffer.from("J\u0084ger;M\u0081ller;Sch\u0094n", "latin1")]],
    ["German of an old Mac", [...Buffer.from("M\u009fller;J\u008ager;Sch\u009an", "latin1")]],
  ])("is no guess: %s is refused before a row is given", async (_what, names) => {
    const bytes = Buffer.concat([Buffer.from(`Name;Phone\n`), Buffer.from(names), Buffer.from(`\nAna;${ana}\n`)]);
    const { message } = await refusalOf(bytes);
    expect(message).toContain('letters would come out wrong; save the list as "CSV UTF-8"');
  });

  it("that is two encodings in one file is refused, whichever comes first and however far away", async () => {
    const both = [Buffer.from(`${greetings};${ana};\n`), windows1252(`${greetings};${ana};\n`)];
    for (const parts of [both, both.toReversed(), [both[0] ?? "", Buffer.from(plain), both[1] ?? ""]]) {
      const { message } = await refusalOf(
        Buffer.concat([Buffer.from("Name;Phone;Note\n"), ...parts.map((part) => Buffer.from(part))]),
      );
      expect(message).toContain("mixes UTF-8 with another encoding");
    }
  });

  it("that is marked and not kept is refused", async () => {
    const utf8 = Buffer.concat([Buffer.from("\uFEFF"), windows1252(lateList(greetings))]);
    expect((await refusalOf(utf8)).message).toContain("is marked as UTF-8 and is not");
    const half = utf16(lateList("\ud800Ana"), "le", true);
    expect((await refusalOf(half)).message).toContain("is not in UTF-16LE");
    expect((await refusalOf(utf16(lateList("A\0na"), "le", true))).message).toContain("holds NUL characters");
  });

  it("of text with NUL bytes is none, be there one or many", async () => {
    for (const text of [
      lateList("A\0na"),
      lateList("A\0na").slice(1),
      "\0".repeat(1000),
      `Name,Phone\nAna\0\0,${ana}\n`,
    ]) {
      expect((await refusalOf(text)).message).toContain("holds NUL bytes: it is a binary or damaged file");
    }
  });

  it("does not depend on how the bytes are cut, through the middle of a letter too", async () => {
    const text = `Name;Phone\n${`Zoë 李明 𝒜na;${ana}\r\n`.repeat(20)}`;
    for (const bytes of [Buffer.from(text), utf16(text, "le", true), utf16(text, "be", false)]) {
      const whole = await readBytes(bytes);
      expect(whole.rows.at(-1)?.cells).toEqual(["Zoë 李明 𝒜na", ana]);
      for (const length of [1, 2, 3, 7]) {
        expect(await readWhole(await openTable(sourceOf(bytes, length)))).toEqual(whole);
      }
    }
  });
});
