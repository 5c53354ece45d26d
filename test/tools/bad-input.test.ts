import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Issue } from "../../src/domain/problem.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

// 02:30 does not exist on this day in New York, and 01:30 on 1 November is there twice.
const now = "2026-03-02T15:00:00Z";

let world: World;
beforeAll(async () => {
  world = await startWorld({ now });
});
afterAll(() => world.stop());

const at = (start_at: string, timezone = "America/New_York") => ({ start: "at_time", start_at, timezone });
const task = (to_number: unknown, more: object = {}) => ({
  tasks: [{ to_number: numberOf(1) }, { to_number, ...more }],
});

const cases: readonly [name: string, changes: object, issue: Partial<Issue>, words: RegExp][] = [
  ["a caller id that is no number", { from_number: "12" }, { field: "from_number", code: "no_country" }, /\+1415/],
  [
    "a caller id of somebody else",
    { from_number: "+14155550177" },
    { field: "from_number", code: "unknown_caller_id" },
    /list_phone_numbers/,
  ],
  [
    "an unknown zone",
    { timezone: "America/New York" },
    { field: "timezone", code: "unknown_zone" },
    /America\/New_York/,
  ],
  ["a time in the past", at("2026-03-02T09:00"), { field: "start_at", code: "in_past" }, /passed/],
  ["a time in a clock-change gap", at("2026-03-08T02:30"), { field: "start_at", code: "in_gap" }, /does not exist/],
  ["a time that is there twice", at("2026-11-01T01:30"), { field: "start_at", code: "ambiguous" }, /-04:00/],
  ["an epoch as time", at("1771573740000"), { field: "start_at", code: "bare_number" }, /YYYY-MM-DD/],
  ["at_time without a time", { start: "at_time" }, { field: "start_at", code: "required" }, /start_at/],
  ["a time without at_time", { start_at: "2026-05-01T09:00" }, { field: "start_at", code: "contradiction" }, /at_time/],
  [
    "rules for retries that are not switched on",
    { retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 5 } }] },
    { field: "retry_rules", code: "contradiction" },
    /max_attempts: 2/,
  ],
  ["an unknown agent", { agent_id: "agent_nobody" }, { field: "agent_id", code: "unknown_agent" }, /list_agents/],
  ["no tasks", { tasks: [] }, { field: "tasks", code: "too_few" }, /at least 1/],
  ["neither tasks nor a file", { tasks: undefined }, { field: "tasks", code: "required" }, /tasks_file/],
  ["tasks and a file", { tasks_file: "a.csv" }, { field: "tasks_file", code: "contradiction" }, /Give one of/],
  ["a number given as a number", task(12015550199), { row: 2, field: "to_number", code: "wrong_type" }, /in quotes/],
  [
    "a variable that is no text",
    task(numberOf(2), { dynamic_variables: { age: [40] } }),
    { row: 2, field: "dynamic_variables.age", code: "wrong_type" },
    /text in quotes/,
  ],
  ["a field from the API", { send_now: true }, { field: "send_now", code: "unknown_argument" }, /start: "now"/],
  [
    "the API's way to call nobody yet",
    { send_now: false },
    { field: "send_now", code: "unknown_argument" },
    /^There is no such argument\. Write start: "at_time" and start_at, or "draft" to call nobody yet\.$/,
  ],
  [
    "the same as text",
    { sendNow: "false" },
    { field: "sendNow", code: "unknown_argument" },
    /or "draft" to call nobody/,
  ],
  [
    "a misspelled argument",
    { timezon: "UTC" },
    { field: "timezon", code: "unknown_argument" },
    /Did you mean timezone\?/,
  ],
  [
    "an unknown field of a task",
    task(numberOf(2), { phone: "x" }),
    { row: 2, field: "phone", code: "unknown_argument" },
    /to_number/,
  ],
  ["an unknown start", { start: "later" }, { field: "start", code: "not_allowed" }, /draft, now, at_time/],
  ["a blank name", { name: "  " }, { field: "name", code: "empty" }, /blank/],
  [
    "an unknown country",
    { default_country: "Narnia" },
    { field: "default_country", code: "unknown_country" },
    /two letters/i,
  ],
  [
    "quiet hours that are no times",
    { quiet_hours: { enabled: true, start_time: "9pm", end_time: "08:00" } },
    { field: "quiet_hours.start_time", code: "invalid_time_of_day" },
    /HH:MM/,
  ],
  [
    "an AT rule without a time",
    { retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AT" } }] },
    { field: "retry_rules[0].retry_timing.time", code: "required" },
    /AT needs time/,
  ],
  [
    "too many attempts",
    { retry_config: { enabled: true, max_attempts: 99 } },
    { field: "retry_config.max_attempts", code: "too_many" },
    /at most 10/,
  ],
];

