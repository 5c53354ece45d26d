import { expect, test } from "vitest";
import { parseRowSelection, toRowSelection } from "../../../src/tools/list/row-selection.ts";

test.each([
  [[3], [{ first: 3, last: 3 }]],
  [["7"], [{ first: 7, last: 7 }]],
  [
    [2, " 10 - 20 "],
    [
      { first: 2, last: 2 },
      { first: 10, last: 20 },
    ],
  ],
])("%j names rows", (parts, spans) => {
  expect(parseRowSelection(parts, "leave_out")).toEqual(spans);
});

test.each(["all", "20-10", "0", "-3", "1.5", "3;4", ""])("%j names no row", (part) => {
  expect(parseRowSelection([4, part], "leave_out")).toEqual([
    { first: 4, last: 4 },
    { field: "leave_out", code: "no_row", message: expect.stringContaining('"10-20"') },
  ]);
});

test.each([
  [[], []],
  [
    [3, 4, 9],
    [3, 4, 9],
  ],
  [
    [3, 4, 5, 9, 11, 12, 13, 14],
    ["3-5", 9, "11-14"],
  ],
])("rows %j are named in the shortest way", (rows, named) => {
  expect(toRowSelection(rows)).toEqual(named);
  const spans = parseRowSelection(named, "rows").flatMap((span) => ("first" in span ? [span] : []));
  const back = spans.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
  expect(back).toEqual(rows);
});
