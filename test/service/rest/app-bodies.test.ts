import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchOf, callerId, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeAll(async () => {
  world = await ServiceWorld.start();
});
afterAll(() => world.stop());

const minimum = { from_number: callerId, tasks: tasksOf(1) };

test("the older page's example is a draft also after its time has passed", async () => {
  const file = new URL("../../fixtures/create-batch-call-000-request.json", import.meta.url);
  const { status, body } = await world.call("POST", "/batch-call", { rawBody: await readFile(file, "utf8") });
  expect([status, body.status, body.scheduled_timestamp]).toEqual([200, "draft", 1735718400000]);
});

test("the older page's minimum is a draft, which starts only once it has an agent", async () => {
  const { status, body } = await world.call("POST", "/batch-call", { body: minimum });
  expect([status, body.status, body.agent_id, body.name]).toEqual([200, "draft", null, "Untitled batch call"]);
  const path = `/batch-call/${body.batch_call_id}`;
  const at = world.clock.now().getTime() + 3_600_000;
  for (const [method, step, edit] of [
    ["POST", `${path}/execute`],
    ["PATCH", path, { send_now: true }],
    ["PATCH", path, { status: "scheduled", trigger_timestamp: at }],
  ] as const) {
    const refused = await world.call(method, step, { body: edit });
    expect([refused.status, refused.body.error]).toEqual([400, expect.stringContaining("agent_id:")]);
  }
  expect((await world.batch(body.batch_call_id)).status).toBe("draft");
  const { agent_id } = batchOf();
  await world.call("PATCH", path, { body: { agent_id } });
  expect((await world.call("POST", `${path}/execute`)).status).toBe(200);
});

test("the answer says where the tasks are, as an address, and who made the batch", async () => {
  const { body } = await world.call("POST", "/batch-call", { body: batchOf() });
  expect(body.tasks_url).toBe(`${world.url}/batch-call/${body.batch_call_id}/tasks`);
  expect(body.access_info).toEqual({
    creator_name: "API key",
    creator_image_url: null,
    user_id: "org_first",
    session_id: null,
  });
  const keys = { "X-API-KEY": "sk_first", "X-API-SECRET": "s3cr3t_first" };
  expect(await (await fetch(body.tasks_url, { headers: keys })).json()).toMatchObject({ data: { returned_count: 2 } });
});

test("a body that names another organization is refused; one that names its own is taken", async () => {
  const draft = await world.create();
  for (const [method, path] of [
    ["POST", "/batch-call"],
    ["PUT", `/batch-call/${draft}`],
  ] as const) {
    const foreign = await world.call(method, path, { body: batchOf({ organization_id: "org_second" }) });
    expect([foreign.status, foreign.body.error]).toEqual([400, expect.stringContaining("organization_id:")]);
    const own = await world.call(method, path, { body: batchOf({ organization_id: "org_first" }) });
    expect(own.status).toBe(200);
  }
});

test("the operator can ask for the older page's envelope, and a request for the other one", async () => {
  const older = await ServiceWorld.start({ settings: { answersEnveloped: true } });
  const enveloped = await older.call("POST", "/batch-call", { body: batchOf() });
  expect(enveloped.body).toMatchObject({ message: "Batch call created successfully", data: { status: "draft" } });
  const flat = await older.call("POST", "/batch-call", { body: batchOf(), headers: { "X-Response-Envelope": "0" } });
  expect(flat.body).toMatchObject({ status: "draft" });
  await older.stop();
});

describe("a field that a route does not know", () => {
  test.each([
    [
      "POST",
      "/batch-call",
      { ...batchOf(), quiet_hour: {} },
      "quiet_hour: There is no such field. Did you mean quiet_hours?",
    ],
    [
      "PUT",
      "/batch-call/x",
      { ...batchOf(), retry_rule: [] },
      "retry_rule: There is no such field. Did you mean retry_rules?",
    ],
    [
      "PATCH",
      "/batch-call/x",
      { trigger_timestmp: 1 },
      "trigger_timestmp: There is no such field. Did you mean trigger_timestamp?",
    ],
    [
      "POST",
      "/batch-call/x/resume",
      { redial: true },
      "redial: There is no such field. Known here: redial_unknown, grant, grant_id, state_version.",
    ],
    [
      "POST",
      "/batch-call/list",
      { filter_criteria: { statuss: [] } },
      "filter_criteria.statuss: There is no such field. Did you mean status?",
    ],
    [
      "POST",
      "/batch-call/list",
      { pagination: { pge: 1 } },
      "pagination.pge: There is no such field. Did you mean page?",
    ],
    ["POST", "/api/calls", { agent_id: "x" }, "agent_id: There is no such field."],
    ["POST", "/api/agents", { filter_criteria: { name: [] } }, "filter_criteria.name: There is no such field."],
    ["POST", "/api/phone-numbers/list", { area_code: "415" }, "area_code: There is no such field."],
    [
      "POST",
      "/do-not-call",
      { numbers: [numberOf(1)], reasn: "x" },
      "reasn: There is no such field. Did you mean reason?",
    ],
    ["POST", "/do-not-call/check", { numbers: [numberOf(1)], number: 1 }, "number: There is no such field."],
    ["POST", "/do-not-call/remove", { numbers: [numberOf(1)], number: 1 }, "number: There is no such field."],
  ])("is refused by %s %s: %j", async (method, path, body, error) => {
    const reply = await world.call(method, path, { body });
    expect([reply.status, reply.body.message, reply.body.error]).toEqual([
      400,
      "Validation error",
      expect.stringContaining(error),
    ]);
  });
});

