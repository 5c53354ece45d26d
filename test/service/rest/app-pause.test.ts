import { afterEach, beforeEach, expect, test } from "vitest";
import { batchOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";
import { waitUntil } from "../../support/wait-until.ts";

let world: ServiceWorld;
let acceptDial: (() => void) | undefined;
beforeEach(async () => {
  acceptDial = undefined;
  world = await ServiceWorld.start();
  world.carrier.dial = () =>
    new Promise((resolve) => {
      acceptDial = resolve;
    });
});
afterEach(() => world.stop());

test.each([
  ["pause", { is_paused: true }],
  ["cancel", { status: "cancelled" }],
])("%s answers only when the dial that is on its way has arrived", async (step, expected) => {
  const body = batchOf({ status: undefined, send_now: true, tasks: tasksOf(1) });
  const id = (await world.call("POST", "/batch-call", { body })).body.batch_call_id;
  await waitUntil("the dial reaches the carrier", () => acceptDial !== undefined);

  let isAnswered = false;
  const answer = world.call("POST", `/batch-call/${id}/${step}`).finally(() => {
    isAnswered = true;
  });
  await expect.poll(() => world.batch(id), { message: `${step} shows before it is answered` }).toMatchObject(expected);
  for (let n = 0; n < 10; n++) await world.batch(id);
  expect(isAnswered).toBe(false);

  acceptDial?.();
  expect((await answer).body.data).toMatchObject(expected);
});
