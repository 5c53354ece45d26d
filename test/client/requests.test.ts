import { describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../src/client/api.ts";
import { json } from "./scripted-server.ts";
import { batch, connect, plan, serve } from "./support.ts";

const at = new Date("2026-07-01T09:00:00Z");
const page = { page: 2, limit: 50 };

/** Lets the method ask once and shows what came: the request as one line, its body, and what the method answered. */
async function ask(method: (api: BatchCallApi) => Promise<unknown>, data: unknown) {
  const server = await serve(json(200, { message: "ok", status: "success", error: null, data }));
  const answer = await method(connect(server.url).api);
  const [request] = server.seen;
  return { asked: `${request?.method} ${request?.url}`, body: request?.body && JSON.parse(request.body), answer };
}

describe("batches", () => {
  const read = { batchId: "batch_1", name: "June reminders", status: "draft", total: 1, isPaused: false };

  test("createDraft sends the draft body with the intended time and the key", async () => {
    const server = await serve(json(201, batch));
    const { api } = connect(server.url);
    expect(await api.createDraft({ ...plan, start: { kind: "at", at } }, "key-1")).toEqual(read);
    const [request] = server.seen;
    expect(request).toMatchObject({ method: "POST", url: "/batch-call" });
    expect(request?.headers).toMatchObject({ "idempotency-key": "key-1", "content-type": "application/json" });
    expect(JSON.parse(request?.body ?? "")).toEqual({
      from_number: "+14155550100",
      name: "June reminders",
      agent_id: "agent_1",
      status: "draft",
      send_now: false,
      timezone: "UTC",
      trigger_timestamp: at.getTime(),
      tasks: [{ to_number: "+14155550101", dynamic_variables: {} }],
    });
  });

  test("listBatches without a filter asks by query", async () => {
    const { asked, answer } = await ask((api) => api.listBatches(page), {
      batch_calls: [batch],
      pagination: { total_count: 300 },
    });
    expect(asked).toBe("GET /batch-call/list?page=2&limit=50&sort_by=created_at&sort_order=descending");
    expect(answer).toEqual({ rows: [read], totalCount: 300, hasMore: false });
  });

  test("listBatches with a filter asks by body", async () => {
    const filter = { status: ["draft" as const], agentId: ["agent_1"], name: ["June"] };
    const { asked, body } = await ask((api) => api.listBatches({ ...page, ...filter }), { batch_calls: [] });
    expect(asked).toBe("POST /batch-call/list");
    expect(body).toEqual({
      filter_criteria: { status: ["draft"], agent_id: ["agent_1"], name: ["June"] },
      pagination: { page: 2, limit: 50 },
      sort_by: "created_at",
      sort_order: "descending",
    });
  });

  test("editBatch sends only what changes", async () => {
    const edit = { scheduledAt: at, status: "scheduled" as const };
    const { asked, body } = await ask((api) => api.editBatch("batch_1", edit), batch);
    expect(asked).toBe("PATCH /batch-call/batch_1");
    expect(body).toEqual({ trigger_timestamp: at.getTime(), status: "scheduled" });
  });

  test.each<[string, (api: BatchCallApi) => Promise<unknown>, unknown]>([
    [
      "POST /batch-call/batch_1/execute",
      (api) => api.executeBatch("batch_1"),
      { batch_call_id: "batch_1", status: "SENT" },
    ],
    ["DELETE /batch-call/batch_1", (api) => api.deleteBatch("batch_1"), null],
  ])("%s is done when the API says so", async (route, method, data) => {
    const { asked, body, answer } = await ask(method, data);
    expect({ asked, body, answer }).toEqual({ asked: route, body: "", answer: undefined });
  });

  test("a 204 without a body also says that it is done", async () => {
    const server = await serve((response) => response.writeHead(204).end());
    await expect(connect(server.url).api.deleteBatch("batch_1")).resolves.toBeUndefined();
  });

  test.each<[string, (api: BatchCallApi) => Promise<unknown>, unknown]>([
    ["POST /batch-call/batch_1/pause", (api) => api.pauseBatch("batch_1"), ""],
    ["POST /batch-call/batch_1/cancel", (api) => api.cancelBatch("batch_1"), ""],
    [
      "POST /batch-call/batch_1/resume",
      (api) => api.resumeBatch("batch_1", { redialUnknown: true }),
      { redial_unknown: true },
    ],
  ])("%s answers with the batch", async (route, method, sent) => {
    const { asked, body, answer } = await ask(method, { ...batch, is_paused: true });
    expect({ asked, body }).toEqual({ asked: route, body: sent });
    expect(answer).toEqual({ ...read, isPaused: true });
  });

  test("listTasks sends its filters and reads the extension fields", async () => {
    const task = {
      task_id: "task_1",
      to_number: "+14155550101",
      status: "FAILED",
      row: 7,
      outcome: "busy",
      attempts: [{}, {}],
      error_message: "busy",
      call_id: "call_1",
      next_attempt_at: at.toISOString(),
    };
    const filter = { status: "failed" as const, outcome: "busy" as const };
    const { asked, answer } = await ask((api) => api.listTasks("batch_1", { ...page, ...filter }), { tasks: [task] });
    expect(asked).toBe("GET /batch-call/batch_1/tasks?page=2&limit=50&status=failed&outcome=busy");
    expect(answer).toEqual({
      rows: [
        {
          taskId: "task_1",
          toNumber: "+14155550101",
          status: "failed",
          row: 7,
          outcome: "busy",
          attempts: 2,
          reason: "busy",
          callId: "call_1",
          nextAttemptAt: at,
        },
      ],
      hasMore: false,
    });
  });
});

describe("calls, agents, phone numbers", () => {
  test("getCall reads a call, its time in seconds", async () => {
    const { asked, answer } = await ask((api) => api.getCall("call_1"), {
      call_id: "call_1",
      call_status: "ENDED",
      from_number: "+14155550100",
      to_number: "+14155550101",
      agent_id: "agent_1",
      start_timestamp: at.getTime(),
      call_duration: 90_500,
      transcript: "Hello",
      recording_url: null,
      call_analysis: { call_summary: "Reached" },
      call_cost: { combined_cost: 0.12 },
    });
    expect(asked).toBe("GET /api/calls/call_1");
    expect(answer).toEqual({
      callId: "call_1",
      status: "ended",
      fromNumber: "+14155550100",
      toNumber: "+14155550101",
      agentId: "agent_1",
      startedAt: at,
      durationSeconds: 90.5,
      isOver: true,
      isAnalyzed: true,
      transcript: "Hello",
      summary: "Reached",
      cost: 0.12,
    });
  });

  test("listAgents asks by query, and by body when it looks for a name", async () => {
    const data = { agents: [{ agent_id: "agent_1", agent_name: "Reception" }] };
    const { asked, answer } = await ask((api) => api.listAgents(page), data);
    expect(asked).toBe("GET /api/agents?page=2&limit=50");
    expect(answer).toMatchObject({ rows: [{ agentId: "agent_1", name: "Reception" }] });
    const named = await ask((api) => api.listAgents({ ...page, name: "rec" }), data);
    expect(named.asked).toBe("POST /api/agents");
    expect(named.body).toEqual({ page: 2, limit: 50, filter_criteria: { agent_name: ["rec"] } });
  });

  test("getAgent reads the variables from both places, each name once", async () => {
    const { answer } = await ask((api) => api.getAgent("agent_1"), {
      agent_id: "agent_1",
      agent_name: "Reception",
      begin_message_variables: ["first_name"],
      llm_config: { system_message_variables: ["first_name", "date"] },
    });
    expect(answer).toEqual({ agentId: "agent_1", name: "Reception", variables: ["first_name", "date"] });
  });

  test("listPhoneNumbers reads numbers and nicknames", async () => {
    const rows = [
      { phone_number: "+14155550100", nickname: "Front desk" },
      { phone_number: "+14155550109", nickname: null },
    ];
    const { asked, answer } = await ask((api) => api.listPhoneNumbers(page), { phone_numbers: rows });
    expect(asked).toBe("GET /api/phone-numbers?page=2&limit=50");
    expect(answer).toEqual({
      rows: [{ phoneNumber: "+14155550100", nickname: "Front desk" }, { phoneNumber: "+14155550109" }],
      hasMore: false,
    });
  });
});

describe("the do-not-call list", () => {
  const numbers = ["+14155550101"];

  test("add and remove answer how many changed", async () => {
    const entries = numbers.map((phoneNumber) => ({ phoneNumber, reason: "asked" }));
    const added = await ask((api) => api.addDoNotCall(entries), { added: 1 });
    expect(added).toEqual({ asked: "POST /do-not-call", body: { numbers, reason: "asked" }, answer: 1 });
    const removed = await ask((api) => api.removeDoNotCall(numbers), { removed: 0 });
    expect(removed).toEqual({ asked: "POST /do-not-call/remove", body: { numbers }, answer: 0 });
  });

  test("listDoNotCall reads its entries", async () => {
    const entry = { phone_number: "+14155550101", reason: "asked", added_timestamp: at.getTime() };
    const { asked, answer } = await ask((api) => api.listDoNotCall(page), { numbers: [entry] });
    expect(asked).toBe("GET /do-not-call?page=2&limit=50");
    expect(answer).toMatchObject({ rows: [{ phoneNumber: "+14155550101", reason: "asked", addedAt: at }] });
  });

  test("entries of which different things are said are sent one by one, in one request", async () => {
    const addedBy = "tool: local";
    const entries = [
      { phoneNumber: "+14155550101", reason: "asked", requestedBy: "Ann", requestedAt: "Monday", addedBy },
      { phoneNumber: "+14155550102", addedBy },
    ];
    expect((await ask((api) => api.addDoNotCall(entries), { added: 2 })).body).toEqual({
      entries: [
        { phone_number: "+14155550101", reason: "asked", requested_by: "Ann", requested_at: "Monday" },
        { phone_number: "+14155550102" },
      ],
      added_by: addedBy,
    });
  });

  test("an older service, which knows a reason only, gets everything in words", async () => {
    const older = { status: "error", message: "Validation error", error: "added_by: There is no such field." };
    const server = await serve(json(400, older), json(200, { data: { added: 1 } }), json(200, { data: { added: 1 } }));
    const addedBy = "tool: local";
    const entries = [
      { phoneNumber: "+14155550101", reason: "asked", requestedBy: "Ann", requestedAt: "Monday", addedBy },
      { phoneNumber: "+14155550102", addedBy },
    ];
    expect(await connect(server.url).api.addDoNotCall(entries)).toBe(2);
    expect(server.seen.slice(1).map((request) => JSON.parse(request.body))).toEqual([
      { numbers: ["+14155550101"], reason: "asked; asked by Ann at Monday" },
      { numbers: ["+14155550102"] },
    ]);
  });

  test("readDoNotCall tells what is known of each, and the numbers alone where an older service answers those", async () => {
    const entry = { phone_number: "+14155550101", reason: "asked", requested_by: "Ann", added_timestamp: at.getTime() };
    const { answer } = await ask((api) => api.readDoNotCall(numbers), { listed: numbers, entries: [entry] });
    expect(answer).toEqual([{ phoneNumber: "+14155550101", reason: "asked", requestedBy: "Ann", addedAt: at }]);
    const older = await ask((api) => api.readDoNotCall(numbers), { listed: numbers });
    expect(older.answer).toEqual([{ phoneNumber: "+14155550101" }]);
  });

  test("findDoNotCall asks for at most 1,000 numbers at a time", async () => {
    const many = Array.from({ length: 1001 }, (_, index) => `+1212${5550000 + index}`);
    const server = await serve(
      json(200, { data: { listed: [many[3]] } }),
      json(200, { data: { listed: [many[1000]] } }),
    );
    expect(await connect(server.url).api.findDoNotCall(many)).toEqual(new Set([many[3], many[1000]]));
    expect(server.seen.map((request) => JSON.parse(request.body).numbers.length)).toEqual([1000, 1]);
  });

  test("findDoNotCall of nothing asks nothing", async () => {
    const server = await serve(json(500, {}));
    expect(await connect(server.url).api.findDoNotCall([])).toEqual(new Set());
    expect(server.seen).toHaveLength(0);
  });
});

test("an id goes into the path encoded, and never as a step to another path", async () => {
  const { asked } = await ask((api) => api.getBatch("batch_1/../../api/agents?x"), batch);
  expect(asked).toBe("GET /batch-call/batch_1%2F..%2F..%2Fapi%2Fagents%3Fx");
});