test("a resume with a body that is no object is refused, not taken for an empty one", async () => {
  const reply = await world.call("POST", "/batch-call/x/resume", { body: ["redial_unknown"] });
  expect([reply.status, reply.body.error]).toEqual([400, "body: Must be of type object."]);
});

describe("pages by cursor", () => {
  test("hold everybody who waits, though others left the list before", async () => {
    const busy = await ServiceWorld.start({ settings: { maxConcurrent: 2 } });
    const id = await busy.create({ status: undefined, send_now: true, tasks: tasksOf(12) });
    await busy.call("POST", `/batch-call/${id}/pause`);
    const path = `/batch-call/${id}/tasks?status=pending&limit=4`;
    const { tasks, pagination } = (await busy.call("GET", path)).body.data;
    await busy.call("POST", `/batch-call/${id}/resume`);
    await busy.clock.advance({ seconds: 31 });
    await busy.call("POST", `/batch-call/${id}/pause`);
    const seen = [...tasks];
    for (let cursor = pagination.next_cursor; cursor; ) {
      const { data } = (await busy.call("GET", `${path}&cursor=${cursor}`)).body;
      seen.push(...data.tasks);
      cursor = data.pagination.next_cursor;
      expect(data.pagination.has_next_page).toBe(cursor !== undefined);
    }
    const rows = seen.map(({ row }: { row: number }) => row);
    const waiting = (await busy.call("GET", `/batch-call/${id}/tasks?status=pending`)).body.data.tasks;
    expect(rows).toEqual(expect.arrayContaining(waiting.map(({ row }: { row: number }) => row)));
    await busy.stop();
  });

  test("of batches go on where the page before ended, in a query and in a body", async () => {
    for (let n = 0; n < 3; n++) await world.create({ name: `page ${n}` });
    const filter = { filter_criteria: { name: ["page"] }, sort_by: "name", sort_order: "ascending" };
    const first = await world.call("POST", "/batch-call/list", { body: { ...filter, pagination: { limit: 2 } } });
    const cursor = first.body.data.pagination.next_cursor;
    await world.create({ name: "page 0.5" });
    const second = await world.call("POST", "/batch-call/list", {
      body: { ...filter, pagination: { limit: 2, cursor } },
    });
    expect(second.body.data.batch_calls).toMatchObject([{ name: "page 2" }]);
    const query = "/batch-call/list?limit=1&sort_by=name&sort_order=ascending";
    expect((await world.call("GET", `${query}&cursor=${cursor}`)).body.data.batch_calls).toMatchObject([
      { name: "page 2" },
    ]);
  });

  test.each([
    ["/batch-call/list?limit=1&cursor=nonsense"],
    [`/batch-call/list?limit=1&cursor=${toCursor(["batches name ascending", "a", 1])}`],
    [`/batch-call/list?limit=1&cursor=${toCursor(["batches updated_at descending", "text", 1])}`],
    [`/batch-call/x/tasks?cursor=${toCursor(["tasks", 1, 2])}`],
    [`/api/calls?cursor=${toCursor(["calls", 1, "a\u0000"])}`],
    [`/api/calls?cursor=${toCursor(["calls", 1e300, "a"])}`],
    ["/api/calls?batch_call_id=%00"],
  ])("%s is 400", async (path) => {
    expect((await world.call("GET", path)).status).toBe(400);
  });
});

function toCursor(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

test.each(["GET", "PATCH", "DELETE"])("%s of an id that no database holds is 404", async (method) => {
  const body = method === "PATCH" ? { name: "x" } : undefined;
  expect((await world.call(method, "/batch-call/a%00b", { body })).body.error).toBe("Batch call does not exist");
});
