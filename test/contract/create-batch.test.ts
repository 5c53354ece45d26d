import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBatchBody, fromCreateBatchBody, toCreateBatchBody } from "../../src/contract/batch/create-batch.ts";
import type { BatchPlan, CallingRules, QuietHours, Recipient } from "../../src/domain/batch/plan.ts";
import type { E164 } from "../../src/domain/phone/phone-number.ts";
import type { Issue } from "../../src/domain/problem.ts";
import { afterAttempt } from "../../src/domain/retry-rules.ts";
import { accepted, createBody, createPage, early, problemsOf } from "./fixture.ts";

// Safe in tests: the numbers here are made to be callable.
const e164 = (number: string) => number as E164;

const plan: BatchPlan = {
  name: "June reminders",
  agentId: "agent_1",
  fromNumber: e164("+14155550100"),
  timezone: "Asia/Calcutta",
  recipients: [
    {
      row: 2,
      toNumber: e164("+14155550101"),
      type: "fixed_line_or_mobile",
      variables: { first_name: "Ann" },
      maxRetries: 2,
    },
  ],
  rules: {},
  start: { kind: "draft" },
};

describe("the example requests of the create pages", () => {
  test("the older page's draft means what it says", () => {
    expect(accepted(fromCreateBatchBody(createPage("000", "request"), early))).toEqual({
      name: "Q1 Sales Campaign",
      fromNumber: "+14157774444",
      agentId: "agent_7ff47846-c8a0-4304-ae13-88cfc31c1a03",
      timezone: "America/New_York",
      tasks: [
        {
          toNumber: "+12137774445",
          variables: { first_name: "John", last_name: "Doe", company: "Acme Corp" },
          maxRetries: 3,
        },
      ],
      rules: {},
      start: { kind: "draft", at: new Date("2025-01-01T08:00:00Z") },
    });
  });

  test("the newer page's schedule, retries and quiet hours mean what they say", () => {
    const batch = accepted(fromCreateBatchBody(createPage("004", "request"), early));
    expect(batch.start).toEqual({ kind: "scheduled", at: new Date("2026-02-20T07:49:00Z") });
    expect(batch.timezone).toBe("Asia/Calcutta");
    expect(batch.tasks.map((task) => task.toNumber)).toEqual(["+919600011957", "+919445216009"]);
    expect(batch.tasks[1]?.variables).toMatchObject({ order_id: "5001202", branchname: "MADHAPUR-HUB" });
    expect(batch.rules).toEqual({
      retryConfig: { enabled: true, maxAttempts: 3 },
      quietHours: { enabled: true, start: "22:00", end: "08:00", zone: "Asia/Calcutta" },
      retryRules: [
        { condition: "no_answer", enabled: true, timing: { kind: "at", time: "13:00" } },
        { condition: "busy", enabled: true, timing: { kind: "at", time: "14:00" } },
        { condition: "voicemail", enabled: true, timing: { kind: "after", minutes: 120 } },
      ],
    } satisfies CallingRules);
  });

  test("what the newer page sends comes out of our own plan of it, as a draft", () => {
    const page = createPage("004", "request");
    const read = accepted(fromCreateBatchBody(page, early));
    const body = toCreateBatchBody({
      ...plan,
      ...read,
      fromNumber: e164(read.fromNumber),
      recipients: read.tasks.map(toRecipient),
      start: { kind: "at", at: new Date("2026-02-20T07:49:00Z") },
    });
    expect(body).toEqual({ ...page, status: "draft" });
  });
});

function toRecipient(
  task: { toNumber: string; variables: Readonly<Record<string, unknown>> },
  index: number,
): Recipient {
  const variables = Object.fromEntries(Object.entries(task.variables).map(([name, value]) => [name, String(value)]));
  return { row: index + 1, toNumber: e164(task.toNumber), type: "fixed_line_or_mobile", variables };
}

