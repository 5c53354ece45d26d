import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agreementTo } from "../../support/agreements.ts";
import { type Json, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
  world.carrier.environment = "live";
});
afterEach(() => world.stop());

const append = (id: string, tasks: Json[]) => world.call("POST", `/batch-call/${id}/tasks`, { body: { tasks } });
const replace = (id: string, tasks: Json[]) => world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks } });
const remove = (id: string, body: Json) => world.call("POST", `/batch-call/${id}/tasks/remove`, { body });
const takeOut = (id: string, ...people: number[]) => remove(id, { to_numbers: people.map(numberOf) });
const edit = (id: string, body: Json) => world.call("PATCH", `/batch-call/${id}`, { body });
const execute = (id: string, grant?: Json) =>
  world.call("POST", `/batch-call/${id}/execute`, { body: grant ? { grant } : {} });
const resume = (id: string, body: Json) => world.call("POST", `/batch-call/${id}/resume`, { body });
const rung = (): readonly string[] => world.carrier.rings.map(({ toNumber }) => toNumber);
const tasksOfBatch = async (id: string): Promise<Json[]> =>
  (await world.call("GET", `/batch-call/${id}/tasks?limit=100`)).body.data.tasks;
const statusOf = async (id: string, person: number): Promise<Json> =>
  (await tasksOfBatch(id)).find(({ to_number }) => to_number === numberOf(person));

/** A batch of so many whose calls a person agreed to, running since a second; five start in a second. */
async function running(people: number, others: Json = {}): Promise<string> {
  world.carrier.callMs = 10 * 60_000;
  const id = await world.create({ tasks: tasksOf(people), ...others });
  expect((await execute(id, await agreementTo(world, id))).status).toBe(200);
  await world.clock.advance({ ms: 500 });
  expect(rung().length).toBe(Math.min(people, 5));
  return id;
}

