import { afterEach, beforeEach, expect, test } from "vitest";
import { BreakingProxy } from "../../support/http/breaking-proxy.ts";
import { request, startWorld, type World } from "../../support/world.ts";

// The client repeats a create to our own service once under the same key, so two lost answers are one lost create.
const lostCreate = 2;

let proxy: BreakingProxy;
let world: World;
beforeEach(async () => {
  proxy = await BreakingProxy.start();
  world = await startWorld({
    upstream: (serviceUrl) => {
      proxy.target = serviceUrl;
      return proxy.url;
    },
  });
});
afterEach(async () => {
  await world.stop();
  await proxy.stop();
});

const create = (changes: object = {}) => world.tool("create_batch_call", request(3, changes));
const inAnHour = { start: "at_time", start_at: "2026-03-02T11:00" };

test("a create whose answer is lost rings nobody and is found again by the next identical one", async () => {
  proxy.lostAnswers = lostCreate;
  const problem = await world.problem("create_batch_call", request(3, { start: "now" }));
  expect(problem.code).toBe("outcome_unknown");
  expect(problem.message).toMatch(/sent as a draft, which calls nobody, and only its status tells .*Call list_batches/);
  expect(problem.message).not.toContain("nobody is being called");

  const { batch, replayed } = await create();
  expect(replayed).toBe(true);
  expect((await world.tool("list_batches")).batches).toMatchObject([{ batch_id: batch.batch_id, status: "draft" }]);
  expect(world.carrier.rings).toEqual([]);
});

test("a repeat that names another time finds the first request's draft and sets the new time", async () => {
  proxy.lostAnswers = lostCreate;
  await world.problem("create_batch_call", request(3, inAnHour));
  const { batch } = await create({ start: "at_time", start_at: "2026-03-02T12:00" });
  expect(batch).toMatchObject({ status: "scheduled", scheduled_at: { local: "2026-03-02T12:00" } });
  expect((await world.tool("list_batches")).batches).toHaveLength(1);
});

test("a draft whose time has passed meanwhile is still found", async () => {
  proxy.lostAnswers = lostCreate;
  await world.problem("create_batch_call", request(3, inAnHour));
  await world.clock.advance({ hours: 2 });
  expect((await create()).replayed).toBe(true);
  expect((await world.tool("list_batches")).batches).toHaveLength(1);
});

test("a create whose process died in the middle is settled by another within seconds", async () => {
  proxy.withheldAnswers = 1;
  const dead = world.another();
  const unanswered = dead.problem("create_batch_call", request(3));
  await proxy.withheld;

  const settled = create();
  await world.clock.advance({ seconds: 3 });
  expect((await settled).replayed).toBe(true);
  expect((await world.tool("list_batches")).batches).toHaveLength(1);
  await world.clock.advance({ seconds: 60 });
  await unanswered.catch(() => {});
});