describe.each(["create_batch_call", "preview_batch_call"])("%s refuses", (tool) => {
  test.each(cases)("%s", async (_name, changes, issue, words) => {
    const problem = await world.problem(tool, request(1, changes));
    expect(problem.code).toBe("invalid_input");
    if (tool === "create_batch_call") expect(problem.message).toMatch(/Nothing was (created|changed)\.$/);
    expect(problem.issues).toEqual([expect.objectContaining(issue)]);
    expect(problem.issues[0]?.message).toMatch(words);
  });
});

test("nothing was created by any refused request", async () => {
  expect((await world.tool("list_batches")).batches).toEqual([]);
});

test("all that is wrong is listed at once", async () => {
  const problem = await world.problem(
    "create_batch_call",
    request(1, {
      agent_id: "agent_nobody",
      from_number: "+14155550177",
      timezone: "Mars",
      quiet_hours: { enabled: true, start_time: "25:00", end_time: "08:00" },
    }),
  );
  expect(problem.issues.map(({ field }) => field)).toEqual([
    "agent_id",
    "from_number",
    "timezone",
    "quiet_hours.start_time",
  ]);
});

test("more than 1,000 recipients are refused by name", async () => {
  const problem = await world.problem("create_batch_call", request(1001));
  expect(problem.issues).toEqual([
    expect.objectContaining({
      field: "tasks",
      code: "too_many",
      message: expect.stringMatching(/at most 1000.*1,001/),
    }),
  ]);
});

test("a list in which nobody can be called creates nothing and gives every reason", async () => {
  const tasks = [{ to_number: "555-0100" }, { to_number: "+19005550123" }, { to_number: "" }];
  const problem = await world.problem("create_batch_call", request(1, { tasks }));
  expect(problem.message).toMatch(
    /^None of the 3 rows can be called\. Nothing was created; the list is kept as list_\w+\./,
  );
  expect(problem.issues.map(({ row, code }) => [row, code])).toEqual([
    [1, expect.any(String)],
    [2, expect.any(String)],
    [3, "empty"],
  ]);
});

test.each([
  "get_batch_status",
  "pause_batch",
  "cancel_batch",
  "resume_batch",
  "get_batch_results",
  "export_batch_results",
])("%s of an unknown id is not_found", async (tool) => {
  const { code, message } = await world.problem(tool, { batch_id: "batch_call_unknown" });
  expect(code).toBe("not_found");
  expect(message).toMatch(/does not exist.*Nothing changed\. Take ids from the answers of the list tools/);
});

test.each([
  ["start_batch", { batch_id: "batch_call_unknown", start: "now" }],
  ["update_batch", { batch_id: "batch_call_unknown", name: "New" }],
  ["get_call", { call_id: "call_unknown" }],
])("%s of an unknown id is not_found", async (tool, args) => {
  expect((await world.problem(tool, args)).code).toBe("not_found");
});

test("a cursor that is none of ours is refused", async () => {
  expect((await world.problem("list_batches", { cursor: "xyz" })).issues).toMatchObject([
    { field: "cursor", code: "bad_cursor" },
  ]);
});

test("a missing argument says what to give", async () => {
  const problem = await world.problem("get_batch_status", { id: "batch_1" });
  expect(problem.issues).toMatchObject([
    { field: "batch_id", code: "required" },
    { field: "id", code: "unknown_argument", message: expect.stringContaining('Write batch_id: "batch_1".') },
  ]);
});

test("arguments of the wrong shape and arguments that make no sense are reported together", async () => {
  const args = { ...request(2), send_now: true, from_number: "nope", start: "tomorrow", agent_id: "agent_nobody" };
  const problem = await world.problem("create_batch_call", args);
  expect(problem.code).toBe("invalid_input");
  expect(problem.issues.map(({ field }) => field).sort()).toEqual(["agent_id", "from_number", "send_now", "start"]);
});

