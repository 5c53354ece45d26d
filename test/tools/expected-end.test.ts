import { afterEach, expect, test } from "vitest";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World } from "../support/world.ts";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
});

async function running(rows: readonly string[], changes: object): Promise<{ world: World; batch_id: string }> {
  const world = await startWorld({
    now: "2026-03-02T15:00:00Z",
    service: { maxConcurrent: 10, startsPerSecond: 1 },
  });
  worlds.push(world);
  const tasks_csv = ["phone,Zone", ...rows].join("\n");
  const { batch } = await world.tool(
    "create_batch_call",
    request(1, { tasks: undefined, tasks_csv, columns: { timezone: "Zone" }, start: "now", ...changes }),
  );
  return { world, batch_id: batch.batch_id };
}

const zones = ["America/New_York", "Pacific/Honolulu"];
const rows = (count: number) => Array.from({ length: count }, (_, n) => `${usNumber(n)},${zones[n % zones.length]}`);

test.each([40, 1100])("no end is told of %i people of whom some wait for ten on their own clock", async (count) => {
  const theirTen = { start: "at_time", start_at: "2026-03-02T10:30", timezone: "recipient" };
  const { world, batch_id } = await running(rows(count), theirTen);
  await world.clock.advance({ minutes: 31 });
  const { batch } = await world.tool("get_batch_status", { batch_id });
  expect(batch.calls_per_minute).toBeGreaterThan(0);
  expect(batch.waits_for.recipient_clock).toBe(count / 2);
  expect(batch).not.toHaveProperty("eta_at");
});

test("a batch that a count of outcomes may end says so beside its expected end", async () => {
  const { world, batch_id } = await running(rows(100), { stop_when: { outcome: "answered", count: 90 } });
  await world.clock.advance({ seconds: 30 });
  const earlier = "It may end earlier: when 90 people have the outcome answered.";
  const { batch } = await world.tool("get_batch_status", { batch_id });
  expect(batch).toHaveProperty("eta_at");
  expect(batch.steering).toEqual([earlier]);
  expect(await world.text("get_batch_status", { batch_id })).toContain(earlier);
  await world.clock.advance({ hours: 1 });
  const { batch: ended } = await world.tool("get_batch_status", { batch_id });
  expect(JSON.stringify(ended.steering ?? [])).not.toContain("may end earlier");
});
