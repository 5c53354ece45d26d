import { afterEach, beforeEach, expect, test } from "vitest";
import { batchOf, type Json, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";
import { waitUntil } from "../../support/wait-until.ts";

let world: ServiceWorld;
let acceptDial: (() => void) | undefined;
beforeEach(async () => {
  acceptDial = undefined;
  world = await ServiceWorld.start();
  world.carrier.dial = () =>
    new Promise((resolve) => {
      acceptDial = () => resolve({ kind: "taken" });
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

test("a stop is answered only when the dial of a batch that another stop held has arrived", async () => {
  const body = batchOf({ status: undefined, send_now: true, tasks: tasksOf(1) });
  const id = (await world.call("POST", "/batch-call", { body })).body.batch_call_id;
  await waitUntil("the dial reaches the carrier", () => acceptDial !== undefined);
  const stop = () => world.call("PUT", "/stop", { body: { stopped: true } });
  const first = stop();
  await expect.poll(() => world.batch(id), { message: "the stop shows" }).toMatchObject({ is_paused: true });
  let isAnswered = false;
  const second = stop().finally(() => {
    isAnswered = true;
  });
  for (let n = 0; n < 10; n++) await world.batch(id);
  expect(isAnswered).toBe(false);
  acceptDial?.();
  await Promise.all([first, second]);
});

test.each([1, 2])(
  "who opts out with number %i of theirs is answered only when the dial to the other one has arrived",
  async (n) => {
    const dialed: Json[] = [];
    world.carrier.dial = async (request) => {
      dialed.push(request.toNumber);
      if (request.toNumber === numberOf(1)) {
        world.carrier.ring(request);
        return { kind: "taken" };
      }
      return new Promise((resolve) => {
        acceptDial = () => resolve({ kind: "taken" });
      });
    };
    world.carrier.script(numberOf(1), "no_answer");
    const tasks = [{ to_number: numberOf(1), fallback_number: numberOf(2) }];
    await world.call("POST", "/batch-call", { body: batchOf({ status: undefined, send_now: true, tasks }) });
    await waitUntil("the first number rings", () => dialed.length === 1);
    void world.clock.advance({ minutes: 1 });
    await waitUntil("the dial to the second number reaches the carrier", () => acceptDial !== undefined);

    let isAnswered = false;
    const answer = world.call("POST", "/do-not-call", { body: { numbers: [numberOf(n)] } }).finally(() => {
      isAnswered = true;
    });
    const isListed = async () =>
      (await world.call("POST", "/do-not-call/check", { body: { numbers: [numberOf(n)] } })).body.data;
    for (let look = 0; look < 20; look++) await isListed();
    expect(isAnswered).toBe(false);
    acceptDial?.();
    expect((await answer).status).toBe(200);
  },
);
