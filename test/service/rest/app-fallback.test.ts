import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agreementTo } from "../../support/agreements.ts";
import { callerId, type Json, numberOf, ServiceWorld } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
  world.carrier.environment = "live";
});
afterEach(() => world.stop());

const person = (n: number, fallback?: number): Json => ({
  to_number: numberOf(n),
  ...(fallback !== undefined && { fallback_number: numberOf(fallback) }),
});
const rung = (): readonly string[] => world.carrier.rings.map(({ toNumber }) => toNumber);
const tasksOfBatch = async (id: string): Promise<Json[]> =>
  (await world.call("GET", `/batch-call/${id}/tasks?limit=100`)).body.data.tasks;

test("a fallback number is called when the first was not reached, and each attempt tells its number", async () => {
  world.carrier.script(numberOf(1), "no_answer");
  const id = await world.create({ tasks: [person(1, 2)], status: "draft" });
  expect((await world.batch(id)).max_attempts).toBe(2);
  expect((await world.call("POST", `/batch-call/${id}/execute`)).status).toBe(200);
  await world.clock.advance({ hours: 1 });
  expect(rung()).toEqual([numberOf(1), numberOf(2)]);
  const [task] = await tasksOfBatch(id);
  expect(task).toMatchObject({
    to_number: numberOf(1),
    fallback_number: numberOf(2),
    status: "completed",
    attempt_count: 2,
    attempts: [
      { attempt: 1, to_number: numberOf(1), outcome: "no_answer" },
      { attempt: 2, to_number: numberOf(2), outcome: "answered" },
    ],
  });
  expect((await world.call("GET", `/api/calls/${task.call_id}`)).body.data).toMatchObject({ to_number: numberOf(2) });
  expect(await world.batch(id)).toMatchObject({ total: 1, sent: 1, counts: { total: 1, completed: 1 } });
});

describe.each([
  ["the number of the recipient", [person(1, 1)], "tasks[0].fallback_number: Must differ from to_number."],
  ["another recipient's", [person(1, 2), person(2)], "tasks[0].fallback_number: Is the number of row 2"],
  ["another's fallback number", [person(1, 3), person(2, 3)], "tasks[1].fallback_number: Is the number of row 1"],
  ["the caller id", [{ ...person(1), fallback_number: callerId }], "fallback_number: Must differ from from_number."],
  ["no number", [{ ...person(1), fallback_number: "555-0101" }], "tasks[0].fallback_number"],
])("a fallback number that is %s", (_what, tasks, error) => {
  test("is refused in a new batch", async () => {
    const { status, body } = await world.call("POST", "/batch-call", {
      body: { from_number: callerId, status: "draft", tasks },
    });
    expect([status, body.error]).toEqual([400, expect.stringContaining(error)]);
  });

  test("is refused in a change of the list, which stays as it was", async () => {
    const id = await world.create({ tasks: [person(9)], status: "draft" });
    const { status, body } = await world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks } });
    expect([status, body.error]).toEqual([400, expect.stringContaining("fallback_number")]);
    expect((await tasksOfBatch(id)).map(({ to_number }) => to_number)).toEqual([numberOf(9)]);
  });
});

test("somebody who joins with a number that is another's fallback is refused while that may be called", async () => {
  const id = await world.create({ tasks: [person(1, 2)], status: "draft" });
  const { status, body } = await world.call("POST", `/batch-call/${id}/tasks`, { body: { tasks: [person(2)] } });
  expect([status, body.error]).toEqual([400, expect.stringContaining("Is the number of row 2")]);
});

test("another fallback number is other content, which the agreement of a person does not cover", async () => {
  world.carrier.callMs = 10 * 60_000;
  world.carrier.script(numberOf(1), "no_answer");
  const id = await world.create({ tasks: [person(1), person(2, 3)], status: "draft" });
  const before = (await world.batch(id)).content_digest;
  const grant = await agreementTo(world, id);
  await world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks: [person(1), person(2, 4)] } });
  expect((await world.batch(id)).content_digest).not.toBe(before);
  const started = await world.call("POST", `/batch-call/${id}/execute`, { body: { grant } });
  expect(started.status).toBe(409);
  await world.clock.advance({ hours: 1 });
  expect(rung()).toEqual([]);
});

test("a fallback number that joins a running batch waits for an agreement", async () => {
  const busyLater = { retry_config: { enabled: true, max_attempts: 2 } };
  world.carrier.script(numberOf(1), "no_answer");
  const id = await world.create({ tasks: [person(1)], status: "draft", ...busyLater });
  await world.call("POST", `/batch-call/${id}/execute`, { body: { grant: await agreementTo(world, id) } });
  await world.clock.advance({ minutes: 5 });
  const { body } = await world.call("PUT", `/batch-call/${id}/tasks`, { body: { tasks: [person(1, 2)] } });
  expect(body.data.list_change).toMatchObject({ added: 0, changed: 1 });
  expect(body.data.batch).toMatchObject({ is_paused: true, grant: { state: "ended" } });
  await world.clock.advance({ hours: 5 });
  expect(rung()).toEqual([numberOf(1)]);
  await world.call("POST", `/batch-call/${id}/resume`, { body: {} });
  await world.clock.advance({ hours: 5 });
  expect(rung()).toEqual([numberOf(1), numberOf(1), numberOf(2)]);
});

test("the same body with another fallback number is another body to the Idempotency-Key", async () => {
  const headers = { "Idempotency-Key": "key_1" };
  const create = (fallback: number) =>
    world.call("POST", "/batch-call", {
      headers,
      body: { from_number: callerId, status: "draft", tasks: [person(1, fallback)] },
    });
  expect([(await create(2)).status, (await create(2)).status, (await create(3)).status]).toEqual([200, 200, 422]);
});