describe("people who are taken out of a running batch", () => {
  test("are not called, and the others are, under the agreement that was given", async () => {
    const id = await running(20);
    const before = (await world.batch(id)).grant;
    const { status, body } = await takeOut(id, 18, 19, 20);
    expect(status).toBe(200);
    expect(body.data.list_change).toMatchObject({ removed: 3, not_removed: [], not_found: 0 });
    expect(body.data.batch).toMatchObject({
      status: "sent",
      is_paused: false,
      counts: { total: 20, cancelled: 3 },
      grant: { state: "open", channel: "page", principal: "somebody", last_timestamp: before.last_timestamp },
    });
    await world.clock.advance({ hours: 1 });
    expect([...rung()].sort()).toEqual(
      tasksOf(17)
        .map(({ to_number }) => to_number)
        .sort(),
    );
    expect(await statusOf(id, 18)).toMatchObject({ status: "cancelled", reason: "removed" });
    expect((await world.batch(id)).status).toBe("completed");
  });

  test("are told apart from those whose call is under way or over, and a repeat does no harm", async () => {
    const id = await running(8);
    const first = await statusOf(id, 1);
    const body = { to_numbers: [numberOf(8), numberOf(50)], task_ids: [first.task_id] };
    const { data } = (await remove(id, body)).body;
    expect(data.list_change).toMatchObject({
      removed: 1,
      not_found: 1,
      not_removed: [{ task_id: first.task_id, to_number: numberOf(1), status: "calling" }],
    });
    const again = (await remove(id, body)).body.data;
    expect(again.list_change).toMatchObject({ removed: 0, unchanged: 1, not_found: 1 });
    expect(again.batch.grant.grant_id).toBe(data.batch.grant.grant_id);
  });

  const fallback_number = numberOf(90);
  test.each<[string, (id: string) => Promise<unknown>]>([
    ["taken out", (id) => takeOut(id, 1)],
    ["no more in the list", (id) => replace(id, tasksOf(1, 2))],
  ])("during their call are not called again, and its outcome is kept: %s", async (_how, change) => {
    const retries = { retry_config: { enabled: true, max_attempts: 3 } };
    world.carrier.script(numberOf(1), "no_answer", "answered");
    const tasks = [{ to_number: numberOf(1), fallback_number }, ...tasksOf(1, 2)];
    const id = await running(2, { tasks, ...retries });
    await change(id);
    await change(id);
    await world.clock.advance({ hours: 5 });
    expect([...rung()].sort()).toEqual([numberOf(1), numberOf(2)]);
    expect(await statusOf(id, 1)).toMatchObject({
      status: "failed",
      outcome: "no_answer",
      attempt_count: 1,
      reason: "removed; no_answer, and not called again",
    });
    expect((await world.batch(id)).status).toBe("completed");
  });

  test("during their call and put back are called as before, once somebody agrees", async () => {
    world.carrier.script(numberOf(1), "no_answer", "answered");
    const id = await running(2, { retry_config: { enabled: true, max_attempts: 3 } });
    await takeOut(id, 1);
    const { body } = await append(id, tasksOf(1));
    expect(body.data.list_change).toMatchObject({ changed: 1 });
    expect((await resume(id, { grant: await agreementTo(world, id) })).status).toBe(200);
    await world.clock.advance({ hours: 5 });
    expect(rung().filter((number) => number === numberOf(1))).toHaveLength(2);
  });

  test("who wait for a retry are not called again", async () => {
    const retries = { retry_config: { enabled: true, max_attempts: 3 } };
    world.carrier.script(numberOf(1), "no_answer", "answered");
    const id = await world.create({ tasks: tasksOf(2), ...retries });
    await execute(id, await agreementTo(world, id));
    await world.clock.advance({ minutes: 5 });
    expect((await takeOut(id, 1)).body.data.list_change).toMatchObject({ removed: 1 });
    await world.clock.advance({ hours: 5 });
    expect(rung()).toHaveLength(2);
    expect(await statusOf(id, 1)).toMatchObject({ status: "cancelled", outcome: "no_answer", attempt_count: 1 });
  });

  test("come back only with an agreement that has them, not with one that was given while they were out", async () => {
    const id = await world.create({ tasks: tasksOf(2) });
    await edit(id, { status: "scheduled", trigger_timestamp: world.clock.now().getTime() + 3_600_000 });
    await takeOut(id, 2);
    const withoutB = await agreementTo(world, id, { max_recipients: 2 });
    await append(id, tasksOf(2));
    expect(await statusOf(id, 2)).toMatchObject({ status: "pending" });
    expect((await execute(id, withoutB)).status).toBe(409);
  });

  test("leave a suspended agreement suspended, for as long as it was", async () => {
    const id = await running(20);
    await world.call("POST", `/batch-call/${id}/pause`, { body: { resumable: true } });
    const paused = (await world.batch(id)).grant;
    await takeOut(id, 20);
    const { grant, is_paused } = await world.batch(id);
    expect({ ...grant, is_paused }).toMatchObject({
      state: "suspended",
      resumable_until: paused.resumable_until,
      is_paused: true,
    });
    expect((await resume(id, { grant_id: paused.grant_id })).status).toBe(409);
    expect((await resume(id, { grant_id: grant.grant_id })).status).toBe(200);
    await world.clock.advance({ hours: 1 });
    expect(rung()).toHaveLength(19);
  });

  test("do not open again what was over", async () => {
    const id = await running(20);
    await append(id, tasksOf(1, 30));
    await takeOut(id, 20);
    expect(await world.batch(id)).toMatchObject({ is_paused: true, grant: { state: "ended" } });
    await world.clock.advance({ hours: 1 });
    expect(rung()).toHaveLength(5);
  });
});

