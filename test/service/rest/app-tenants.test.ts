import { afterAll, beforeAll, expect, test } from "vitest";
import { batchOf, numberOf, ServiceWorld } from "../../support/service-world.ts";

let world: ServiceWorld;
let batchId: string;
let callId: string;
beforeAll(async () => {
  world = await ServiceWorld.start();
  batchId = await world.create({ status: undefined, send_now: true });
  const { body } = await world.call("GET", `/batch-call/${batchId}/tasks`);
  callId = body.data.tasks[0].call_id;
  await world.call("POST", "/do-not-call", { body: { numbers: [numberOf(9)] } });
});
afterAll(() => world.stop());

function bodyFor(route: string): object | undefined {
  switch (route) {
    case "PUT ":
      return batchOf();
    case "PATCH ":
      return { name: "Mine now" };
    case "POST /tasks":
    case "PUT /tasks":
      return { tasks: [{ to_number: numberOf(1) }] };
    case "POST /tasks/remove":
      return { to_numbers: [numberOf(1)] };
    default:
      return undefined;
  }
}

test.each([
  ["GET", ""],
  ["PUT", ""],
  ["PATCH", ""],
  ["DELETE", ""],
  ["POST", "/execute"],
  ["POST", "/pause"],
  ["POST", "/resume"],
  ["POST", "/cancel"],
  ["GET", "/tasks"],
  ["POST", "/tasks"],
  ["PUT", "/tasks"],
  ["POST", "/tasks/remove"],
])("%s of another organization's batch%s is answered like an unknown id", async (method, suffix) => {
  const body = bodyFor(`${method} ${suffix}`);
  const before = await world.batch(batchId);
  const foreign = await world.call(method, `/batch-call/${batchId}${suffix}`, { as: "second", body });
  const unknown = await world.call(method, `/batch-call/batch_call_${"0".repeat(32)}${suffix}`, { as: "second", body });
  expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
  expect(await world.batch(batchId)).toEqual(before);
});

test("another organization's call is answered like an unknown one", async () => {
  expect((await world.call("GET", `/api/calls/${callId}`)).status).toBe(200);
  const foreign = await world.call("GET", `/api/calls/${callId}`, { as: "second" });
  const never = `call_${"0".repeat(32)}`;
  const unknown = await world.call("GET", `/api/calls/${never}`, { as: "second" });
  expect(foreign.status).toBe(404);
  expect(JSON.stringify(foreign.body).replaceAll(callId, never)).toBe(JSON.stringify(unknown.body));
});

test.each([
  ["GET", "/batch-call/list", "batch_calls"],
  ["POST", "/batch-call/list", "batch_calls"],
  ["GET", "/api/calls", "calls"],
  ["POST", "/api/calls", "calls"],
  ["GET", "/do-not-call", "numbers"],
])("%s %s shows only the organization's own", async (method, path, rows) => {
  expect((await world.call(method, path)).body.data[rows]).not.toEqual([]);
  const foreign = await world.call(method, path, { as: "second" });
  expect(foreign.body.data[rows]).toEqual([]);
  expect(foreign.body.data.pagination.total_count).toBe(0);
});

test("calls cannot be found by another organization's batch", async () => {
  expect((await world.call("GET", `/api/calls?batch_call_id=${batchId}`)).body.data.calls).toHaveLength(2);
  expect((await world.call("GET", `/api/calls?batch_call_id=${batchId}`, { as: "second" })).body.data.calls).toEqual(
    [],
  );
});

test("the do-not-call list of one organization does not touch another", async () => {
  const check = { body: { numbers: [numberOf(9)] } };
  expect((await world.call("POST", "/do-not-call/check", { ...check, as: "second" })).body.data.listed).toEqual([]);
  expect((await world.call("POST", "/do-not-call/remove", { ...check, as: "second" })).body.data.removed).toBe(0);
  expect((await world.call("POST", "/do-not-call/check", check)).body.data.listed).toEqual([numberOf(9)]);
});
