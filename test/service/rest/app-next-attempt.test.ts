import { afterEach, beforeEach, expect, test } from "vitest";
import { type Json, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";

const nightInDenver = { enabled: true, start_time: "21:00", end_time: "09:00", timezone: "America/Denver" };

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start({ now: "2026-02-02T15:00:00Z" });
});
afterEach(() => world.stop());

async function firstTask(batchId: string): Promise<Json> {
  return (await world.call("GET", `/batch-call/${batchId}/tasks`)).body.data.tasks[0];
}

const running = { status: undefined, send_now: true, tasks: tasksOf(1) };

test("quiet hours are named with the time and the zone at which they end", async () => {
  const id = await world.create({ ...running, quiet_hours: nightInDenver });
  const opensAt = "2026-02-02T16:00:00.000Z";
  expect(await firstTask(id)).toMatchObject({ reason: "waits for 09:00 in America/Denver", next_attempt_at: opensAt });
  expect((await world.batch(id)).next_attempt_timestamp).toBe(Date.parse(opensAt));
});

test("who is due waits for a free line, with no time promised", async () => {
  const [busy, waiting] = [await world.create({ ...running, tasks: tasksOf(10) }), await world.create(running)];
  const task = await firstTask(waiting);
  expect((await firstTask(busy)).status).toBe("calling");
  expect(task).toMatchObject({ status: "pending", reason: "waits for a free line" });
  expect(task).not.toHaveProperty("next_attempt_at");
  expect((await world.batch(waiting)).next_attempt_timestamp).toBeNull();
});

const afterBusy = {
  retry_config: { enabled: true, max_attempts: 3 },
  retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AT", time: "13:00" } }],
};

test("a retry tells its number, what came before it, and its time on the clocks of the batch", async () => {
  world.carrier.script(numberOf(1), "busy");
  const id = await world.create({ ...running, ...afterBusy, timezone: "Asia/Calcutta" });
  await world.clock.advance({ minutes: 5 });
  const dueAt = "2026-02-03T07:30:00.000Z";
  expect(await firstTask(id)).toMatchObject({
    reason: "attempt 2 of 3 after busy, 13:00 in Asia/Calcutta",
    next_attempt_at: dueAt,
  });
  expect((await world.batch(id)).next_attempt_timestamp).toBe(Date.parse(dueAt));
});

test("a retry that falls into quiet hours tells both times and comes at the later one", async () => {
  world.carrier.script(numberOf(1), "busy");
  const quiet = { enabled: true, start_time: "12:00", end_time: "14:00" };
  const id = await world.create({ ...running, ...afterBusy, quiet_hours: quiet });
  await world.clock.advance({ minutes: 5 });
  expect(await firstTask(id)).toMatchObject({
    reason: "attempt 2 of 3 after busy, 13:00 in America/New_York; waits for 14:00 in America/New_York",
    next_attempt_at: "2026-02-02T19:00:00.000Z",
  });
});

test("a paused batch, a held one and a draft say so, and promise no time", async () => {
  const quiet = { ...running, quiet_hours: nightInDenver };
  const paused = await world.create(quiet);
  await world.call("POST", `/batch-call/${paused}/pause`);
  const draft = await world.create({ tasks: tasksOf(1) });
  const held = await world.create({ status: "scheduled", trigger_timestamp: Date.parse("2026-02-02T15:30:00Z") });
  await world.missTime({ hours: 1 });

  for (const [id, reason] of [
    [paused, "the batch is paused"],
    [held, "the batch is held"],
    [draft, "the batch was not started"],
  ] as const) {
    const task = await firstTask(id);
    expect(task).toMatchObject({ status: "pending", reason });
    expect(task).not.toHaveProperty("next_attempt_at");
    expect((await world.batch(id)).next_attempt_timestamp).toBeNull();
  }
});

test("a scheduled batch waits for its start, or for the end of the quiet hours in which it starts", async () => {
  const trigger_timestamp = Date.parse("2026-02-02T15:30:00Z");
  const plain = await world.create({ status: "scheduled", trigger_timestamp });
  const quiet = await world.create({ status: "scheduled", trigger_timestamp, quiet_hours: nightInDenver });
  expect(await firstTask(plain)).toMatchObject({
    reason: "waits for 10:30 in America/New_York",
    next_attempt_at: "2026-02-02T15:30:00.000Z",
  });
  expect(await firstTask(quiet)).toMatchObject({
    reason: "waits for 09:00 in America/Denver",
    next_attempt_at: "2026-02-02T16:00:00.000Z",
  });
  expect((await world.batch(quiet)).next_attempt_timestamp).toBe(Date.parse("2026-02-02T16:00:00Z"));
});