test("an argument that is missing, or of the wrong type, is reported once", async () => {
  const { name: _name, ...args } = { name: "", ...request(2), from_number: 14155550100, nonsense: 1 };
  const problem = await world.problem("create_batch_call", { ...args, name: undefined });
  expect(problem.issues.map(({ field }) => field).sort()).toEqual(["from_number", "name", "nonsense"]);
});

const noTasks = { tasks: undefined };
const batch_id = "batch_call_1";
const outcomes = "answered, no_answer, busy, voicemail, failed, unknown, cancelled";

test.each<[what: string, changes: object, issue: Partial<Issue>]>([
  [
    "an outcome that there is not",
    { ...noTasks, from_batch: { batch_id, outcomes: ["no_answr"] } },
    {
      field: "from_batch.outcomes[0]",
      code: "not_allowed",
      message: `Must be one of: ${outcomes}, not "no_answr". Did you mean no_answer?`,
    },
  ],
  ["no outcomes", { ...noTasks, from_batch: { batch_id, outcomes: [] } }, { field: "from_batch.outcomes" }],
  ["a batch without an id", { ...noTasks, from_batch: {} }, { field: "from_batch.batch_id", code: "required" }],
  ["a batch that is no object", { ...noTasks, from_batch: 7 }, { field: "from_batch", code: "wrong_type" }],
  ["a file that is no name", { ...noTasks, tasks_file: ["a.csv"] }, { field: "tasks_file", code: "wrong_type" }],
  ["a text that is none", { ...noTasks, tasks_csv: ["phone"] }, { field: "tasks_csv", code: "wrong_type" }],
  ["an id of a list that is none", { ...noTasks, list_id: {} }, { field: "list_id", code: "wrong_type" }],
  [
    "columns that are none, of a list that needs them",
    { ...noTasks, tasks_csv: `A,B\n1,${numberOf(1).slice(2)}\n2,x`, columns: { to_number: {} } },
    { field: "columns.to_number" },
  ],
  [
    "whom to leave out",
    { exclude: { called_within_days: 0 } },
    { field: "exclude.called_within_days", code: "too_few" },
  ],
])("%s is reported once, and not as people who are missing", async (_what, changes, issue) => {
  for (const tool of ["create_batch_call", "preview_batch_call"])
    expect((await world.problem(tool, request(1, changes))).issues).toMatchObject([issue]);
});

test("start_batch with send_now: false is not advised to start now, nor to make a draft", async () => {
  const problem = await world.problem("start_batch", { batch_id: "batch_call_1", start: "now", send_now: false });
  expect(problem.issues[0]?.message).toBe(
    'There is no such argument. Write start: "at_time" and start_at for a later time.',
  );
});

const unfilled = (name: string): string => ["$", "{", name, "}"].join("");

describe("a placeholder that nobody filled in", () => {
  test.each(["name", "agent_id", "from_number", "default_country", "timezone"])("is no value of %s", async (field) => {
    const args = request(1, { [field]: `x ${unfilled("VALUE")}` });
    for (const tool of ["create_batch_call", "preview_batch_call"]) {
      const problem = await world.problem(tool, args);
      expect(problem.issues).toEqual([
        { field, code: "placeholder", message: expect.stringContaining(unfilled("VALUE")) },
      ]);
    }
    expect((await world.tool("list_batches")).batches).toEqual([]);
  });

  test("stands beside what else is wrong", async () => {
    const problem = await world.problem(
      "create_batch_call",
      request(1, { name: unfilled("NAME"), agent_id: "nobody" }),
    );
    expect(problem.issues.map(({ field }) => field)).toEqual(["name", "agent_id"]);
  });

  test("in a row is named as a blank variable", async () => {
    const tasks = [{ to_number: numberOf(1), dynamic_variables: { first_name: unfilled("first_name") } }];
    const { missing_variables: missing } = await world.tool("create_batch_call", request(1, { tasks }));
    expect(missing).toContainEqual({ name: "first_name", rows: 1, first_rows: [1] });
  });
});

describe("a name that every object has is an argument like any other that there is not", () => {
  test.each(["constructor", "toString", "hasOwnProperty", "__proto__"])("%s", async (name) => {
    for (const tool of ["preview_batch_call", "list_agents", "get_batch_status"]) {
      const { code, issues } = await world.problem(tool, Object.fromEntries([[name, "x"]]));
      expect([tool, code, issues.map(({ field }) => field)]).toEqual([
        tool,
        "invalid_input",
        expect.arrayContaining([name]),
      ]);
    }
  });
});