describe("people who are added to a running batch", () => {
  test("are not called before a person agrees to the list as it is, nor is anybody else", async () => {
    const id = await running(20);
    const earlier = await agreementTo(world, id);
    const { body } = await append(id, [...tasksOf(2, 30), ...tasksOf(1)]);
    expect(body.data.list_change).toMatchObject({ added: 2, unchanged: 1, removed: 0 });
    expect(body.data.batch).toMatchObject({
      is_paused: true,
      held_reason: expect.stringContaining("changed after somebody agreed"),
      total: 22,
      grant: { state: "ended" },
    });
    await world.clock.advance({ hours: 2 });
    expect(rung()).toHaveLength(5);
    expect((await resume(id, { grant: earlier })).status).toBe(409);
    expect((await resume(id, { grant: await agreementTo(world, id) })).status).toBe(200);
    await world.clock.advance({ hours: 2 });
    expect(rung()).toHaveLength(22);
  });

  test("are called at once where the account's own system started the batch", async () => {
    const id = await world.create({ tasks: tasksOf(2) });
    await execute(id);
    const { body } = await append(id, tasksOf(2, 30));
    expect(body.data.batch).toMatchObject({ is_paused: false, grant: { state: "open" } });
    await world.clock.advance({ minutes: 5 });
    expect(rung()).toHaveLength(4);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ["list", (id) => world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks: tasksOf(22), hold: true } })],
    ["rules", (id) => edit(id, { retry_config: { enabled: true, max_attempts: 2 }, hold: true })],
  ])("are not called by a change of the %s that says that it agrees to nothing", async (_what, change) => {
    world.carrier.callMs = 10 * 60_000;
    const id = await world.create({ tasks: tasksOf(20) });
    await execute(id);
    await world.clock.advance({ ms: 500 });
    const before = rung().length;
    await change(id);
    expect(await world.batch(id)).toMatchObject({ is_paused: true, grant: { state: "ended" } });
    await world.clock.advance({ hours: 1 });
    expect(rung()).toHaveLength(before);
  });

  test("are not called where the account's own system paused it", async () => {
    const id = await world.create({ tasks: tasksOf(20) });
    await execute(id);
    await world.call("POST", `/batch-call/${id}/pause`);
    const before = rung().length;
    await append(id, tasksOf(2, 30));
    await world.clock.advance({ hours: 1 });
    expect(rung()).toHaveLength(before);
    expect((await world.batch(id)).grant.state).toBe("ended");
  });

  test("put a scheduled batch back to draft whose calls a person had agreed to", async () => {
    const id = await world.create();
    const trigger_timestamp = world.clock.now().getTime() + 3_600_000;
    await edit(id, { status: "scheduled", trigger_timestamp, grant: await agreementTo(world, id) });
    expect((await append(id, tasksOf(1, 30))).body.data.batch).toMatchObject({ status: "draft" });
    await world.clock.advance({ hours: 2 });
    expect(rung()).toEqual([]);
  });

  test("twice are added once, and the second time nothing is changed", async () => {
    const id = await running(6);
    await append(id, tasksOf(1, 30));
    await resume(id, { grant: await agreementTo(world, id) });
    const { body } = await append(id, tasksOf(1, 30));
    expect(body.data.list_change).toMatchObject({ added: 0, unchanged: 1 });
    expect(body.data.batch).toMatchObject({ is_paused: false, grant: { state: "open" } });
  });

  test("on the do-not-call list are kept and not called", async () => {
    const id = await world.create();
    await world.call("POST", "/do-not-call", { body: { numbers: [numberOf(30)] } });
    expect((await append(id, tasksOf(2, 30))).body.data.list_change).toMatchObject({ added: 2, suppressed: 1 });
    expect(await statusOf(id, 30)).toMatchObject({ status: "cancelled", reason: "do_not_call" });
  });

  test("are refused beyond 1,000 in all, as the caller id is, and when the batch is over", async () => {
    const id = await world.create({ tasks: tasksOf(999) });
    const refused = await append(id, tasksOf(2, 2000));
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining("1,001 recipients") } });
    expect((await append(id, [{ to_number: "+14155550100" }])).status).toBe(400);
    expect((await append(id, tasksOf(1, 2000))).status).toBe(200);
    await world.call("POST", `/batch-call/${id}/cancel`);
    expect(await append(id, tasksOf(1, 3000))).toMatchObject({
      status: 400,
      body: { error: "Cannot update batch call with status CANCELLED" },
    });
  });
});

describe("a list that is replaced", () => {
  test("adds, changes and takes out at once, and what was said stays said", async () => {
    const id = await running(8);
    const wanted = [
      { to_number: numberOf(1), dynamic_variables: { first_name: "too late" } },
      { to_number: numberOf(7), dynamic_variables: { first_name: "Another" } },
      tasksOf(1, 30)[0],
    ];
    const { body } = await replace(id, wanted);
    expect(body.data.list_change).toMatchObject({ added: 1, changed: 1, unchanged: 1, removed: 2 });
    expect(body.data.list_change.not_removed).toHaveLength(4);
    expect(body.data.batch).toMatchObject({ is_paused: true, counts: { pending: 2, calling: 5, cancelled: 2 } });
    await resume(id, { grant: await agreementTo(world, id) });
    await world.clock.advance({ hours: 1 });
    expect(world.carrier.rings.find(({ toNumber }) => toNumber === numberOf(7))?.variables).toEqual({
      first_name: "Another",
    });
    expect(rung()).toHaveLength(7);
  });

  test("by fewer people goes on for them", async () => {
    const id = await running(8);
    const { body } = await replace(id, tasksOf(7));
    expect(body.data.list_change).toMatchObject({ added: 0, changed: 0, removed: 1 });
    expect(body.data.batch).toMatchObject({ is_paused: false, grant: { state: "open" } });
  });

  test("by itself, its variables in another order, changes nothing", async () => {
    const task = (variables: Json) => ({ to_number: numberOf(1), dynamic_variables: variables });
    const id = await world.create({ tasks: [task({ a: "1", b: "2" })] });
    const before = await world.batch(id);
    const { body } = await replace(id, [task({ b: "2", a: "1" })]);
    expect(body.data.list_change).toMatchObject({ added: 0, changed: 0, unchanged: 1, removed: 0 });
    expect(await world.batch(id)).toEqual(before);
  });

  test("of a draft leaves nobody behind", async () => {
    const id = await world.create({ tasks: tasksOf(3) });
    const before = (await world.batch(id)).content_digest;
    expect((await replace(id, tasksOf(2, 3))).body.data.batch).toMatchObject({ total: 2, status: "draft" });
    expect((await tasksOfBatch(id)).map(({ to_number }) => to_number)).toEqual([numberOf(3), numberOf(4)]);
    expect((await world.batch(id)).content_digest).not.toBe(before);
    expect((await takeOut(id, 3, 4)).status).toBe(400);
  });
});

