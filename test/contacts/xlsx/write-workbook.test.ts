import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openTable } from "../../../src/contacts/table/open-table.ts";
import { writeWorkbook } from "../../../src/contacts/xlsx/write-workbook.ts";
import { Random } from "../../support/random.ts";

type Cells = readonly (string | number)[];

async function* inBlocks(rows: readonly Cells[]): AsyncGenerator<readonly Cells[]> {
  for (let at = 0; at < rows.length; at += 100) yield rows.slice(at, at + 100);
}

async function bytesOf(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

async function readBack(bytes: Buffer): Promise<readonly (readonly string[])[]> {
  const { shape, rows } = await openTable({
    name: "The results",
    open: async function* () {
      yield bytes;
    },
  });
  const read: (readonly string[])[] = [shape.columns];
  for await (const block of rows) for (const { cells } of block) read.push(cells);
  return read;
}

function anyText(random: Random): string {
  const codes = Array.from({ length: random.below(12) }, () => random.below(random.chance(0.8) ? 128 : 0xd800));
  const word = random.pick(["", "_x0041_", "_x000D_", "]]>", "&amp;", "<c>", "\r\n", "=1+1", "+12015550101", "007"]);
  return `x${String.fromCodePoint(...codes)}${word}x`;
}

test("any text comes back as it was, and a number as it is written", async () => {
  const random = new Random(3);
  const header = ["phone", "name", "note", "count"];
  const rows = Array.from({ length: 700 }, (_, n): Cells => [`+1201555${n}`, anyText(random), anyText(random), n]);
  const bytes = await bytesOf(writeWorkbook("Results <1>", inBlocks([header, ...rows])));
  expect(await readBack(bytes)).toEqual([header, ...rows.map((cells) => cells.map(String))]);
});

test("the same rows are the same bytes, and a text that no cell takes is cut", async () => {
  const rows: Cells[] = [
    ["phone", "summary"],
    ["+12015550101", "y".repeat(40_000)],
  ];
  const [first, second] = [
    await bytesOf(writeWorkbook("R", inBlocks(rows))),
    await bytesOf(writeWorkbook("R", inBlocks(rows))),
  ];
  const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  expect(digest(first)).toBe(digest(second));
  const [, [, summary = ""] = []] = await readBack(first);
  expect(summary).toHaveLength(32_767);
});

test("rows that cannot be made end the workbook with their reason", async () => {
  async function* broken(): AsyncGenerator<readonly Cells[]> {
    yield [["phone"]];
    throw new Error("the rest is away");
  }
  await expect(bytesOf(writeWorkbook("R", broken()))).rejects.toThrow("the rest is away");
});
