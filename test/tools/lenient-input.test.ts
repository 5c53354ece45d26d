import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readLeniently } from "../../src/tools/arguments/lenient-input.ts";

const input = z.strictObject({
  batch_id: z.string().min(1),
  start: z.enum(["now", "at_time"]).optional(),
  limit: z.int().optional(),
  flag: z.boolean().optional(),
  note: z.string().optional(),
  names: z.array(z.string()).optional(),
  rows: z.array(z.union([z.int(), z.string()])).optional(),
  outcomes: z.array(z.string().pipe(z.enum(["no_answer", "busy"]))).optional(),
  texts: z.record(z.string(), z.string()).optional(),
  columns: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  tasks: z.array(z.strictObject({ to_number: z.string(), max_retries: z.int().optional() })).optional(),
});
const read = (args: unknown) => readLeniently(input, args);

describe("one meaning, another spelling", () => {
  test.each([
    [null, {}],
    [undefined, {}],
    ["", {}],
    ['{"batch_id": "b"}', { batch_id: "b" }],
    [{ tasks: '[{"to_number": "1"}]' }, { tasks: [{ to_number: "1" }] }],
    [{ tasks: ['{"to_number": "1"}'] }, { tasks: [{ to_number: "1" }] }],
    [{ texts: '{"a": 1}' }, { texts: { a: "1" } }],
    [
      { texts: { a: 5001201, b: true, c: null, d: 1.5, e: "" } },
      { texts: { a: "5001201", b: "true", d: "1.5", e: "" } },
    ],
    [{ limit: "20" }, { limit: 20 }],
    [{ limit: " -3 " }, { limit: -3 }],
    [{ flag: "True" }, { flag: true }],
    [{ flag: "false" }, { flag: false }],
    [{ start: "NOW" }, { start: "now" }],
    [{ start: "atTime" }, { start: "at_time" }],
    [{ outcomes: ["No Answer"] }, { outcomes: ["no_answer"] }],
    [{ outcomes: "busy" }, { outcomes: ["busy"] }],
    [{ rows: 3 }, { rows: [3] }],
    [{ rows: "10-20" }, { rows: ["10-20"] }],
    [{ names: "City" }, { names: ["City"] }],
    [{ start: null, limit: "", note: "", names: null, tasks: "" }, {}],
    [{ batchId: "b" }, { batch_id: "b" }],
    [{ BATCH_ID: "b" }, { batch_id: "b" }],
    [{ batch_call_id: "b" }, { batch_id: "b" }],
    [{ batchId: "b", batch_id: "b" }, { batch_id: "b" }],
    [{ tasks: [{ toNumber: "1", maxRetries: "2" }] }, { tasks: [{ to_number: "1", max_retries: 2 }] }],
    [{ toolCallId: "x", sessionId: "s", action: "sendMessage", chatInput: "hi", task_progress: "- [ ] a" }, {}],
  ])("%j", (given, meant) => {
    expect(read(given)).toEqual(meant);
  });
});

describe("what has no meaning, or two, is left to be refused", () => {
  test.each([
    [[]],
    ["batch_id=b"],
    [{ batch_id: null }],
    [{ batch_id: 5 }],
    [{ batchId: "a", batch_id: "b" }],
    [{ batchId: "a", batch_call_id: "b" }],
    [{ limit: "1,000" }],
    [{ limit: "ten" }],
    [{ limit: "1e3" }],
    [{ flag: "yes" }],
    [{ flag: 1 }],
    [{ start: "tomorrow" }],
    [{ tasks: "[{to_number: 1}]" }],
    [{ tasks: {} }],
    [{ tasks: [{ to_number: 14155550123 }] }],
    [{ tasks: [null] }],
    [{ texts: { a: 2 ** 60, b: 1e-7, c: {}, d: [] } }],
    [{ columns: { to_number: 3, name: null } }],
    [{ columns: { to_number: '["A"]' } }],
    [{ names: [""] }],
    [{ agent: "x", unknown: null }],
    [{ tasks: [{ to_number: "1", toolCallId: "x" }] }],
  ])("%j", (given) => {
    expect(read(given)).toEqual(given);
  });
});

test("a host's field is an argument where the tool has it", () => {
  const withAction = z.strictObject({ action: z.enum(["add", "remove"]) });
  expect(readLeniently(withAction, { action: "Add", sessionId: "s" })).toEqual({ action: "add" });
});

test("names of the agent's variables and of columns are data, not arguments", () => {
  const given = { texts: { firstName: "A", batch_call_id: "B", toolCallId: "C" }, columns: { firstName: "Name" } };
  expect(read(given)).toEqual(given);
});
