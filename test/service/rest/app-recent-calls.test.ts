import { afterEach, beforeEach, expect, test } from "vitest";
import { numberOf, ServiceWorld } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
});
afterEach(() => world.stop());

test("the last calls to numbers are told, and whose they were", async () => {
  const ask = (body: object) => world.call("POST", "/api/calls/recent", { body });
  const numbers = [numberOf(1), numberOf(2)];
  const before = world.clock.now().getTime();
  expect((await ask({ numbers, since_timestamp: before })).body.data).toEqual({ calls: [] });
  world.carrier.script(numberOf(2), "no_answer");
  const id = await world.create({ status: "sent", send_now: true });
  await world.clock.advance({ minutes: 5 });
  const { calls } = (await ask({ numbers, since_timestamp: before })).body.data;
  expect(calls).toEqual([
    expect.objectContaining({ phone_number: numberOf(1), batch_call_id: id, reached_batch_call_id: id }),
    expect.objectContaining({ phone_number: numberOf(2), batch_call_id: id, reached_batch_call_id: null }),
  ]);
  expect((await ask({ numbers, since_timestamp: world.clock.now().getTime() })).body.data.calls).toEqual([]);
  expect((await ask({ numbers, since_timestamp: before, except_batch_ids: [id] })).body.data.calls).toEqual([]);
  expect(
    (await world.call("POST", "/api/calls/recent", { body: { numbers, since_timestamp: before }, as: "second" })).body
      .data.calls,
  ).toEqual([]);
  for (const wrong of [{ numbers }, { numbers: ["12"], since_timestamp: 0 }, { numbers, since_timestamp: -1 }])
    expect((await ask(wrong)).status).toBe(400);
});
