import { expect, test } from "vitest";
import { toCountsText as toRetryText } from "../../../src/tools/calls/standings.ts";
import { toListEditText } from "../../../src/tools/list/batch-list.ts";
import { toCountsText as toListText } from "../../../src/tools/list/list-report.ts";

test("all counts of an answer are written with their thousands apart", () => {
  const rows = { input: 5300, accepted: 2498, duplicate: 1000, suppressed: 1800, excluded: 1500, refused: 2 };
  expect(toListText("list_1", rows)).toBe(
    "List list_1: 5,300 rows, 2,498 accepted, 1,000 duplicate, 1,500 excluded, 300 on the do-not-call list, 2 refused",
  );
  const change = { added: 1200, changed: 0, removed: 3000, unchanged: 2010, suppressed: 0 };
  expect(toListEditText({ ...change, not_removed: [], more_not_removed: 1500 })).toBe(
    "List: 1,200 added, 0 changed, 3,000 removed, 2,010 as before; 1,500 could not be removed: their call is under way or over. Nobody of them is called again; a call under way ends and keeps its outcome",
  );
  const counts = new Map([
    ["no_answer", 1400],
    ["taken_out", 1],
  ] as const);
  expect(toRetryText(counts)).toBe("1,400 no_answer, 1 taken out of its list");
});