describe("what we send", () => {
  test("is a draft even when the plan is to start now", () => {
    const body = toCreateBatchBody({ ...plan, start: { kind: "now" } });
    expect(body).toMatchObject({ status: "draft", send_now: false });
    expect(body).not.toHaveProperty("trigger_timestamp");
  });

  test("leaves people on the do-not-call list out", () => {
    const body = toCreateBatchBody({
      ...plan,
      suppressed: [{ row: 3, toNumber: e164("+14155550102"), type: "fixed_line_or_mobile", variables: {} }],
    });
    expect(JSON.stringify(body)).not.toContain("+14155550102");
  });

  test("names the zone of the quiet hours even when the plan leaves it to the batch", () => {
    const rules = { quietHours: { enabled: true, start: "22:00", end: "08:00" } };
    expect(toCreateBatchBody({ ...plan, rules }).quiet_hours?.timezone).toBe("Asia/Calcutta");
  });

  const time = fc.constantFrom("00:00", "08:30", "13:00", "23:59");
  const timing = fc.oneof(
    time.map((value) => ({ kind: "at" as const, time: value })),
    fc.integer({ min: 1, max: 43_200 }).map((minutes) => ({ kind: "after" as const, minutes })),
  );
  const condition = fc.constantFrom("no_answer" as const, "busy" as const, "voicemail" as const, "failed" as const);
  // zod drops this one key from every record, so that no object gets another prototype.
  const variableName = fc.string({ maxLength: 20 }).filter((name) => name !== "__proto__");
  const recipients = fc
    .uniqueArray(fc.integer({ min: 200, max: 999 }), { minLength: 1, maxLength: 30 })
    .chain((areas) =>
      fc.tuple(
        ...areas.map((area, index) =>
          fc.record(
            {
              row: fc.constant(index + 1),
              toNumber: fc.constant(e164(`+1${area}5550123`)),
              type: fc.constant("fixed_line_or_mobile" as const),
              variables: fc.dictionary(variableName, fc.string({ maxLength: 60 }), { maxKeys: 5 }),
              maxRetries: fc.integer({ min: 0, max: 10 }),
            },
            { requiredKeys: ["row", "toNumber", "type", "variables"] },
          ),
        ),
      ),
    );
  const rules = fc.record(
    {
      retryConfig: fc.record({ enabled: fc.boolean(), maxAttempts: fc.integer({ min: 1, max: 10 }) }),
      retryRules: fc.uniqueArray(fc.record({ condition, enabled: fc.boolean(), timing }), {
        selector: (rule) => rule.condition,
        maxLength: 4,
      }),
      quietHours: fc
        .record({
          enabled: fc.boolean(),
          start: fc.constant("22:00"),
          end: fc.constant("08:00"),
          zone: fc.constantFrom("Europe/London", "Asia/Calcutta"),
        })
        .chain((hours) =>
          fc
            .constantFrom<Pick<QuietHours, "days" | "notOn" | "holidays" | "start" | "end">>(
              hours,
              { ...hours, days: ["sunday", "saturday"] },
              { ...hours, notOn: ["2026-12-25", "2027-01-01"] },
              { ...hours, holidays: true },
              { start: "00:00", end: "00:00", holidays: true },
              { start: "00:00", end: "00:00", days: ["monday"], notOn: ["2026-12-25"] },
            )
            .map((days) => ({ ...hours, ...days })),
        ),
    },
    { requiredKeys: [] },
  );

  test("is read back by the service as the same batch, whatever is in the plan", () => {
    fc.assert(
      fc.property(recipients, rules, fc.integer({ min: 1, max: 1e9 }), (list, callingRules, minutes) => {
        const at = new Date(early.getTime() + minutes * 1000);
        const sent = { ...plan, recipients: list, rules: callingRules, start: { kind: "at" as const, at } };
        const read = accepted(fromCreateBatchBody(JSON.parse(JSON.stringify(toCreateBatchBody(sent))), early));
        expect(read).toEqual({
          name: plan.name,
          fromNumber: plan.fromNumber,
          agentId: plan.agentId,
          timezone: plan.timezone,
          tasks: list.map(({ row: _row, type: _type, ...task }) => task),
          rules: callingRules,
          start: { kind: "draft", at },
        });
      }),
    );
  });
});

