import { afterAll, beforeAll, expect, test } from "vitest";
import { agentId, callerId, numberOf, otherAgentId, ServiceWorld, tasksOf } from "../../support/service-world.ts";

let world: ServiceWorld;
const names = ["delta", "Alpha", "ÉCLAIR", "bravo", "charlie"];
beforeAll(async () => {
  world = await ServiceWorld.start();
  for (const [n, name] of names.entries()) {
    await world.clock.advance({ minutes: 1 });
    await world.create({ name, tasks: tasksOf(n + 1), agent_id: n < 2 ? agentId : otherAgentId });
  }
  await world.call("POST", `/batch-call/${await idOf("bravo")}/execute`);
  await world.clock.advance({ minutes: 10 });
});
afterAll(() => world.stop());

async function idOf(name: string): Promise<string> {
  const { body } = await world.call("POST", "/batch-call/list", { body: { filter_criteria: { name: [name] } } });
  return body.data.batch_calls[0].batch_call_id;
}

async function namesOf(path: string, body?: object): Promise<string[]> {
  const reply = await world.call(body ? "POST" : "GET", path, { body });
  return reply.body.data.batch_calls.map((row: { name: string }) => row.name);
}

test("without a limit all batches come, latest change first", async () => {
  const { body } = await world.call("GET", "/batch-call/list");
  expect(body.message).toBe("Batch calls retrieved successfully with real-time metrics");
  expect(body.data).toMatchObject({
    organization_id: "org_first",
    returned_count: 5,
    sort_by: "updated_at",
    sort_order: "descending",
    pagination: { page: 0, total_count: 5, total_pages: 1, has_next_page: false, has_previous_page: false },
  });
  expect(body.data.batch_calls.map((row: { name: string }) => row.name)).toEqual([
    "bravo",
    "charlie",
    "ÉCLAIR",
    "Alpha",
    "delta",
  ]);
});

test("pages are 0-based and together hold every batch once", async () => {
  const pages = await Promise.all(
    [0, 1, 2, 3].map((page) => world.call("GET", `/batch-call/list?page=${page}&limit=2`)),
  );
  expect(pages.map(({ body }) => body.data.returned_count)).toEqual([2, 2, 1, 0]);
  expect(pages.map(({ body }) => body.data.pagination.has_next_page)).toEqual([true, true, false, false]);
  expect(pages[0]?.body.data.pagination).toMatchObject({ page: 0, limit: 2, total_count: 5, total_pages: 3 });
  const seen = pages.flatMap(({ body }) =>
    body.data.batch_calls.map((row: { batch_call_id: string }) => row.batch_call_id),
  );
  expect(new Set(seen).size).toBe(5);
});

test("size is another name for limit", async () => {
  expect(await namesOf("/batch-call/list?size=2")).toHaveLength(2);
});

test.each([
  ["name", ["Alpha", "bravo", "charlie", "delta", "ÉCLAIR"]],
  ["created_at", ["delta", "Alpha", "ÉCLAIR", "bravo", "charlie"]],
  ["total_task_count", ["delta", "Alpha", "ÉCLAIR", "bravo", "charlie"]],
  ["updated_at", ["delta", "Alpha", "ÉCLAIR", "charlie", "bravo"]],
])("sorted by %s, both ways", async (by, expected) => {
  expect(await namesOf(`/batch-call/list?sort_by=${by}&sort_order=ascending`)).toEqual(expected);
  expect(await namesOf(`/batch-call/list?sort_by=${by}&sort_order=DESCENDING`)).toEqual(expected.toReversed());
});

test("criteria are joined; a name is found by any part of it, in any letter case", async () => {
  expect(await namesOf("/batch-call/list", { filter_criteria: { status: ["COMPLETED"] } })).toEqual(["bravo"]);
  expect(await namesOf("/batch-call/list", { filter_criteria: { name: ["éclair", "LPH"] } })).toEqual([
    "ÉCLAIR",
    "Alpha",
  ]);
  expect(
    await namesOf("/batch-call/list", { filter_criteria: { agent_id: [otherAgentId], status: ["draft"] } }),
  ).toEqual(["charlie", "ÉCLAIR"]);
  expect(await namesOf("/batch-call/list", { filter_criteria: { agent_id: agentId } })).toEqual(["Alpha", "delta"]);
  expect(await namesOf("/batch-call/list", { filter_criteria: { name: ["%", "_"] } })).toEqual([]);
});

