import { describe, expect, test } from "vitest";
import {
  fromAgentBody,
  fromPhoneNumberBody,
  toAgentBody,
  toAgentListBody,
  toPhoneNumberListBody,
} from "../../src/contract/account.ts";
import { batchBody, fromBatchBody, toBatchBody } from "../../src/contract/batch/batch.ts";
import { fromListQuery, toBatchListBody } from "../../src/contract/batch/list.ts";
import { fromTaskBody, taskBody, toTaskBody } from "../../src/contract/batch/tasks.ts";
import { callBody, fromCallBody, toCallBody } from "../../src/contract/call.ts";
import { fromCheckBody, fromDoNotCallBody, toCheckBody, toDoNotCallListBody } from "../../src/contract/do-not-call.ts";
import { toSuccessBody } from "../../src/contract/envelope.ts";
import { fromPageBody } from "../../src/contract/paging.ts";
import { accepted, createPage, problemsOf } from "./fixture.ts";

// What our service writes, our client reads without loss: both halves of each conversion against each other.

const at = new Date("2026-06-01T09:00:00Z");
const origin = "http://127.0.0.1:8080";
const later = new Date("2026-06-01T09:05:00Z");
const overTheWire = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

const record = {
  id: "batch_call_1",
  organizationId: "org_1",
  name: "June reminders",
  fromNumber: "+14155550100",
  agentId: "agent_1",
  timezone: "Asia/Calcutta",
  status: "sent" as const,
  isPaused: true,
  pausedAt: later,
  stateVersion: 7,
  heldReason: "missed its start",
  scheduledAt: at,
  lastDialAt: later,
  contentDigest: "c".repeat(64),
  maxAttempts: 3,
  duplicatesRemoved: 2,
  createdAt: at,
  rules: {
    exclude: { calledWithinDays: 7, reachedWithinDays: 30, exceptBatchIds: ["batch_call_0"] },
    retryConfig: { enabled: true, maxAttempts: 3 },
    quietHours: { enabled: true, start: "21:00", end: "09:00" },
  },
};
const progress = {
  counts: { total: 10, pending: 3, calling: 1, completed: 2, failed: 2, unknown: 1, cancelled: 1 },
  outcomes: { answered: 2, no_answer: 1, busy: 1, voicemail: 1, failed: 0 },
  sent: 6,
  neverCalled: 0,
  optedOut: 1,
  doNotCall: 1,
  excluded: 2,
  callsPerMinute: 4,
  nextAttemptAt: later,
};

describe("a batch", () => {
  test("comes through whole", () => {
    expect(fromBatchBody(overTheWire(toSuccessBody("ok", toBatchBody(record, progress, origin))))).toEqual({
      batchId: "batch_call_1",
      name: "June reminders",
      status: "sent",
      total: 10,
      isPaused: true,
      pausedAt: later,
      stateVersion: 7,
      heldReason: "missed its start",
      agentId: "agent_1",
      fromNumber: "+14155550100",
      timezone: "Asia/Calcutta",
      scheduledAt: at,
      createdAt: at,
      counts: progress.counts,
      outcomes: progress.outcomes,
      callsPerMinute: 4,
      nextAttemptAt: later,
      optedOut: 1,
      doNotCall: 1,
      excluded: 2,
      exclude: record.rules.exclude,
      heldRules: {
        retryConfig: record.rules.retryConfig,
        retryRules: null,
        quietHours: { ...record.rules.quietHours, zone: "Asia/Calcutta" },
      },
      duplicatesRemoved: 2,
      contentDigest: record.contentDigest,
      maxAttempts: 3,
    });
  });

  test("of which one rule cannot be read tells the others", () => {
    const body = {
      batch_call_id: "b",
      name: "n",
      status: "draft",
      total: 1,
      retry_config: "3 times",
      quiet_hours: null,
    };
    expect(fromBatchBody(body)?.heldRules).toEqual({ quietHours: null });
  });

  test("is written with every field of both pages, who created it included", () => {
    const page = createPage("004", "response");
    const { access_info } = overTheWire(toBatchBody(record, progress, origin)) as { access_info: object };
    expect(Object.keys(access_info)).toEqual(
      expect.arrayContaining(["creator_name", "creator_image_url", "user_id", "session_id"]),
    );
    expect(Object.keys(toBatchBody(record, progress, origin))).toEqual(expect.arrayContaining(Object.keys(page)));
    expect(batchBody.strict().safeParse(overTheWire(toBatchBody(record, progress, origin))).success).toBe(true);
  });

  test("is written in milliseconds and lower case, with null for what is not yet", () => {
    const { pausedAt: _, scheduledAt: __, lastDialAt: ___, ...draft } = record;
    const body = toBatchBody({ ...draft, status: "draft", isPaused: false }, progress, origin);
    expect(body).toMatchObject({
      status: "draft",
      created_timestamp: at.getTime(),
      next_attempt_timestamp: later.getTime(),
    });
    expect(body).toMatchObject({ scheduled_timestamp: null, paused_at: null, last_sent_timestamp: null, error: null });
  });

  test("counts who picked up, voicemail included, apart from who was reached", () => {
    expect(toBatchBody(record, progress, origin)).toMatchObject({ total: 10, sent: 6, picked_up: 3, completed: 2 });
  });

  test.each([
    ["no object", "batch_1"],
    ["no id", { name: "n", status: "draft", total: 1 }],
    ["a status of its own making", { batch_call_id: "b", name: "n", status: "sleeping", total: 1 }],
    ["no number of tasks", { batch_call_id: "b", name: "n", status: "draft" }],
  ])("with %s is not read as one", (_what, body) => {
    expect(fromBatchBody(body)).toBeUndefined();
  });

  test("with nonsense in fields that we can do without is read without them", () => {
    const body = {
      batch_call_id: "b",
      name: "n",
      status: "draft",
      total: 1,
      is_paused: "no",
      timezone: 5,
      counts: {},
      created_at: "soon",
    };
    expect(fromBatchBody(body)).toEqual({ batchId: "b", name: "n", status: "draft", total: 1, isPaused: false });
  });
});