describe("what is refused", () => {
  const refusals: [string, Record<string, unknown>, string][] = [
    ["no tasks", { tasks: [] }, "tasks too_small"],
    ["1,001 tasks", { tasks: Array(1001).fill({ to_number: "+14155550101" }) }, "tasks too_large"],
    ["a name of 256 characters", { name: "x".repeat(256) }, "name too_large"],
    ["a blank name", { name: "  " }, "name too_small"],
    ["a caller id without +", { from_number: "14155550100" }, "from_number bad_format"],
    ["a recipient in national form", { tasks: [{ to_number: "(415) 555-0101" }] }, "row 1 to_number bad_format"],
    ["a number given as a number", { tasks: [{ to_number: 14155550101 }] }, "row 1 to_number wrong_type"],
    ["a task that is not an object", { tasks: ["+14155550101"] }, "row 1 tasks wrong_type"],
    ["the caller id on the list", { tasks: [{ to_number: "+14155550100" }] }, "row 1 to_number same_as_from_number"],
    [
      "the caller id on the list in a form that its country has retired",
      { from_number: "+525512345678", tasks: [{ to_number: "+5215512345678" }] },
      "row 1 to_number same_as_from_number",
    ],
    [
      "the caller id in a form that its country has retired, on the list in today's",
      { from_number: "+5215512345678", tasks: [{ to_number: "+525512345678" }] },
      "row 1 to_number same_as_from_number",
    ],
    [
      "variables that are a list",
      { tasks: [{ to_number: "+14155550101", dynamic_variables: [] }] },
      "row 1 dynamic_variables wrong_type",
    ],
    ["a zone that does not exist", { timezone: "Mars/Olympus" }, "timezone unknown_zone"],
    ["a trigger in the past", { trigger_timestamp: early.getTime() - 1000 }, "trigger_timestamp in_the_past"],
    ["a trigger at this moment", { trigger_timestamp: early.getTime() }, "trigger_timestamp in_the_past"],
    ["a trigger that no calendar has", { trigger_timestamp: 9e15 }, "trigger_timestamp bad_time"],
    ["a trigger as text", { trigger_timestamp: "2026-06-01" }, "trigger_timestamp wrong_type"],
    ["a status of its own making", { status: "completed" }, "status not_allowed"],
    [
      "status scheduled without a time",
      { status: "scheduled", trigger_timestamp: undefined },
      "trigger_timestamp required",
    ],
    ["status sent without send_now", { status: "sent", trigger_timestamp: undefined }, "trigger_timestamp required"],
    [
      "a quiet hour of 24:00",
      { quiet_hours: { start_time: "22:00", end_time: "24:00" } },
      "quiet_hours.end_time bad_format",
    ],
    [
      "a window without length",
      { quiet_hours: { start_time: "22:00", end_time: "22:00" } },
      "quiet_hours empty_window",
    ],
    [
      "quiet hours that say nothing",
      { quiet_hours: { days: [], not_on: [] } },
      "quiet_hours.start_time required quiet_hours.end_time required",
    ],
    [
      "one time beside a day",
      { quiet_hours: { start_time: "09:00", days: ["sunday"] } },
      "quiet_hours.end_time required",
    ],
    ["a day that is none", { quiet_hours: { days: ["caturday"] } }, "quiet_hours.days[0] not_allowed"],
    [
      "all days of the week",
      { quiet_hours: { days: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] } },
      "quiet_hours.days no_calling_time",
    ],
    ["a date that is on no calendar", { quiet_hours: { not_on: ["2026-02-29"] } }, "quiet_hours.not_on[0] bad_date"],
    ["no attempts at all", { retry_config: { max_attempts: 0 } }, "retry_config.max_attempts too_small"],
    [
      "a rule AT without a time",
      { retry_rules: [{ condition: "busy", retry_timing: { type: "AT", duration_minutes: 5 } }] },
      "retry_rules[0].retry_timing.time required",
    ],
    [
      "a rule AFTER without minutes",
      { retry_rules: [{ condition: "busy", retry_timing: { type: "AFTER", time: "13:00" } }] },
      "retry_rules[0].retry_timing.duration_minutes required",
    ],
    [
      "two rules for one condition",
      {
        retry_rules: ["busy", "BUSY"].map((condition) => ({ condition, retry_timing: { type: "AT", time: "13:00" } })),
      },
      "retry_rules repeated_condition",
    ],
    [
      "an unknown condition",
      { retry_rules: [{ condition: "rejected", retry_timing: { type: "AT", time: "13:00" } }] },
      "retry_rules[0].condition not_allowed",
    ],
  ];
  test.each(refusals)("%s", (_what, fields, problem) => {
    expect(problemsOf(fromCreateBatchBody(createBody(fields), early)).join(" ")).toBe(problem);
  });

  test("days in any letter case, and twice, are the same days, and dates are in order", () => {
    const quiet_hours = { days: ["Sunday", "SATURDAY", "sunday"], not_on: ["2026-12-26", "2026-12-25", "2026-12-26"] };
    expect(accepted(fromCreateBatchBody(createBody({ quiet_hours }), early)).rules.quietHours).toEqual({
      enabled: true,
      start: "00:00",
      end: "00:00",
      days: ["sunday", "saturday"],
      notOn: ["2026-12-25", "2026-12-26"],
    });
  });

  test("everything at once, not only the first", () => {
    const body = createBody({
      name: undefined,
      timezone: "Mars/Olympus",
      tasks: [{ to_number: "+14155550100" }, { to_number: "1" }, { to_number: 2 }],
      trigger_timestamp: 1,
    });
    expect(problemsOf(fromCreateBatchBody(body, early))).toEqual([
      "name required",
      "row 2 to_number bad_format",
      "row 3 to_number wrong_type",
      "timezone unknown_zone",
      "trigger_timestamp in_the_past",
      "row 1 to_number same_as_from_number",
    ]);
  });

  test.each([[null], ["text"], [[]], [42]])("a body that is not an object: %j", (body) => {
    expect(problemsOf(fromCreateBatchBody(body, early))).toEqual(["body wrong_type"]);
  });

  test("variables over 5,120 bytes, counted as UTF-8 and not as characters", () => {
    // {"v":"…"} is 8 bytes around the text; é is 2 bytes.
    const task = (text: string) =>
      createBody({ tasks: [{ to_number: "+14155550101", dynamic_variables: { v: text } }] });
    expect(problemsOf(fromCreateBatchBody(task("é".repeat(2556)), early))).toEqual([]);
    expect(problemsOf(fromCreateBatchBody(task(`${"é".repeat(2556)}x`), early))).toEqual([
      "row 1 dynamic_variables too_large",
    ]);
  });
});

