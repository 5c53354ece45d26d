import { describe, expect, test } from "vitest";
import type { Issue } from "../../../src/domain/problem.ts";
import { IssueCollector } from "../../../src/tools/list/list-issues.ts";

const many = 60;

/** What is said of sixty rows, of which each has its own message. */
function saidOf(message: (n: number) => string, code = "excluded") {
  const issues = new IssueCollector();
  for (let n = 0; n < many; n++) issues.add({ field: "phone", code, message: message(n) }, n + 2);
  return issues.groups.map(({ issue, rows }): [string, number] => [issue.message, rows]);
}

const two = (n: number) => String(n).padStart(2, "0");

describe("more than fifty rows with one reason", () => {
  test("are told between which times they were called, not the time of one of them", () => {
    expect(saidOf((n) => `Is left out: called 2026-03-02T15:${two((n + 30) % 60)}Z by batch_a1.`)).toEqual([
      ["Is left out: called 2026-03-02T15:00Z to 2026-03-02T15:59Z by batch_a1.", many],
    ]);
  });

  test.each([
    [2, "batch_a0 or batch_a1"],
    [3, "batch_a0, batch_a1 or batch_a2"],
    [9, "batch_a0, batch_a1, batch_a2 or others"],
  ])("by %i batches are told all of them, or the first few and that there are others", (batches, told) => {
    expect(saidOf((n) => `Is left out: it is in batch_a${n % batches}.`)).toEqual([
      [`Is left out: it is in ${told}.`, many],
    ]);
  });

  test.each<[string, (n: number) => string, string]>([
    [
      "numbers",
      (n) => `The variables take ${5130 + ((n * 7) % 60)} bytes as JSON; at most 5120 are accepted.`,
      "The variables take 5130 to 5189 bytes as JSON; at most 5120 are accepted.",
    ],
    [
      "other rows",
      (n) => `Repeats the number of row ${n + 90}, which is called once.`,
      "Repeats the number of another row, which is called once.",
    ],
    [
      "cells",
      (n) => `"${n}1" is too short for US; write the whole number, such as +14155550123.`,
      '"01" (differs by row) is too short for US; write the whole number, such as +14155550123.',
    ],
    [
      "numbers that could be meant",
      (n) => `"4155550${n + 100}" has letters; write +14155550${n + 100}.`,
      '"4155550100" (differs by row) has letters; write +14155550100 (differs by row).',
    ],
  ])("say of %s what holds for all of them", (_what, message, told) => {
    expect(saidOf(message)).toEqual([[told, many]]);
  });

  test("say what they say where all say the same", () => {
    const same = "Cells: 3 expected, 2 found; add the missing ones, which may be empty.";
    expect(saidOf(() => same)).toEqual([[same, many]]);
  });

  test("are not put together with rows that have another reason of the same code", () => {
    expect(saidOf((n) => (n % 2 === 0 ? "Is left out: called 1." : "Is left out: reached 1."))).toEqual([
      ["Is left out: called 1.", 30],
      ["Is left out: reached 1.", 30],
    ]);
  });
});

test("up to fifty rows each say their own", () => {
  const issues = new IssueCollector();
  const of = (n: number): Issue => ({ field: "phone", code: "too_short", message: `"${n}" is too short.` });
  for (let n = 0; n < 50; n++) issues.add(of(n), n + 2);
  expect(issues.groups.map(({ issue }) => issue.message)).toEqual(Array.from({ length: 50 }, (_, n) => of(n).message));
});