test("the filtered list says what was applied and takes paging nested or not", async () => {
  const criteria = { filter_criteria: { status: ["draft", "completed"] }, sort_by: "name", sort_order: "ascending" };
  const nested = await world.call("POST", "/batch-call/list", {
    body: { ...criteria, pagination: { page: 1, limit: 2 } },
  });
  expect(nested.body.message).toBe("Batch calls retrieved successfully with filters");
  expect(nested.body.data.applied_filters).toEqual({ status: "2 values" });
  const flat = await world.call("POST", "/batch-call/list", { body: { ...criteria, page: 1, limit: 2 } });
  expect(flat.body.data).toEqual(nested.body.data);
});

test("tasks come in the order of the list, page by page", async () => {
  const id = await world.create({ tasks: tasksOf(120) });
  const pages = await Promise.all(
    ["", "?page=1", "?page=2", "?page=1&limit=100"].map((query) =>
      world.call("GET", `/batch-call/${id}/tasks${query}`),
    ),
  );
  expect(pages.map(({ body }) => body.data.tasks.length)).toEqual([50, 50, 20, 20]);
  expect(pages[2]?.body.data.tasks[0]).toMatchObject({
    row: 101,
    to_number: numberOf(101),
    status: "pending",
    call_id: null,
  });
  expect((await world.call("GET", `/batch-call/${id}/tasks?limit=101`)).status).toBe(400);
  await world.call("DELETE", `/batch-call/${id}`);
});

test("calls are listed by batch and by agent", async () => {
  const id = await idOf("bravo");
  const all = await world.call("GET", "/api/calls?limit=3");
  expect(all.body.data).toMatchObject({ returned_count: 3, pagination: { total_count: 4 } });
  expect((await world.call("GET", `/api/calls?batch_call_id=${id}`)).body.data.calls).toHaveLength(4);
  const byAgent = (agent: string) =>
    world.call("POST", "/api/calls", { body: { filter_criteria: { agent_id: [agent] } } });
  expect((await byAgent(otherAgentId)).body.data.calls).toHaveLength(4);
  expect((await byAgent(agentId)).body.data.calls).toEqual([]);
});

test("agents are listed, found by part of a name, and tell the variables they expect", async () => {
  const { body } = await world.call("GET", "/api/agents?limit=2&page=1");
  expect(body.data).toMatchObject({
    organization_id: "org_first",
    returned_count: 2,
    pagination: { page: 1, total_count: 4 },
  });
  const found = await world.call("POST", "/api/agents", { body: { filter_criteria: { agent_name: ["REMINDER"] } } });
  expect(found.body.data.agents).toMatchObject([{ agent_id: agentId, agent_name: "Appointment reminder" }]);
  const full = await world.call("GET", `/api/agents/${agentId}/full`);
  const { begin_message_variables, llm_config } = full.body.data;
  expect([...begin_message_variables, ...llm_config.system_message_variables]).toEqual([
    "first_name",
    "appointment_date",
    "appointment_time",
  ]);
});

test("caller ids are listed both ways and found by their number", async () => {
  const listed = await world.call("GET", "/api/phone-numbers");
  const posted = await world.call("POST", "/api/phone-numbers/list", { body: {} });
  expect(listed.body.data.phone_numbers.map((row: { phone_number: string }) => row.phone_number)).toContain(callerId);
  expect(posted.body.data).toEqual(listed.body.data);
  const one = await world.call("GET", `/api/phone-numbers/${encodeURIComponent(callerId)}`);
  expect(one.body.data).toMatchObject({ phone_number: callerId, nickname: "Main line, San Francisco" });
});