test("1,000 tasks, a name of 255 characters and any JSON value as a variable are fine", () => {
  const tasks = Array.from({ length: 1000 }, (_, index) => ({
    to_number: `+1212${5550000 + index}`,
    dynamic_variables: { nested: { list: [1, null, true] } },
  }));
  const batch = accepted(fromCreateBatchBody(createBody({ tasks, name: "x".repeat(255) }), early));
  expect(batch.tasks).toHaveLength(1000);
  expect(batch.tasks[0]?.variables).toEqual({ nested: { list: [1, null, true] } });
});

test("a number that stands twice on the list stays twice: whoever stores it says so", () => {
  const tasks = [{ to_number: "+14155550101" }, { to_number: "+14155550101" }];
  expect(accepted(fromCreateBatchBody(createBody({ tasks }), early)).tasks).toHaveLength(2);
});

test("a window without length is fine while it is off", () => {
  const hours = { enabled: false, start_time: "00:00", end_time: "00:00" };
  expect(accepted(fromCreateBatchBody(createBody({ quiet_hours: hours }), early)).rules.quietHours).toMatchObject({
    enabled: false,
  });
});

test("null means absent", () => {
  const body = createBody({
    timezone: null,
    status: null,
    retry_config: null,
    quiet_hours: null,
    retry_rules: null,
    organization_id: null,
  });
  expect(accepted(fromCreateBatchBody(body, early))).toMatchObject({
    timezone: "UTC",
    rules: {},
    start: { kind: "scheduled" },
  });
});

test("a draft keeps a time that has passed, as the older page's example does after 2025", () => {
  const late = new Date("2026-02-02T15:00:00Z");
  expect(accepted(fromCreateBatchBody(createPage("000", "request"), late)).start).toEqual({
    kind: "draft",
    at: new Date("2025-01-01T08:00:00Z"),
  });
});

