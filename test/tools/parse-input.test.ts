import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Problem } from "../../src/domain/problem.ts";
import { parseInput } from "../../src/tools/arguments/parse-input.ts";
import { tools } from "../../src/tools/index.ts";
import { rowSelection } from "../../src/tools/list/row-selection.ts";

const tool = {
  effect: "writes",
  input: z.strictObject({
    batch_id: z.string(),
    limit: z.int().min(1).max(100).optional(),
    flag: z.boolean().optional(),
    tasks: z
      .array(z.strictObject({ to_number: z.string() }))
      .max(2)
      .optional(),
    quiet_hours: z.strictObject({ start_time: z.string() }).optional(),
  }),
} as const;

function issuesOf(args: unknown) {
  try {
    parseInput(tool, args);
  } catch (error) {
    if (error instanceof Problem) return error.issues;
    throw error;
  }
  return [];
}

test("what is right comes through as it is", () => {
  expect(parseInput(tool, { batch_id: "b", limit: 5 })).toEqual({ batch_id: "b", limit: 5 });
});

test("absent arguments are an empty object", () => {
  expect(issuesOf(undefined)).toEqual([
    { field: "batch_id", code: "required", message: "Missing; give text in quotes." },
  ]);
});

test("arguments that are no object are refused", () => {
  expect(issuesOf("b")).toMatchObject([{ field: "arguments", code: "wrong_type" }]);
});

test.each([
  [{ batch_id: 5 }, "batch_id", "Must be text in quotes, not 5 (a number)."],
  [{ batch_id: null }, "batch_id", "Must be text in quotes, not null."],
  [{ batch_id: "b", limit: "5" }, "limit", 'Must be a number without quotes, not "5" (a string).'],
  [{ batch_id: "b", limit: 1.5 }, "limit", "Must be a whole number without quotes, not 1.5 (a number)."],
  [{ batch_id: "b", limit: 500 }, "limit", "Too large: at most 100, not 500 (a number)."],
  [{ batch_id: "b", limit: 1e21 }, "limit", "Too large: at most 100, not 1e+21 (a number)."],
  [{ batch_id: "b", limit: -1e21 }, "limit", "Too small: at least 1, not -1e+21 (a number)."],
  [{ batch_id: "b", flag: "true" }, "flag", 'Must be true or false without quotes, not "true" (a string).'],
  [{ batch_id: "b", tasks: {} }, "tasks", "Must be a list in square brackets, not an object."],
])("%j: the place, what is wrong and the accepted form, once", (args, field, message) => {
  expect(issuesOf(args)).toMatchObject([{ field, message }]);
});

describe("an unknown argument", () => {
  test.each([
    [{ batch_id: "b", limt: 5 }, "limt", "There is no such argument. Did you mean limit?"],
    [
      { batch_id: "b", to_numbers: [] },
      "to_numbers",
      "There is no such argument. Write tasks: [{ to_number }], one entry for each number.",
    ],
    [
      { batch_id: "b", quiet_hours: { start_time: "x", begin: "y" } },
      "quiet_hours.begin",
      "There is no such argument. Known here: start_time.",
    ],
    [
      { batch_id: "b", webhook: "x" },
      "webhook",
      "There is no such argument. Known here: batch_id, limit, flag, tasks, quiet_hours.",
    ],
  ])("%j is refused by name with the nearest right one", (args, field, message) => {
    expect(issuesOf(args)).toEqual([{ field, code: "unknown_argument", message }]);
  });

  test("advice only names arguments that the tool has", () => {
    expect(issuesOf({ batch_id: "b", send_now: true })[0]?.message).toContain("Known here");
  });
});

test("every tool survives arguments of any shape with one invalid_input", () => {
  for (const { input, effect } of tools) {
    for (const args of [null, [], "x", 7, { __proto__: 1, x: { y: [] } }, { tasks: [[[]]] }]) {
      try {
        parseInput({ input, effect }, args);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_input" });
      }
    }
  }
});

test("of a value that may have two forms it is said which, or what is wrong with the one that it has", () => {
  const rows = { effect: "writes", input: z.strictObject({ rows: rowSelection() }) } as const;
  const messageOf = (entry: unknown): string | undefined => {
    try {
      parseInput(rows, { rows: [entry] });
    } catch (error) {
      if (error instanceof Problem) return error.issues[0]?.message;
    }
    return undefined;
  };
  expect(messageOf([2])).toBe("Must be a number without quotes or text in quotes, not a list.");
  expect(messageOf(0)).toBe("Too small: at least 1, not 0 (a number).");
  expect(messageOf(-1e21)).toBe("Too small: at least 1, not -1e+21 (a number).");
});