describe("rules that are changed", () => {
  const twice = { retry_config: { enabled: true, max_attempts: 2 } };

  test("hold a running batch that a person had agreed to", async () => {
    const id = await running(20);
    expect((await edit(id, twice)).body.data).toMatchObject({
      is_paused: true,
      max_attempts: 2,
      grant: { state: "ended" },
    });
    await world.clock.advance({ hours: 1 });
    expect(rung()).toHaveLength(5);
  });

  test("to what they were change nothing", async () => {
    const id = await running(20, twice);
    const before = await world.batch(id);
    expect((await edit(id, twice)).body.data).toMatchObject({ is_paused: false, grant: before.grant });
  });

  test("stay by the block that was not given, and an off one goes", async () => {
    const quiet_hours = { enabled: true, start_time: "00:00", end_time: "23:59", timezone: "UTC" };
    const id = await world.create({ ...twice, quiet_hours });
    const whole = (await world.batch(id)).content_digest;
    expect((await edit(id, { quiet_hours: { enabled: false } })).body.data.max_attempts).toBe(2);
    await execute(id);
    await world.clock.advance({ minutes: 1 });
    expect(rung()).toHaveLength(2);
    expect((await world.batch(id)).content_digest).not.toBe(whole);
  });

  test("to fewer attempts end the wait of those who had as many", async () => {
    world.carrier.script(numberOf(1), "no_answer", "no_answer", "no_answer");
    world.carrier.script(numberOf(2), "no_answer", "no_answer", "no_answer");
    const id = await world.create({ retry_config: { enabled: true, max_attempts: 3 } });
    await execute(id);
    await world.clock.advance({ minutes: 10 });
    await edit(id, { retry_config: { enabled: true, max_attempts: 1 } });
    expect(await world.batch(id)).toMatchObject({ status: "completed", counts: { failed: 2 } });
    await world.clock.advance({ hours: 5 });
    expect(rung()).toHaveLength(2);
  });

  test("decide about a call that was under way when they were changed", async () => {
    world.carrier.callMs = 60_000;
    world.carrier.script(numberOf(1), "no_answer", "answered");
    const id = await world.create({ tasks: tasksOf(1), retry_config: { enabled: true, max_attempts: 3 } });
    await execute(id);
    await world.clock.advance({ seconds: 5 });
    await edit(id, { retry_config: { enabled: true, max_attempts: 1 } });
    await world.clock.advance({ hours: 5 });
    expect(rung()).toHaveLength(1);
    expect(await statusOf(id, 1)).toMatchObject({ status: "failed" });
  });
});

describe("a list that an earlier version stored with a number in a form that its country has retired", () => {
  const [retired, today] = ["+5215512345678", "+525512345678"];
  let id: string;
  beforeEach(async () => {
    const made = await world.store.getBatch("org_first", await world.create({ tasks: tasksOf(1) }));
    if (!made) throw new Error("The batch is gone");
    id = `${made.id}_older`;
    const list = [retired, numberOf(1)].map((toNumber, n) => ({ row: n + 1, toNumber, variables: {} }));
    await world.store.createBatch({ ...made, id }, list);
  });

  test.each([retired, today])("takes that person out by %s", async (number) => {
    const { body } = await remove(id, { to_numbers: [number] });
    expect(body.data.list_change).toMatchObject({ removed: 1, not_found: 0 });
    expect((await tasksOfBatch(id)).map(({ to_number }) => to_number)).toEqual([numberOf(1)]);
  });

  test.each([retired, today])("takes nobody on twice who joins as %s", async (number) => {
    const wanted = [{ to_number: number }, { to_number: numberOf(1) }];
    expect((await append(id, wanted)).body.data.list_change).toMatchObject({ added: 0, unchanged: 2 });
    expect((await replace(id, wanted)).body.data.list_change).toMatchObject({ added: 0, removed: 0, unchanged: 2 });
    expect((await world.batch(id)).total).toBe(2);
  });

  test.each([retired, today])("takes %s as nobody's fallback number", async (number) => {
    const { status, body } = await append(id, [{ to_number: numberOf(2), fallback_number: number }]);
    expect([status, body.error]).toEqual([400, expect.stringContaining("Is the number of row 1")]);
  });
});