describe("a block that is off needs to say nothing else", () => {
  const off = { enabled: false };

  test("quiet hours and retries are as good as absent", () => {
    const body = createBody({ quiet_hours: off, retry_config: off });
    expect(accepted(fromCreateBatchBody(body, early)).rules).toEqual({});
  });

  test.each([[off], [{ condition: "busy", ...off }]])("the rule %j calls nobody again", (rule) => {
    const body = createBody({ retry_config: { enabled: true, max_attempts: 3 }, retry_rules: [rule] });
    const { rules } = accepted(fromCreateBatchBody(body, early));
    const ended = { outcome: "busy", attemptNumber: 1, endedAt: early, rules, batchZone: "UTC" } as const;
    expect(afterAttempt(ended)).toMatchObject({ kind: "final", status: "failed" });
  });

  test.each([
    ["quiet hours", { quiet_hours: {} }, ["quiet_hours.start_time required", "quiet_hours.end_time required"]],
    ["retries", { retry_config: { enabled: true } }, ["retry_config.max_attempts required"]],
    [
      "a rule",
      { retry_rules: [{ enabled: true }] },
      ["retry_rules[0].condition required", "retry_rules[0].retry_timing required"],
    ],
  ])("while %s that are not off say all", (_what, fields, problems) => {
    expect(problemsOf(fromCreateBatchBody(createBody(fields), early))).toEqual(problems);
  });
});

test("a field that is not known is refused by its name, wherever it stands, with the one that was meant", () => {
  const body = createBody({
    quiet_hour: { start_time: "21:00", end_time: "09:00" },
    quiet_hours: { start_tme: "21:00", start_time: "21:00", end_time: "09:00" },
    retry_rules: [{ condition: "busy", retry_timing: { type: "AFTER", duration_minutes: 5, after: 1 } }],
    tasks: [{ to_number: "+14155550101", dynamic_variable: {} }],
  });
  const { issues = [] } = fromCreateBatchBody(body, early) as { issues?: readonly Issue[] };
  expect(issues.map(({ row, field, message }) => [row, field, message])).toEqual([
    [1, "dynamic_variable", "There is no such field. Did you mean dynamic_variables?"],
    [
      undefined,
      "retry_rules[0].retry_timing.after",
      "There is no such field. Known here: type, time, duration_minutes, timezone.",
    ],
    [undefined, "quiet_hours.start_tme", "There is no such field. Did you mean start_time?"],
    [undefined, "quiet_hour", "There is no such field. Did you mean quiet_hours?"],
  ]);
});

describe("what no database could keep is refused where it stands", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
  const withVariables = (dynamic_variables: object) => ({ tasks: [{ to_number: "+14155550101", dynamic_variables }] });

  test.each([
    ["a NUL in the name", { name: "June\u0000reminders" }, "name not_storable"],
    ["half of a pair in the name", { name: "June \ud83d" }, "name not_storable"],
    ["a NUL in the agent's id", { agent_id: "agent\u0000" }, "agent_id not_storable"],
    ["an agent's id without an end", { agent_id: "a".repeat(256) }, "agent_id too_large"],
    [
      "a NUL in a variable",
      withVariables({ a: { b: ["x", "y\u0000"] } }),
      "row 1 dynamic_variables.a.b.1 not_storable",
    ],
    ["a NUL in a variable's name", withVariables({ "a\u0000": "x" }), "row 1 dynamic_variables not_storable"],
    ["variables without a bottom", withVariables(deep), "row 1 dynamic_variables.a too_deep"],
  ])("%s", (_what, fields, problem) => {
    expect(problemsOf(fromCreateBatchBody(createBody(fields), early))).toEqual([problem]);
  });

  test("whole pairs, line breaks and every other character are fine", () => {
    const name = "Café 👋\n\u0001";
    expect(accepted(fromCreateBatchBody(createBody({ name, ...withVariables({ a: name }) }), early)).name).toBe(
      "Café 👋\n\u0001",
    );
  });
});

test("where enabled is left out, quiet hours hold, a listed rule counts, and retries stay off", () => {
  const body = createBody({
    quiet_hours: { start_time: "22:00", end_time: "08:00" },
    retry_config: { max_attempts: 3 },
    retry_rules: [{ condition: "busy", retry_timing: { type: "AFTER", duration_minutes: 5 } }],
  });
  expect(accepted(fromCreateBatchBody(body, early)).rules).toMatchObject({
    quietHours: { enabled: true },
    retryConfig: { enabled: false },
    retryRules: [{ enabled: true }],
  });
});

test("the schema says in JSON Schema what it takes", async () => {
  const { z } = await import("zod");
  expect(z.toJSONSchema(createBatchBody, { io: "input" })).toMatchObject({
    required: ["from_number", "tasks"],
    additionalProperties: false,
  });
});
