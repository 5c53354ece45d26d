import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { batchOf, callerId, numberOf, otherAgentId, ServiceWorld, tasksOf } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
});
afterEach(() => world.stop());

async function fixture(name: string): Promise<string> {
  return readFile(new URL(`../../fixtures/${name}.json`, import.meta.url), "utf8");
}

test("a draft is created flat, as the newer page shows it, and calls nobody", async () => {
  const { status, body, headers } = await world.call("POST", "/batch-call", { body: batchOf() });
  expect(status).toBe(200);
  expect(headers.get("x-environment")).toBe("simulated");
  expect(body).toMatchObject({
    batch_call_id: expect.stringMatching(/^batch_call_[0-9a-f]{32}$/),
    name: "June reminders",
    from_number: callerId,
    status: "draft",
    total_task_count: 2,
    total: 2,
    sent: 0,
    picked_up: 0,
    completed: 0,
    organization_id: "org_first",
    timezone: "America/New_York",
    scheduled_timestamp: null,
    last_sent_timestamp: null,
    created_timestamp: world.clock.now().getTime(),
    is_paused: false,
    paused_at: null,
    error: null,
    counts: { total: 2, pending: 2, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 },
    duplicates_removed: 0,
  });
  await world.clock.advance({ days: 2 });
  expect(world.carrier.dials).toEqual([]);
});

test("X-Response-Envelope: 1 gives the older, enveloped answer", async () => {
  const { body } = await world.call("POST", "/batch-call", {
    body: batchOf(),
    headers: { "X-Response-Envelope": "1" },
  });
  expect(body).toMatchObject({
    message: "Batch call created successfully",
    status: "success",
    error: null,
    data: { status: "draft" },
  });
});

test("the older page's body, sent verbatim before its trigger, is a draft with that time", async () => {
  const early = await ServiceWorld.start({ now: "2024-12-01T00:00:00Z" });
  const { status, body } = await early.call("POST", "/batch-call", {
    rawBody: await fixture("create-batch-call-000-request"),
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: "draft",
    name: "Q1 Sales Campaign",
    scheduled_timestamp: 1735718400000,
    total: 1,
  });
  await early.stop();
});

test("the newer page's body, sent verbatim before its trigger, is scheduled and starts at its time", async () => {
  const early = await ServiceWorld.start({ now: "2026-02-12T08:00:00Z" });
  const { status, body } = await early.call("POST", "/batch-call", {
    rawBody: await fixture("create-batch-call-004-request"),
  });
  expect(status).toBe(200);
  const page = JSON.parse(await fixture("create-batch-call-004-response"));
  for (const field of [
    "name",
    "from_number",
    "scheduled_timestamp",
    "total_task_count",
    "agent_id",
    "status",
    "error",
    "total",
    "sent",
    "picked_up",
    "completed",
    "timezone",
    "last_sent_timestamp",
    "is_paused",
    "paused_at",
  ]) {
    expect([field, body[field]]).toEqual([field, page[field]]);
  }
  await early.clock.advance({ days: 9 });
  expect((await early.batch(body.batch_call_id)).status).toBe("completed");
  expect(early.carrier.rings).toHaveLength(2);
  await early.stop();
});

test("send_now starts the calls, and the batch runs to its end with counts that add up", async () => {
  world.carrier.script(numberOf(2), "busy");
  const id = await world.create({ status: undefined, send_now: true, tasks: tasksOf(3) });
  expect(await world.batch(id)).toMatchObject({ status: "sent", sent: 3, counts: { calling: 3 }, calls_per_minute: 3 });
  await world.clock.advance({ minutes: 5 });
  expect(await world.batch(id)).toMatchObject({
    status: "completed",
    sent: 3,
    picked_up: 2,
    completed: 2,
    calls_per_minute: 0,
    counts: { total: 3, pending: 0, calling: 0, completed: 2, failed: 1, unknown: 0, cancelled: 0 },
    outcomes: { answered: 2, no_answer: 0, busy: 1, voicemail: 0, failed: 0 },
  });
});

test("a trigger time schedules the batch, in seconds or in milliseconds", async () => {
  const at = Date.parse("2026-02-02T18:00:00Z");
  for (const trigger of [at, at / 1000]) {
    const { body } = await world.call("POST", "/batch-call", {
      body: batchOf({ status: undefined, trigger_timestamp: trigger }),
    });
    expect(body).toMatchObject({ status: "scheduled", scheduled_timestamp: at });
  }
});

