import { afterEach, beforeEach, expect, test } from "vitest";
import { batchOf, numberOf, type Reply, ServiceWorld, type Tenant, tasksOf } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
});
afterEach(() => world.stop());

function create(key: string, overrides: object = {}, as: Tenant = "first"): Promise<Reply> {
  return world.call("POST", "/batch-call", { body: batchOf(overrides), headers: { "Idempotency-Key": key }, as });
}

async function countBatches(as: Tenant = "first"): Promise<number> {
  return (await world.call("GET", "/batch-call/list", { as })).body.data.pagination.total_count;
}

test("twenty keys in twenty copies each, all at once, make twenty batches", async () => {
  const keys = Array.from({ length: 20 }, (_, n) => `key-${n}`);
  const replies = await Promise.all(
    keys.flatMap((key) => Array.from({ length: 20 }, () => create(key, { name: key }))),
  );
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  expect(replies.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(20);
  const idsByName = new Map<string, Set<string>>();
  for (const { body } of replies)
    idsByName.set(body.name, (idsByName.get(body.name) ?? new Set()).add(body.batch_call_id));
  expect([...idsByName.values()].map((ids) => ids.size)).toEqual(keys.map(() => 1));
  expect(await countBatches()).toBe(20);
});

test("a replay shows the batch as it is now, also after the time in the body has passed", async () => {
  const overrides = { status: undefined, trigger_timestamp: Date.parse("2026-02-02T16:00:00Z") };
  const first = await create("key", overrides);
  await world.clock.advance({ hours: 4 });
  const replay = await create("key", overrides);
  expect([replay.status, replay.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
  expect(replay.body).toMatchObject({ batch_call_id: first.body.batch_call_id, status: "completed" });
  expect(world.carrier.rings).toHaveLength(2);
});

test("the same key with another body is 422 and creates nothing", async () => {
  await create("key");
  const reply = await create("key", { name: "Other" });
  expect([reply.status, reply.body.status, reply.body.message]).toEqual([422, "error", "Idempotency error"]);
  expect(await countBatches()).toBe(1);
});

test("another way of writing the same body is the same body", async () => {
  const at = Date.parse("2026-02-03T15:00:00Z");
  const variables = { first_name: "Ann", order: { id: 7, tags: ["a", "b"] } };
  const task = { to_number: numberOf(1), dynamic_variables: variables };
  const body = batchOf({ trigger_timestamp: at, tasks: [task] });
  const first = await world.call("POST", "/batch-call", { body, headers: { "Idempotency-Key": "key" } });
  const { tasks: _, ...rest } = body;
  const reordered = {
    dynamic_variables: { order: { tags: ["a", "b"], id: 7 }, first_name: "Ann" },
    to_number: numberOf(1),
  };
  const ways = [
    JSON.stringify(body, null, 2),
    JSON.stringify({ tasks: [reordered], ...rest, status: "DRAFT", trigger_timestamp: at / 1000, send_now: null }),
    JSON.stringify(body).replace("Ann", "\\u0041nn"),
  ];
  for (const rawBody of ways) {
    const again = await world.call("POST", "/batch-call", { rawBody, headers: { "Idempotency-Key": "key" } });
    expect([again.status, again.body.batch_call_id]).toEqual([200, first.body.batch_call_id]);
  }
  // The time of the first one has passed for a repeat that comes late.
  await world.clock.advance({ days: 2 });
  const late = await world.call("POST", "/batch-call", { body, headers: { "Idempotency-Key": "key" } });
  expect(late.headers.get("idempotent-replayed")).toBe("true");
});

test.each([
  ["the order of the tasks", { tasks: tasksOf(2).toReversed() }],
  ["a variable", { tasks: tasksOf(2).map((task) => ({ ...task, dynamic_variables: { first_name: "Bob" } })) }],
  ["quiet hours", { quiet_hours: { start_time: "21:00", end_time: "09:00" } }],
  ["the time", { trigger_timestamp: 4_000_000_000_000 }],
  ["the start", { send_now: true, status: undefined }],
])("a body that differs in %s is another body", async (_what, overrides) => {
  await create("key");
  expect((await create("key", overrides)).status).toBe(422);
});

test("a key is of one organization", async () => {
  const first = await create("key");
  const second = await create("key", {}, "second");
  expect(second.body.batch_call_id).not.toBe(first.body.batch_call_id);
  expect(await countBatches("second")).toBe(1);
});

test("a body that was refused does not use up its key", async () => {
  expect((await create("key", { tasks: [] })).status).toBe(400);
  expect((await create("key")).status).toBe(200);
});

test("a late copy does not bring a deleted batch back", async () => {
  const { body } = await create("key");
  await world.call("DELETE", `/batch-call/${body.batch_call_id}`);
  expect((await create("key")).status).toBe(422);
  expect(await countBatches()).toBe(0);
});

test("a key is kept for 30 days, over a restart, and no longer", async () => {
  const { body } = await create("key");
  await world.clock.advance({ days: 29 });
  await world.restart();
  expect((await create("key")).body.batch_call_id).toBe(body.batch_call_id);
  await world.clock.advance({ days: 2 });
  expect((await create("key")).body.batch_call_id).not.toBe(body.batch_call_id);
});

test.each(["", "k".repeat(256)])("a key of %j is refused", async (key) => {
  expect((await create(key)).status).toBe(400);
});
