import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { callerId, type Json, ServiceWorld } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  // 05:00 in New York, 02:00 in Los Angeles.
  world = await ServiceWorld.start({ now: "2026-03-02T10:00:00Z" });
  world.carrier.environment = "live";
});
afterEach(() => world.stop());

const newYork = "+12125550101";
const losAngeles = "+12135550102";
const ms = (iso: string) => Date.parse(iso);
const night = { enabled: true, start_time: "21:00", end_time: "09:00", timezone: "recipient" };
const tasksOfBatch = async (id: string): Promise<Json[]> =>
  (await world.call("GET", `/batch-call/${id}/tasks?limit=100`)).body.data.tasks;
const rings = () => world.carrier.rings.map(({ toNumber, at }) => [toNumber, at.toISOString().slice(0, 16)]);

test("a task shows its zone and time, when it may be called next, and what it waits for", async () => {
  const later = { to_number: losAngeles, timezone: "America/Boise", not_before: ms("2026-03-03T20:00:00Z") };
  const id = await world.create({ tasks: [{ to_number: newYork }, later], status: "draft", quiet_hours: night });
  expect(await tasksOfBatch(id)).toMatchObject([
    { to_number: newYork, waits_for: "start" },
    { to_number: losAngeles, timezone: "America/Boise", not_before: later.not_before, waits_for: "start" },
  ]);
  await world.call("POST", `/batch-call/${id}/execute`);
  await world.clock.settle();
  expect(await tasksOfBatch(id)).toMatchObject([
    {
      waits_for: "recipient_clock",
      next_attempt_at: "2026-03-02T14:00:00.000Z",
      reason: "waits for 2026-03-02 09:00 in America/New_York",
    },
    {
      waits_for: "not_before",
      next_attempt_at: "2026-03-03T20:00:00.000Z",
      reason: "waits for 2026-03-03 13:00 in America/Boise",
    },
  ]);
  expect((await world.batch(id)).next_attempt_timestamp).toBe(ms("2026-03-02T14:00:00Z"));
  await world.call("POST", `/batch-call/${id}/pause`);
  expect(await tasksOfBatch(id)).toMatchObject([{ waits_for: "pause" }, { waits_for: "pause" }]);
});

test("the agreement of an account's own system lasts until the last of those who are called later", async () => {
  const tasks = [{ to_number: newYork }, { to_number: losAngeles, not_before: ms("2026-04-20T17:00:00Z") }];
  const id = await world.create({ tasks, status: "sent", send_now: true });
  await world.clock.advance({ days: 50 });
  expect(rings()).toEqual([
    [newYork, "2026-03-02T10:00"],
    [losAngeles, "2026-04-20T17:00"],
  ]);
  expect((await world.batch(id)).status).toBe("completed");
});

test("another time of one person is other content, the same list again is not", async () => {
  const tasks = [{ to_number: newYork, timezone: "America/New_York", not_before: ms("2026-03-05T15:00:00Z") }];
  const id = await world.create({ tasks, status: "draft" });
  const { content_digest: before } = await world.batch(id);
  const put = (changed: Json[]) => world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks: changed } });
  expect((await put(tasks)).body.data.list_change).toMatchObject({ changed: 0, unchanged: 1 });
  expect((await world.batch(id)).content_digest).toBe(before);
  const other = tasks.map((task) => ({ ...task, not_before: task.not_before + 1000 }));
  expect((await put(other)).body.data.list_change).toMatchObject({ changed: 1, unchanged: 0 });
  expect((await world.batch(id)).content_digest).not.toBe(before);
  expect(await tasksOfBatch(id)).toMatchObject(other);
  const [withoutTimes] = [[{ to_number: newYork }]];
  expect((await put(withoutTimes)).body.data.list_change).toMatchObject({ changed: 1 });
  expect((await tasksOfBatch(id))[0]).not.toHaveProperty("not_before");
});

