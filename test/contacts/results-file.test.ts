import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { type ResultLine, type Results, toCsv, toJsonLines } from "../../src/contacts/results-file.ts";
import { withoutGuard } from "../../src/domain/formula-guard.ts";
import { resultColumns } from "../../src/domain/list/result-columns.ts";
import { Random, seedsToRun } from "../support/random.ts";

const answered: ResultLine = {
  cells: ["gold", "Ann"],
  result: {
    row: 2,
    to_number: "+14155550123",
    status: "completed",
    outcome: "answered",
    attempts: 2,
    call_id: "call_1",
  },
};
const later: ResultLine = { cells: [], result: { to_number: "+14155550124", status: "pending" } };
const faulty: ResultLine = {
  cells: [],
  unplaced: ["silver", "Bob", "+14155550125", "x"],
  result: { row: 3, status: "refused", reason: "Cells: 2 expected, 4 found." },
};

function resultsOf(lines: readonly ResultLine[], columns: readonly string[] = ["result_status", "Name"]): Results {
  async function* inBlocks(): AsyncGenerator<readonly ResultLine[]> {
    for (let at = 0; at < lines.length; at += 2) yield lines.slice(at, at + 2);
  }
  return { columns, lines: inBlocks() };
}

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const part of parts) text += part;
  return text;
}

/** Rows of a file, its header included, as a CSV reader gives them. */
function cellsOf(csvText: string): readonly (readonly string[])[] {
  const text = csvText.replace(/^\uFEFF/, "");
  const { data: records, errors } = Papa.parse<string[]>(text, { delimiter: ",", newline: "\r\n" });
  expect(errors).toEqual([]);
  expect(records.at(-1)).toEqual([""]);
  return records.slice(0, -1);
}

describe("results as CSV", () => {
  it("have the list's columns first, under their names, and blanks for what is not known", async () => {
    const [header = [], first = [], second = []] = cellsOf(
      await textOf(toCsv(resultsOf([answered, later]), "machine")),
    );
    expect(header.slice(0, 3)).toEqual(["result_status", "Name", "result_row"]);
    expect(header).toContain("result_status_2");
    const told = (cells: readonly string[], name: string) => cells[header.indexOf(name)];
    expect(["result_status", "Name", "result_status_2", "result_row"].map((name) => told(first, name))).toEqual([
      "gold",
      "Ann",
      "completed",
      "2",
    ]);
    expect(["result_status", "Name", "result_status_2", "result_row"].map((name) => told(second, name))).toEqual([
      "",
      "",
      "pending",
      "",
    ]);
  });

  it("put cells that belong to no column into none, and tell them with the reason", async () => {
    const [header = [], line = []] = cellsOf(await textOf(toCsv(resultsOf([faulty]), "machine")));
    expect(line.slice(0, 2)).toEqual(["", ""]);
    expect(line[header.indexOf("result_reason")]).toBe(
      "Cells: 2 expected, 4 found. Its cells: silver,Bob,+14155550125,x",
    );
  });

  it("for spreadsheets begin with a mark and keep the plus of a number", async () => {
    const text = await textOf(toCsv(resultsOf([answered]), "spreadsheet"));
    expect(text.startsWith("\uFEFF")).toBe(true);
    expect(text).toContain(`"'+14155550123"`);
  });

  it("hold no cell that a spreadsheet would compute, nor a column, and give every one back", async () => {
    const columns = ["=1+1", "@SUM(A1)", "+1", "'=x"];
    for (const seed of seedsToRun(40)) {
      const random = new Random(seed);
      const cells = Array.from({ length: 500 }, () => anyCell(random));
      const lines = Array.from({ length: 125 }, (_, n) => ({ cells: cells.slice(4 * n, 4 * n + 4), result: {} }));
      const [header = [], ...read] = cellsOf(await textOf(toCsv(resultsOf(lines, columns), "spreadsheet")));
      const computed = [header, ...read].flat().filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell));
      expect(computed, `seed ${seed}`).toEqual([]);
      expect(header.map(withoutGuard), `seed ${seed}`).toEqual([...columns, ...resultColumns]);
      expect(read.flatMap((line) => line.slice(0, 4)).map(withoutGuard), `seed ${seed}`).toEqual(cells);
    }
  }, 3_600_000);
});

const beginnings = [
  "",
  "=",
  "+",
  "-",
  "@",
  "\t",
  "\r",
  "\n",
  "＝",
  "＋",
  "－",
  "＠",
  "'",
  "''",
  "'=",
  "''+",
  '"',
  ",",
  ";",
] as const;

function anyCell(random: Random): string {
  const codes = Array.from({ length: random.below(6) }, () => 9 + random.below(random.chance(0.9) ? 118 : 0x2000));
  return random.pick(beginnings) + String.fromCodePoint(...codes);
}

describe("results as JSON lines", () => {
  it("are one object a line, without what is not known, and with the list's cells by column", async () => {
    const text = await textOf(toJsonLines(resultsOf([answered, later, { ...faulty }])));
    expect(text.split("\n").map((line) => (line === "" ? "" : JSON.parse(line)))).toEqual([
      { ...answered.result, list: { result_status: "gold", Name: "Ann" } },
      later.result,
      { ...faulty.result, cells: faulty.unplaced, list: { result_status: "", Name: "" } },
      "",
    ]);
  });
});