test("a number twice in one list is called once, and the answer says so; rows keep their places", async () => {
  const [first, second] = tasksOf(2);
  const id = await world.create({ status: undefined, send_now: true, tasks: [first, first, second, first] });
  expect(await world.batch(id)).toMatchObject({ total: 2, duplicates_removed: 2 });
  const { body } = await world.call("GET", `/batch-call/${id}/tasks`);
  expect(body.data.tasks.map((task: { row: number }) => task.row)).toEqual([1, 3]);
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings.map(({ toNumber }) => toNumber)).toEqual([numberOf(1), numberOf(2)]);
});

test("numbers on the do-not-call list are kept as cancelled tasks and are not called", async () => {
  await world.call("POST", "/do-not-call", { body: { numbers: [numberOf(1)], reason: "asked" } });
  const id = await world.create({ status: undefined, send_now: true });
  await world.clock.advance({ minutes: 5 });
  const { body } = await world.call("GET", `/batch-call/${id}/tasks?status=CANCELLED`);
  expect(body.data.tasks).toMatchObject([{ to_number: numberOf(1), status: "cancelled", reason: "do_not_call" }]);
  expect(world.carrier.rings.map(({ toNumber }) => toNumber)).toEqual([numberOf(2)]);
});

test("a number in a form that its country has retired is the number of today, on the do-not-call list too", async () => {
  const [retired, today] = ["+5215512345678", "+525512345678"];
  await world.call("POST", "/do-not-call", { body: { numbers: [today] } });
  const id = await world.create({ tasks: [{ to_number: retired }, { to_number: today }, { to_number: numberOf(1) }] });
  const { body } = await world.call("GET", `/batch-call/${id}/tasks`);
  expect(body.data.tasks).toMatchObject([
    { to_number: today, status: "cancelled", reason: "do_not_call" },
    { to_number: numberOf(1), status: "pending" },
  ]);
});

test("a batch of nobody but do-not-call numbers is completed at once", async () => {
  await world.call("POST", "/do-not-call", { body: { numbers: [numberOf(1), numberOf(2)] } });
  const id = await world.create({ status: undefined, send_now: true });
  expect(await world.batch(id)).toMatchObject({ status: "completed", counts: { cancelled: 2 } });
  const draft = await world.create();
  await world.call("POST", `/batch-call/${draft}/execute`);
  expect((await world.batch(draft)).status).toBe("completed");
});

test("PATCH changes only the given fields", async () => {
  const id = await world.create();
  const at = Date.parse("2026-02-03T12:00:00Z");
  const { status, body } = await world.call("PATCH", `/batch-call/${id}`, {
    body: { name: "July reminders", agent_id: otherAgentId, trigger_timestamp: at / 1000, status: "SCHEDULED" },
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    message: "Batch call updated successfully",
    data: {
      name: "July reminders",
      agent_id: otherAgentId,
      status: "scheduled",
      scheduled_timestamp: at,
      timezone: "America/New_York",
    },
  });
  const renamed = await world.call("PATCH", `/batch-call/${id}`, { body: { name: "August" } });
  expect(renamed.body.data).toMatchObject({ name: "August", status: "scheduled", scheduled_timestamp: at });
});

test("back to draft keeps the time, and scheduling again needs no new one", async () => {
  const at = Date.parse("2026-02-02T18:00:00Z");
  const id = await world.create({ status: "scheduled", trigger_timestamp: at });
  const draft = await world.call("PATCH", `/batch-call/${id}`, { body: { status: "draft" } });
  expect(draft.body.data).toMatchObject({ status: "draft", scheduled_timestamp: at });
  await world.clock.advance({ hours: 1 });
  const again = await world.call("PATCH", `/batch-call/${id}`, { body: { status: "scheduled" } });
  expect(again.body.data).toMatchObject({ status: "scheduled", scheduled_timestamp: at });
  await world.call("PATCH", `/batch-call/${id}`, { body: { status: "draft" } });
  await world.clock.advance({ hours: 3 });
  const late = await world.call("PATCH", `/batch-call/${id}`, { body: { status: "scheduled" } });
  expect([late.status, late.body.message]).toEqual([400, "Validation error"]);
  expect(late.body.error).toContain("trigger_timestamp");
  expect(world.carrier.dials).toEqual([]);
});

test("a draft without a time cannot be scheduled by its status alone", async () => {
  const id = await world.create();
  const { status, body } = await world.call("PATCH", `/batch-call/${id}`, { body: { status: "scheduled" } });
  expect([status, body.error.split(":")[0]]).toEqual([400, "trigger_timestamp"]);
});