test("a page of batches comes through with its total", () => {
  const request = accepted(fromListQuery({ page: "1", limit: "2", sort_by: "NAME", sort_order: "ascending" }));
  expect(request.sort).toEqual({ by: "name", order: "ascending" });
  const rows = [toBatchBody(record, progress, origin), toBatchBody(record, progress, origin)];
  const body = toSuccessBody("ok", toBatchListBody("org_1", { rows, totalCount: 5 }, request));
  expect(fromPageBody(overTheWire(body), "batch_calls", { page: 1, limit: 2 }, fromBatchBody)).toMatchObject({
    totalCount: 5,
    hasMore: true,
    rows: [{ batchId: "batch_call_1" }, { batchId: "batch_call_1" }],
  });
  expect(body.data.pagination).toMatchObject({ page: 1, limit: 2, total_pages: 3, has_previous_page: true });
});

test.each([
  [{ page: "-1" }, "page too_small"],
  [{ limit: "0" }, "limit too_small"],
  [{ limit: "101" }, "limit too_large"],
  [{ limit: "many" }, "limit wrong_type"],
  [{ sort_by: "colour" }, "sort_by not_allowed"],
])("a list query of %j is refused", (query, problem) => {
  expect(problemsOf(fromListQuery(query))).toEqual([problem]);
});

describe("a task", () => {
  const task = {
    id: "task_1",
    row: 7,
    toNumber: "+14155550101",
    status: "pending" as const,
    outcome: "busy" as const,
    reason: "retry after busy",
    attemptCount: 1,
    nextAttemptAt: later,
    callId: "call_1",
    createdAt: at,
  };
  const ended = { outcome: "busy" as const, startedAt: at, endedAt: later };
  const numbers = { fromNumber: "+14155550100", toNumber: task.toNumber };
  const attempts = [{ attemptNumber: 1, callId: "call_1", ...numbers, ...ended }];

  test("comes through whole", () => {
    const body = toTaskBody(task, attempts);
    expect(taskBody.strict().safeParse(overTheWire(body)).success).toBe(true);
    expect(body.attempts).toEqual([
      {
        attempt: 1,
        call_id: "call_1",
        to_number: "+14155550101",
        from_number: "+14155550100",
        outcome: "busy",
        started_at: at.getTime(),
        ended_at: later.getTime(),
      },
    ]);
    expect(fromTaskBody(overTheWire(body))).toEqual({
      taskId: "task_1",
      row: 7,
      toNumber: "+14155550101",
      status: "pending",
      outcome: "busy",
      attempts: 1,
      reason: "retry after busy",
      nextAttemptAt: later,
      callId: "call_1",
      dials: [{ ...numbers, outcome: "busy", startedAt: at, endedAt: later, callId: "call_1" }],
    });
  });

  test("with a fallback number tells how many of its attempts went there", () => {
    const fallbackNumber = "+14155550102";
    const onBoth = [
      ...attempts,
      { attemptNumber: 2, callId: "call_2", ...numbers, toNumber: fallbackNumber, ...ended },
    ];
    const body = overTheWire(toTaskBody({ ...task, attemptCount: 2, fallbackNumber }, onBoth));
    expect(taskBody.strict().safeParse(body).success).toBe(true);
    expect(fromTaskBody(body)).toMatchObject({ attempts: 2, fallbackNumber, fallbackAttempts: 1 });
  });

  test("with a clock and retries of its own tells them, and what it waits for", () => {
    const clock = { timezone: "America/Denver", notBefore: later, maxRetries: 0, waitsFor: "not_before" as const };
    const body = overTheWire(toTaskBody({ ...task, ...clock }, attempts));
    expect(taskBody.strict().safeParse(body).success).toBe(true);
    expect(body).toMatchObject({ not_before: later.getTime() });
    expect(fromTaskBody(body)).toMatchObject(clock);
  });

  test("that failed says why", () => {
    const body = toTaskBody({ ...task, status: "failed", reason: "all attempts used" }, attempts);
    expect(body).toMatchObject({ error_message: "all attempts used" });
    expect(toTaskBody(task, attempts).error_message).toBeNull();
  });
});

