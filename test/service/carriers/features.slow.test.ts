import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fillTable, readTable } from "../../support/features/table.ts";

test("the table of features in docs/carriers.md is what a run shows", { timeout: 300_000 }, async () => {
  const text = await readFile(new URL("../../../docs/carriers.md", import.meta.url), "utf8");
  expect(readTable(text)).toBe(await fillTable());
});
