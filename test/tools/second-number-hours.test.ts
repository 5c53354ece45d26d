import { afterEach, expect, test } from "vitest";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
afterEach(() => world.stop());

const newYork = "+12125550101";
const honolulu = "+18085550103";
const boston = "+16175550104";
const night = { enabled: true, start_time: "21:00", end_time: "09:00", timezone: "recipient" };

/** When each number rang, after a call at 09:30 in New York that nobody answered. */
async function ringsOf(rows: readonly string[], changes: object = {}): Promise<Readonly<Record<string, string>>> {
  world = await startWorld({ now: "2026-03-02T14:30:00Z", carrier: { [newYork]: ["no_answer"] } });
  const input = request(1, {
    tasks: undefined,
    tasks_csv: ["phone,second phone,timezone", ...rows].join("\n"),
    columns: { to_number: ["phone", "second phone"], timezone: "timezone" },
    start: "now",
    quiet_hours: night,
    ...changes,
  });
  const { batch } = await world.tool("create_batch_call", input);
  await world.clock.advance({ minutes: 5 });
  const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
  expect(results[0].next_attempt_at?.utc).toBe(results[0].status === "pending" ? "2026-03-02T19:00:00Z" : undefined);
  await world.clock.advance({ hours: 24 });
  return Object.fromEntries(world.carrier.rings.map(({ toNumber, at }) => [toNumber, at.toISOString().slice(11, 16)]));
}

test.each([
  ["a zone that the list gives for the person", `${newYork},${honolulu},America/New_York`],
  ["no zone", `${newYork},${honolulu},`],
])("a second number of another clock rings outside quiet hours there too, with %s", async (_what, row) => {
  const rings = await ringsOf([row]);
  // Nine in Honolulu is 14:00 in New York.
  expect(rings).toEqual({ [newYork]: "14:30", [honolulu]: "19:00" });
});

test("a second number of the same clock follows at once, and so does one of a person who moved within it", async () => {
  const rings = await ringsOf([`${newYork},${boston},America/New_York`]);
  expect(Object.keys(rings)).toEqual([newYork, boston]);
  expect(rings[boston]).toMatch(/^14:3/);
});