test("the do-not-call list counts what is new and what was there", async () => {
  const post = (path: string, body: object) => world.call("POST", path, { body });
  expect(
    (await post("/do-not-call", { numbers: [numberOf(1), numberOf(2), numberOf(1)], reason: "asked by mail" })).body
      .data,
  ).toEqual({ added: 2 });
  expect((await post("/do-not-call", { numbers: [numberOf(2), numberOf(3)] })).body.data).toEqual({ added: 1 });
  expect((await post("/do-not-call/check", { numbers: [numberOf(3), numberOf(4)] })).body.data).toMatchObject({
    listed: [numberOf(3)],
    entries: [{ phone_number: numberOf(3), reason: null, added_by: "api" }],
  });
  const page = await world.call("GET", "/do-not-call?limit=2");
  expect(page.body.data).toMatchObject({ returned_count: 2, pagination: { total_count: 3, has_next_page: true } });
  expect(page.body.data.numbers[0]).toEqual({
    phone_number: numberOf(1),
    reason: "asked by mail",
    requested_by: null,
    requested_at: null,
    added_by: "api",
    added_timestamp: world.clock.now().getTime(),
  });
  expect((await post("/do-not-call/remove", { numbers: [numberOf(1), numberOf(4)] })).body.data).toEqual({
    removed: 1,
  });
  expect((await post("/do-not-call", { numbers: ["12"] })).status).toBe(400);
  const nobody = await post("/do-not-call", { numbers: [numberOf(5), "+15555550123"] });
  expect([nobody.status, JSON.stringify(nobody.body)]).toEqual([400, expect.stringContaining("numbers[1]")]);
  expect((await post("/do-not-call/check", { numbers: [] })).status).toBe(400);
});

test("an entry of the do-not-call list keeps who asked and when, for all of a request or each of its own", async () => {
  const post = (path: string, body: object) => world.call("POST", path, { body });
  const body = {
    numbers: [numberOf(60)],
    requested_by: "Ann",
    entries: [{ phone_number: numberOf(61), reason: "moved", requested_at: "2026-02-28 17:00 CET" }],
    added_by: "tool: local",
  };
  expect((await post("/do-not-call", body)).body.data).toEqual({ added: 2 });
  const { entries } = (await post("/do-not-call/check", { numbers: [numberOf(60), numberOf(61)] })).body.data;
  expect(entries).toMatchObject([
    { phone_number: numberOf(60), reason: null, requested_by: "Ann", requested_at: null, added_by: "tool: local" },
    { phone_number: numberOf(61), reason: "moved", requested_by: null, requested_at: "2026-02-28 17:00 CET" },
  ]);
  const nobody = await post("/do-not-call", { ...body, entries: [{ phone_number: "+15555550123" }] });
  expect([nobody.status, nobody.body.error]).toEqual([400, expect.stringContaining("entries[0].phone_number")]);
  expect((await post("/do-not-call", { reason: "asked" })).body.error).toContain("numbers: This field is required");
});

test("a number in a form that its country has retired is listed in both, and is not called in either", async () => {
  const [older, today] = ["+5215512345678", "+525512345678"];
  expect((await world.call("POST", "/do-not-call", { body: { numbers: [older] } })).body.data).toEqual({ added: 2 });
  for (const to_number of [older, today]) {
    const id = await world.create({ tasks: tasksOf(1).map((task) => ({ ...task, to_number })) });
    const tasks = await world.call("GET", `/batch-call/${id}/tasks`);
    expect(tasks.body.data.tasks).toMatchObject([{ status: "cancelled", reason: "do_not_call" }]);
  }
});

test("a batch that runs does not call a number that was listed meanwhile", async () => {
  const rung = world.carrier.rings.length;
  const id = await world.create({ tasks: [{ to_number: numberOf(50) }, { to_number: numberOf(51) }] });
  await world.call("POST", "/do-not-call", { body: { numbers: [numberOf(50)] } });
  await world.call("POST", `/batch-call/${id}/execute`);
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings.slice(rung).map(({ toNumber }) => toNumber)).toEqual([numberOf(51)]);
  expect(await world.batch(id)).toMatchObject({ status: "completed", counts: { completed: 1, cancelled: 1 } });
});

test("who waits under a number that is put on the list is dropped at once, and a batch in which nobody is left is over", async () => {
  const quiet_hours = { enabled: true, start_time: "00:00", end_time: "23:59", timezone: "UTC" };
  const id = await world.create({ name: "foxtrot", tasks: [{ to_number: numberOf(70) }], quiet_hours });
  await world.call("POST", `/batch-call/${id}/execute`);
  expect(await world.batch(id)).toMatchObject({ status: "sent", counts: { pending: 1 } });
  const body = { numbers: [numberOf(70)], reason: "asked by mail", added_by: "desk" };
  await world.call("POST", "/do-not-call", { body });
  expect(await world.batch(id)).toMatchObject({ status: "completed", do_not_call: 1, counts: { cancelled: 1 } });
  const listed = await world.call("GET", `/batch-call/${id}/tasks`);
  expect(listed.body.data.tasks[0].reason).toBe("do_not_call: asked by mail, added by desk");
});
