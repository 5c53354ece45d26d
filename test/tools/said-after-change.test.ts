import { afterEach, expect, test } from "vitest";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World } from "../support/world.ts";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
});

async function started(count: number, wait: { readonly seconds?: number; readonly hours?: number }) {
  const world = await startWorld({ now: "2026-03-02T15:00:00Z", service: { maxConcurrent: 10, startsPerSecond: 1 } });
  worlds.push(world);
  const tasks_csv = ["phone", ...Array.from({ length: count }, (_, n) => usNumber(n))].join("\n");
  const created = await world.tool("create_batch_call", request(1, { tasks: undefined, tasks_csv, start: "now" }));
  await world.clock.advance(wait);
  return { world, batch_id: created.batch.batch_id, list_id: created.list_id };
}

test("a list of a batch that is over is deleted without a word of calls that go on", async () => {
  const { world, batch_id, list_id } = await started(3, { hours: 1 });
  expect((await world.tool("get_batch_status", { batch_id })).batch.status).toBe("completed");
  const text = await world.text("delete_list", { list_id });
  expect(text).toContain(`${batch_id}: this stops no call;`);
  expect(text).not.toContain("go on");
});

test("a change of linked batches says that calls of the parts that are not held go on", async () => {
  const { world, batch_id } = await started(1100, { seconds: 30 });
  const { batch } = await world.tool("get_batch_status", { batch_id });
  expect(await world.text("update_batch", { batch_id, name: "One" })).toContain("Calls go on.");
  await world.tool("pause_batch", { batch_id: batch.parts[1].batch_id });
  const text = await world.text("update_batch", { batch_id, name: "Two" });
  expect(text).toContain("Calls of the parts that are not held go on; resume_batch lets the others go on.");
});