test.each([{ status: "sent" }, { send_now: true }])("PATCH %o starts the batch", async (patch) => {
  const id = await world.create();
  const { body } = await world.call("PATCH", `/batch-call/${id}`, { body: patch });
  expect(body.data.status).toBe("sent");
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(2);
});

test("PUT replaces everything, the list included", async () => {
  const id = await world.create({ status: "scheduled", trigger_timestamp: Date.parse("2026-02-02T18:00:00Z") });
  const { status, body } = await world.call("PUT", `/batch-call/${id}`, {
    body: batchOf({
      name: "Other",
      timezone: undefined,
      tasks: tasksOf(5),
      retry_config: { enabled: true, max_attempts: 2 },
    }),
  });
  expect([status, body.message]).toEqual([200, "Batch call updated successfully"]);
  expect(body.data).toMatchObject({
    batch_call_id: id,
    name: "Other",
    status: "draft",
    scheduled_timestamp: null,
    timezone: "UTC",
    total: 5,
  });
  const { body: tasks } = await world.call("GET", `/batch-call/${id}/tasks`);
  expect(tasks.data.tasks.map((task: { to_number: string }) => task.to_number)).toEqual(
    tasksOf(5).map((task) => task.to_number),
  );
});

test("DELETE removes a draft for good", async () => {
  const id = await world.create();
  const { status, body } = await world.call("DELETE", `/batch-call/${id}`);
  expect([status, body]).toEqual([
    200,
    { message: "Batch call deleted successfully", status: "success", error: null, data: null },
  ]);
  expect((await world.call("GET", `/batch-call/${id}`)).status).toBe(404);
});

test("execute answers as documented and starts the calls", async () => {
  const id = await world.create();
  const { body } = await world.call("POST", `/batch-call/${id}/execute`);
  expect(body).toEqual({
    message: "Batch call execution started",
    status: "success",
    error: null,
    data: { batch_call_id: id, status: "sent", execution_started_at: "2026-02-02T15:00:00.000Z" },
  });
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(2);
});

test("tasks tell every attempt, and the call of an attempt can be fetched", async () => {
  world.carrier.script(numberOf(1), "busy", "answered");
  const id = await world.create({
    status: undefined,
    send_now: true,
    retry_config: { enabled: true, max_attempts: 2 },
    retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 30 } }],
  });
  await world.clock.advance({ minutes: 5 });
  const waiting = await world.call("GET", `/batch-call/${id}/tasks?status=pending&outcome=busy`);
  expect(waiting.body.data.tasks).toMatchObject([
    { row: 1, attempt_count: 1, next_attempt_at: "2026-02-02T15:30:30.000Z" },
  ]);
  expect((await world.batch(id)).next_attempt_timestamp).toBe(Date.parse("2026-02-02T15:30:30Z"));
  await world.clock.advance({ hours: 1 });
  const { body } = await world.call("GET", `/batch-call/${id}/tasks`);
  expect(body.data.pagination).toMatchObject({ page: 0, limit: 50, total_count: 2 });
  const [task] = body.data.tasks;
  expect(task).toMatchObject({ status: "completed", outcome: "answered", attempt_count: 2, error_message: null });
  expect(task.attempts).toMatchObject([
    { attempt: 1, outcome: "busy" },
    { attempt: 2, outcome: "answered", call_id: task.call_id },
  ]);
  const call = await world.call("GET", `/api/calls/${task.call_id}`);
  expect(call.body).toMatchObject({
    message: "Call retrieved successfully",
    data: { call_status: "ended", outcome: "answered", metadata: { batch_call_id: id } },
  });
});

test("once pause has answered no dial starts; resume goes on with the rest", async () => {
  const id = await world.create({ status: undefined, send_now: true, tasks: tasksOf(30) });
  const paused = await world.call("POST", `/batch-call/${id}/pause`);
  expect(paused.body).toMatchObject({
    message: "Batch call paused successfully",
    data: { is_paused: true, paused_at: world.clock.now().getTime(), status: "sent" },
  });
  const dialed = world.carrier.dials.length;
  await world.clock.advance({ hours: 1 });
  expect(world.carrier.dials).toHaveLength(dialed);
  const { paused_at: since } = paused.body.data;
  const again = await world.call("POST", `/batch-call/${id}/pause`);
  expect([again.status, again.body.data.paused_at]).toEqual([200, since]);
  const resumed = await world.call("POST", `/batch-call/${id}/resume`);
  expect(resumed.body.data).toMatchObject({ is_paused: false, paused_at: null, status: "sent" });
  await world.clock.advance({ hours: 1 });
  expect((await world.batch(id)).status).toBe("completed");
  expect(world.carrier.rings).toHaveLength(30);
});