describe("a call", () => {
  const call = {
    callId: "call_1",
    batchId: "batch_call_1",
    organizationId: "org_1",
    fromNumber: "+14155550100",
    toNumber: "+14155550101",
    agentId: "agent_1",
    claimedAt: at,
    startedAt: at,
    endedAt: later,
    outcome: "answered" as const,
    talkMs: 61_000,
    transcript: "Hello",
    summary: "Confirmed",
  };

  test("comes through whole", () => {
    const body = overTheWire(toCallBody(call));
    expect(callBody.strict().safeParse(body).success).toBe(true);
    expect(fromCallBody(toSuccessBody("ok", body))).toEqual({
      callId: "call_1",
      status: "ended",
      toNumber: "+14155550101",
      fromNumber: "+14155550100",
      agentId: "agent_1",
      batchId: "batch_call_1",
      startedAt: at,
      endedAt: later,
      durationSeconds: 61,
      outcome: "answered",
      isOver: true,
      isAnalyzed: true,
      isSuccessful: true,
      transcript: "Hello",
      summary: "Confirmed",
    });
  });

  const { startedAt: _, endedAt: __, outcome: ___, ...claimed } = call;
  test.each([
    ["registered", claimed],
    ["ongoing", { ...claimed, startedAt: at }],
    ["ended", { ...claimed, startedAt: at, endedAt: later, outcome: "busy" as const }],
    ["error", { ...claimed, startedAt: at, endedAt: later, outcome: "failed" as const }],
  ])("is %s as far as it has come", (status, record) => {
    expect(toCallBody(record).call_status).toBe(status);
  });

  test("is read where it stands under `call` too", () => {
    expect(fromCallBody({ data: { call: { call_id: "call_1", call_status: "ENDED" } } })).toEqual({
      callId: "call_1",
      status: "ended",
      isOver: true,
      isAnalyzed: false,
    });
  });
});

test("agents, phone numbers and the do-not-call list come through", () => {
  const agent = { agentId: "agent_1", name: "Reception", language: "en-US", variables: ["first_name"], createdAt: at };
  const page = { page: 0, limit: 20 };
  expect(fromAgentBody(overTheWire(toSuccessBody("ok", toAgentBody(agent))))).toEqual({
    agentId: "agent_1",
    name: "Reception",
    variables: ["first_name"],
  });
  const agents = overTheWire(toSuccessBody("ok", toAgentListBody("org_1", [agent], page, 1, {})));
  expect(fromPageBody(agents, "agents", page, fromAgentBody)?.rows).toEqual([
    { agentId: "agent_1", name: "Reception", variables: ["first_name"] },
  ]);
  const number = { phoneNumber: "+14155550100", nickname: "Front desk" };
  const numbers = overTheWire(toSuccessBody("ok", toPhoneNumberListBody("org_1", [number], page, 1)));
  expect(fromPageBody(numbers, "phone_numbers", page, fromPhoneNumberBody)?.rows).toEqual([number]);
  const asked = { reason: "asked", requestedBy: "Ann", requestedAt: "2026-02-28 17:00 CET", addedBy: "api" };
  const entry = { phoneNumber: "+14155550101", ...asked, addedAt: at };
  const entries = overTheWire(toSuccessBody("ok", toDoNotCallListBody({ rows: [entry], totalCount: 1 }, page)));
  expect(fromPageBody(entries, "numbers", page, fromDoNotCallBody)).toEqual({
    rows: [entry],
    totalCount: 1,
    hasMore: false,
  });
  expect(fromCheckBody(overTheWire(toSuccessBody("ok", toCheckBody([entry]))))).toEqual([entry]);
});

test("a page with a row that cannot be read is not read without it", () => {
  const body = { agents: [{ agent_id: "agent_1" }, { agent_name: "has no id" }] };
  expect(fromPageBody(body, "agents", { page: 0, limit: 20 }, fromAgentBody)).toBeUndefined();
});
