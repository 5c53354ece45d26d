import { afterEach, beforeEach, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

/** What the tools' descriptions promise and no other test holds. */
let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

test("a paused batch is cancelled, and a second cancel is answered with it", async () => {
  const { batch } = await world.tool("create_batch_call", request(3, { start: "now" }));
  const id = { batch_id: batch.batch_id };
  await world.tool("pause_batch", id);
  const { batch: cancelled } = await world.tool("cancel_batch", id);
  expect(cancelled.status).toBe("cancelled");
  expect((await world.tool("cancel_batch", id)).batch).toMatchObject({ status: "cancelled", counts: cancelled.counts });
});

test("a number that is taken off the do-not-call list comes back into no batch, and both tools show numbers whole", async () => {
  const { batch } = await world.tool("create_batch_call", request(3));
  const numbers = [numberOf(2)];
  const added = await world.tool("update_do_not_call_list", { action: "add", numbers });
  expect(added.numbers).toEqual(numbers);
  expect((await world.tool("check_do_not_call", { numbers })).listed).toMatchObject([{ number: numberOf(2) }]);
  const countsOf = async () => (await world.tool("get_batch_status", { batch_id: batch.batch_id })).batch.counts;
  expect(await countsOf()).toMatchObject({ pending: 2, cancelled: 1 });
  expect((await world.tool("update_do_not_call_list", { action: "remove", numbers })).removed).toBe(1);
  expect(await countsOf()).toMatchObject({ pending: 2, cancelled: 1 });
});

test("a preview makes no batch and keeps its list, which stands for the rows", async () => {
  const preview = await world.tool("preview_batch_call", request(3));
  expect((await world.tool("list_batches")).batches).toEqual([]);
  expect((await world.tool("get_list", { list_id: preview.list_id })).rows).toMatchObject({ input: 3, accepted: 3 });
  const { batch } = await world.tool("create_batch_call", request(1, { tasks: undefined, list_id: preview.list_id }));
  expect(batch.counts.total).toBe(3);
});
