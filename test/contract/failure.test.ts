import { expect, test } from "vitest";
import { saysWrongState, validationFailure, wrongStateFailure } from "../../src/contract/envelope.ts";
import { batchStatuses } from "../../src/domain/batch/batch.ts";

test("a refused step has the documented words", () => {
  expect(wrongStateFailure("execute", "completed")).toEqual({
    message: "Validation error",
    status: "error",
    error: "Cannot execute batch call with status COMPLETED",
  });
  expect(wrongStateFailure("delete", "sent").error).toBe("Cannot delete batch call with status SENT");
});

test("our own words for a wrong state are recognised, and other refusals are not", () => {
  for (const verb of ["execute", "delete", "update", "pause", "resume", "cancel"] as const) {
    for (const status of batchStatuses) expect(saysWrongState(wrongStateFailure(verb, status).error)).toBe(true);
  }
  expect(saysWrongState("Invalid status transition or validation error")).toBe(true);
  expect(saysWrongState("name cannot be longer than 255 characters")).toBe(false);
});

test("issues stand in one string with their places, the first twenty of them", () => {
  const issue = (row: number) => ({ row, field: "to_number", code: "bad_format", message: "Must be E.164." });
  expect(
    validationFailure([issue(3), { field: "name", code: "required", message: "This field is required." }]),
  ).toEqual({
    message: "Validation error",
    status: "error",
    error: "tasks[2].to_number: Must be E.164. name: This field is required.",
  });
  const many = validationFailure(Array.from({ length: 25 }, (_, index) => issue(index + 1))).error;
  expect(many).toContain("tasks[19].to_number");
  expect(many).not.toContain("tasks[20]");
  expect(many).toMatch(/ and 5 more$/);
});