test("who was reached waits for nothing", async () => {
  const id = await world.create(running);
  await world.clock.advance({ minutes: 5 });
  expect(await firstTask(id)).not.toHaveProperty("next_attempt_at");
  expect((await firstTask(id)).reason).toBe("answered");
});

test.each([
  ["on one clock", nightInDenver],
  ["on the recipients' clocks", { ...nightInDenver, timezone: "recipient" }],
])("a batch whose quiet hours are %s counts what each of its tasks waits for", async (_what, quiet_hours) => {
  world.carrier.script(numberOf(1), "busy");
  const tasks = tasksOf(40).map((task, n) => ({
    ...task,
    ...(n % 3 === 1 && { not_before: Date.parse("2026-02-04T18:00:00Z") + n }),
    ...(n % 4 === 2 && { timezone: "Asia/Tokyo" }),
  }));
  const id = await world.create({ ...running, ...afterBusy, tasks, quiet_hours });
  const kinds = new Set<string>();
  for (const hours of [0, 1, 0.002, 0.002, 10, 20]) {
    await world.clock.advance({ hours });
    const told = (await world.call("GET", `/batch-call/${id}/tasks?limit=100`)).body.data.tasks;
    const counted: Record<string, number> = {};
    for (const { waits_for: kind } of told) if (kind) counted[kind] = (counted[kind] ?? 0) + 1;
    expect((await world.batch(id)).waits_for).toEqual(counted);
    for (const kind of Object.keys(counted)) kinds.add(kind);
  }
  await world.call("POST", `/batch-call/${id}/pause`);
  expect(Object.keys((await world.batch(id)).waits_for)).toEqual(["pause"]);
  const held = quiet_hours === nightInDenver ? "quiet_hours" : "recipient_clock";
  expect([...kinds].toSorted()).toEqual(["line", "not_before", held, "retry"].toSorted());
});

const noRoom = (until: string) =>
  `waits for a free line: the provider takes no more calls for now (it says: "no room"); until ${until} in America/New_York`;

test("who is turned away by a limit of the provider waits for a line, as does who comes after them, with what it said and until when", async () => {
  world.carrier.asksToWait = { retryAfterMs: 90_000 };
  world.carrier.faults = ["full", "full", "full", "full", "full"];
  const id = await world.create({ ...running, tasks: tasksOf(7) });
  const until = "2026-02-02T15:01:30.000Z";
  const told = (await world.call("GET", `/batch-call/${id}/tasks`)).body.data.tasks;
  const wait = { status: "pending", waits_for: "line", reason: noRoom("2026-02-02 10:01:30"), next_attempt_at: until };
  expect(told).toMatchObject(Array.from({ length: 7 }, () => wait));
  expect(await world.batch(id)).toMatchObject({
    waits_for: { line: 7 },
    line_wait: { reason: wait.reason, until_timestamp: Date.parse(until) },
    next_attempt_timestamp: Date.parse(until),
  });
  expect((await world.store.waiting(id, false)).reduce((sum, { recipients }) => sum + recipients, 0)).toBe(7);
  await world.clock.advance({ minutes: 5 });
  expect((await firstTask(id)).reason).toBe("answered");
  expect(await world.batch(id)).not.toHaveProperty("line_wait");
});

test("a retry that the provider has no line for waits for a line, after a restart too, and no longer for its time", async () => {
  world.carrier.script(numberOf(1), "busy");
  const id = await world.create({ ...running, ...afterBusy });
  await world.clock.advance({ minutes: 5 });
  world.carrier.asksToWait = { retryAfterMs: 600_000 };
  world.carrier.faults = ["full"];
  expect((await world.batch(id)).waits_for).toEqual({ retry: 1 });
  await world.clock.advance({ hours: 3 - 5 / 60 });
  const wait = { waits_for: "line", reason: noRoom("2026-02-02 13:10"), next_attempt_at: "2026-02-02T18:10:00.000Z" };
  expect(await firstTask(id)).toMatchObject(wait);
  await world.restart();
  expect(await firstTask(id)).toMatchObject(wait);
  await world.call("POST", `/batch-call/${id}/pause`);
  expect((await firstTask(id)).reason).toBe("the batch is paused");
});
