import { afterEach, expect, test } from "vitest";
import { longFile, longRequest } from "../../support/campaigns/long-list.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

test("linked batches that were started are no other batch than themselves: the same create and preview warn of nothing", async () => {
  world = await startWorld({ policy: { limits: { maxRecipientsPerStart: 2000, maxRecipientsPerDay: 1500 } } });
  await world.file("long.csv", longFile(1010));
  const first = await world.tool("create_batch_call", longRequest({ start: "now" }));
  expect(first.batch.parts).toHaveLength(2);
  await world.clock.advance({ seconds: 5 });
  const again = await world.tool("create_batch_call", longRequest({ start: "now" }));
  expect(again).toMatchObject({ replayed: true, batch: { batch_id: first.batch.batch_id } });
  expect(again["warnings"] ?? []).toEqual([]);
  expect((await world.tool("preview_batch_call", longRequest()))["warnings"] ?? []).toEqual([]);
  // Another batch of the same people is one.
  const other = await world.tool("preview_batch_call", longRequest({ name: "Other" }));
  expect(other["warnings"].join(" ")).toMatch(/in another batch/);
});
