import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { type ResultRow, toCsv, toJsonLines } from "../../src/contacts/results-file.ts";
import { tableOfText } from "../../src/contacts/table/open-table.ts";
import { outcomes, taskStatuses } from "../../src/domain/batch/batch.ts";

const answered: ResultRow = {
  row: 2,
  toNumber: "+14155550123",
  status: "completed",
  outcome: "answered",
  attempts: 2,
  callId: "call_1",
};
const header = ["row", "to_number", "status", "outcome", "attempts", "reason", "call_id"];

const cell = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.tuple(fc.constantFrom(..."=+-@\t\r\n＝＋－＠\"',; "), fc.string()).map((parts) => parts.join("")),
  fc.constantFrom('=HYPERLINK("http://x.test","pay")', "=1\n+1", "-2+3", "\uFEFF=1", ""),
);
const results = fc.array(
  fc.record({
    row: fc.nat(),
    toNumber: cell,
    status: fc.constantFrom(...taskStatuses),
    outcome: fc.constantFrom(...outcomes),
    attempts: fc.nat(),
    reason: cell,
    callId: cell,
  }),
  { minLength: 1 },
);

/** Cells of a file without its header, as a CSV reader gives them. */
function cellsOf(csvText: string): readonly (readonly string[])[] {
  const { data: records, errors } = Papa.parse<string[]>(csvText.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"), {
    delimiter: ",",
    newline: "\n",
  });
  expect(errors).toEqual([]);
  expect(records[0]).toEqual(header);
  expect(records.at(-1)).toEqual([""]);
  return records.slice(1, -1);
}

describe("results as CSV", () => {
  it("have one line for each recipient and blanks for what is not known", () => {
    expect(toCsv([answered, { toNumber: "+14155550124", status: "pending" }], { safeFor: "machine" })).toBe(
      "row,to_number,status,outcome,attempts,reason,call_id\r\n2,+14155550123,completed,answered,2,,call_1\r\n,+14155550124,pending,,,,\r\n",
    );
  });

  it("carry the columns of their list behind ours, under names of their own", () => {
    const list = { columns: ["status", "Name"], cellsOf: (row: number) => (row === 2 ? ["gold", "Ann"] : []) };
    const later = { toNumber: "+14155550124", status: "pending" } as const;
    expect(toCsv([answered, later], { safeFor: "machine", list })).toBe(
      "row,to_number,status,outcome,attempts,reason,call_id,status_2,Name\r\n2,+14155550123,completed,answered,2,,call_1,gold,Ann\r\n,+14155550124,pending,,,,,,\r\n",
    );
    const [first = "", second = ""] = toJsonLines([answered, later], list).trim().split("\n");
    expect(JSON.parse(first)).toMatchObject({ status: "completed", list: { status: "gold", Name: "Ann" } });
    expect(JSON.parse(second)).toEqual({ to_number: "+14155550124", status: "pending" });
  });

  it("for machines give back exactly what went in", () => {
    fc.assert(
      fc.property(results, (rows) => {
        const texts = rows.map((row) =>
          [row.row, row.toNumber, row.status, row.outcome, row.attempts, row.reason, row.callId].map(String),
        );
        const read = cellsOf(toCsv(rows, { safeFor: "machine" }));
        // The reader gives every line break as "\n".
        expect(read).toEqual(texts.map((line) => line.map((text) => text.replace(/\r\n?/g, "\n"))));
      }),
      { numRuns: 500 },
    );
  });

  it("for spreadsheets hold no cell that would be computed, and lose nothing", () => {
    fc.assert(
      fc.property(results, (rows) => {
        const read = cellsOf(toCsv(rows, { safeFor: "spreadsheet" }));
        for (const text of read.flat()) expect(text).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        expect(read.map((line) => line[5]?.replace(/^'/, ""))).toEqual(
          rows.map(({ reason }) => reason.replace(/\r\n?/g, "\n").replace(/^'/, "")),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("for spreadsheets keep accents and the plus of a number, and can be read in again as a list", async () => {
    const text = toCsv([{ ...answered, reason: "José asked" }], { safeFor: "spreadsheet" });
    expect(text.startsWith("\uFEFF")).toBe(true);
    expect(text).toContain(`"'+14155550123"`);
    const { shape, rows } = await tableOfText(text, "The results");
    expect(shape.columns).toEqual(header);
    for await (const [row] of rows) expect(row?.cells[5]).toBe("José asked");
  });
});

describe("results as JSON lines", () => {
  it("are one object a line, without what is not known", () => {
    expect(toJsonLines([answered, { toNumber: "+14155550124", status: "pending" }])).toBe(
      '{"row":2,"to_number":"+14155550123","status":"completed","outcome":"answered","attempts":2,"call_id":"call_1"}\n{"to_number":"+14155550124","status":"pending"}\n',
    );
  });

  it("stay one line each, whatever a reason holds", () => {
    expect(toJsonLines([{ ...answered, reason: "two\nlines" }]).split("\n")).toHaveLength(2);
    expect(toJsonLines([])).toBe("");
  });
});