test("a scheduled batch that is paused does not start; resumed after its time it starts at once", async () => {
  const id = await world.create({ status: undefined, trigger_timestamp: Date.parse("2026-02-02T16:00:00Z") });
  await world.call("POST", `/batch-call/${id}/pause`);
  await world.clock.advance({ hours: 3 });
  expect(world.carrier.dials).toEqual([]);
  expect(await world.batch(id)).toMatchObject({ status: "scheduled", is_paused: true });
  const { body } = await world.call("POST", `/batch-call/${id}/resume`);
  expect(body.data).toMatchObject({ status: "sent", is_paused: false });
});

test("resumed before its time, a scheduled batch keeps waiting for it", async () => {
  const id = await world.create({ status: undefined, trigger_timestamp: Date.parse("2026-02-02T16:00:00Z") });
  await world.call("POST", `/batch-call/${id}/pause`);
  const { body } = await world.call("POST", `/batch-call/${id}/resume`, { body: { redial_unknown: false } });
  expect(body.data).toMatchObject({ status: "scheduled", is_paused: false });
  await world.clock.advance({ hours: 2 });
  expect((await world.batch(id)).status).toBe("completed");
});

test("a start missed by hours is held with its reason; scheduling it anew releases it", async () => {
  const id = await world.create({ status: undefined, trigger_timestamp: Date.parse("2026-02-02T16:00:00Z") });
  const held = await world.create({ status: undefined, trigger_timestamp: Date.parse("2026-02-02T16:00:00Z") });
  await world.missTime({ hours: 5 });
  expect(await world.batch(id)).toMatchObject({
    status: "scheduled",
    is_paused: true,
    held_reason: expect.stringContaining("missed"),
  });
  const moved = await world.call("PATCH", `/batch-call/${id}`, {
    body: { status: "scheduled", trigger_timestamp: world.clock.now().getTime() + 60_000 },
  });
  expect(moved.body.data).toMatchObject({ status: "scheduled", is_paused: false });
  expect(moved.body.data).not.toHaveProperty("held_reason");
  await world.clock.advance({ minutes: 10 });
  expect((await world.batch(id)).status).toBe("completed");
  expect((await world.call("POST", `/batch-call/${held}/resume`)).body.data).toMatchObject({
    status: "sent",
    is_paused: false,
  });
});

test("cancel ends the waiting recipients and lets calls in progress keep their result", async () => {
  const id = await world.create({ status: undefined, send_now: true, tasks: tasksOf(30) });
  const { body } = await world.call("POST", `/batch-call/${id}/cancel`);
  expect(body).toMatchObject({
    message: "Batch call cancelled successfully",
    data: { status: "cancelled", counts: { calling: 5, cancelled: 25 } },
  });
  await world.clock.advance({ hours: 1 });
  expect(world.carrier.rings).toHaveLength(5);
  expect(await world.batch(id)).toMatchObject({
    status: "cancelled",
    counts: { completed: 5, cancelled: 25, calling: 0 },
  });
  expect((await world.call("POST", `/batch-call/${id}/cancel`)).status).toBe(200);
});

test("resume with redial_unknown calls those again of whom nothing is known, also after the end", async () => {
  world.carrier.faults = ["lost_for_good"];
  const id = await world.create({ status: undefined, send_now: true });
  await world.clock.advance({ hours: 1 });
  expect(await world.batch(id)).toMatchObject({ status: "completed", counts: { unknown: 1, completed: 1 } });
  expect((await world.call("POST", `/batch-call/${id}/resume`)).status).toBe(400);
  const { body } = await world.call("POST", `/batch-call/${id}/resume`, { body: { redial_unknown: true } });
  expect(body.data).toMatchObject({ status: "sent", counts: { unknown: 0 } });
  await world.clock.advance({ hours: 1 });
  expect(await world.batch(id)).toMatchObject({ status: "completed", counts: { completed: 2 } });
});

test("everything is still there after a restart", async () => {
  const id = await world.create({ status: undefined, trigger_timestamp: Date.parse("2026-02-02T16:00:00Z") });
  const before = await world.batch(id);
  await world.restart();
  // It listens on another port now.
  expect(await world.batch(id)).toEqual({ ...before, tasks_url: `${world.url}/batch-call/${id}/tasks` });
  await world.clock.advance({ hours: 2 });
  expect((await world.batch(id)).status).toBe("completed");
});