describe.each([
  ["a zone that is none", { timezone: "America/Denverr" }, "tasks[1].timezone"],
  ["the word for every recipient's zone", { timezone: "recipient" }, "tasks[1].timezone"],
  ["a time that is none", { not_before: -5 }, "tasks[1].not_before"],
  ["a time as text", { not_before: "2026-03-05T15:00:00Z" }, "tasks[1].not_before"],
])("%s", (_what, own, place) => {
  test("is refused by name, in a new batch and in a change of its list", async () => {
    const tasks = [{ to_number: newYork }, { to_number: losAngeles, ...own }];
    const id = await world.create({ tasks: [{ to_number: newYork }], status: "draft" });
    const answers = [
      await world.call("POST", "/batch-call", { body: { from_number: callerId, status: "draft", tasks } }),
      await world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks } }),
      await world.call("POST", `/batch-call/${id}/tasks`, { body: { tasks } }),
    ];
    for (const { status, body } of answers) expect([status, body.error]).toEqual([400, expect.stringContaining(place)]);
    expect(await tasksOfBatch(id)).toHaveLength(1);
  });
});

test.each([
  ["AFTER", { type: "AFTER", duration_minutes: 5, timezone: "recipient" }, "takes no timezone"],
  ["another zone", { type: "AT", time: "10:00", timezone: "America/Denver" }, "retry_timing.timezone"],
])("a retry with %s on the recipient's clock is refused", async (_what, retry_timing, error) => {
  const retry_rules = [{ condition: "busy", retry_timing }];
  const { status, body } = await world.call("POST", "/batch-call", {
    body: { from_number: callerId, status: "draft", tasks: [{ to_number: newYork }], retry_rules },
  });
  expect([status, body.error]).toEqual([400, expect.stringContaining(error)]);
});

test("people whom the hours leave no time are refused with their places", async () => {
  // A mobile phone of Russia may be in any of its zones, ten hours apart.
  const tasks = [{ to_number: newYork }, { to_number: "+79123456789" }];
  const body = {
    from_number: callerId,
    status: "draft",
    tasks,
    quiet_hours: { ...night, start_time: "18:00" },
  };
  const refused = await world.call("POST", "/batch-call", { body });
  expect([refused.status, refused.body.error]).toEqual([400, expect.stringContaining("tasks[1].timezone")]);
  expect(refused.body.error).toContain("leave no time that suits every zone");
  const inMoscow = [tasks[0], { ...tasks[1], timezone: "Europe/Moscow" }];
  expect((await world.call("POST", "/batch-call", { body: { ...body, tasks: inMoscow } })).status).toBe(200);
});

test("rules that leave people on a list no time are refused with their places, and nothing is changed", async () => {
  const tasks = [{ to_number: newYork }, { to_number: "+79123456789" }];
  const id = await world.create({ tasks, status: "draft", quiet_hours: night });
  const patch = (body: Json) => world.call("PATCH", `/batch-call/${id}`, { body });
  const refused = await patch({ name: "Other", quiet_hours: { ...night, start_time: "18:00" } });
  expect([refused.status, refused.body.error]).toEqual([
    400,
    expect.stringMatching(/^(?!.*tasks\[0\]).*tasks\[1\]\.timezone.*leave no time that suits every zone/),
  ]);
  expect(await world.batch(id)).not.toMatchObject({ name: "Other" });
  await world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks: [tasks[0]] } });
  expect((await patch({ quiet_hours: { ...night, start_time: "18:00" } })).status).toBe(200);
});

test("rules on the recipient's clock are refused for people whose number tells no zone", async () => {
  const tasks = [{ to_number: newYork }, { to_number: "+88213501234" }];
  const id = await world.create({ tasks, status: "draft" });
  const { status, body } = await world.call("PATCH", `/batch-call/${id}`, { body: { quiet_hours: night } });
  expect([status, body.error]).toEqual([400, expect.stringContaining("tasks[1].timezone")]);
});

test("who was called already does not stand in the way of other hours", async () => {
  const tasks = [{ to_number: newYork }, { to_number: "+79123456789" }];
  world.carrier.script(newYork, "no_answer");
  const retry = { retry_config: { enabled: true, max_attempts: 2 } };
  const id = await world.create({ tasks, status: "sent", send_now: true, ...retry });
  await world.clock.advance({ minutes: 5 });
  const { status } = await world.call("PATCH", `/batch-call/${id}`, {
    body: { quiet_hours: { ...night, start_time: "18:00" } },
  });
  expect(status).toBe(200);
});
