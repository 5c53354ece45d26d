import { afterEach, beforeEach, expect, test } from "vitest";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  // A rehearsal begins at the time of the machine.
  world = await startWorld({ now: new Date().toISOString() });
});
afterEach(() => world.stop());

const tasks = [
  ...Array.from({ length: 20 }, (_, index) => ({ to_number: `+1212555${1000 + index}` })),
  ...Array.from({ length: 10 }, (_, index) => ({ to_number: `+1415555${2000 + index}` })),
];

test("a preview that rehearses tells when phones ring in each zone, the outcomes and the end, and calls nobody", async () => {
  const retries = {
    retry_config: { enabled: true, max_attempts: 2 },
    retry_rules: [{ condition: "no_answer", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 180 } }],
  };
  const answer = await world.tool(
    "preview_batch_call",
    request(1, { tasks, start: "now", rehearse: true, ...retries }),
  );
  const { rehearsal } = answer;
  const calls = Number(
    / (\d+) calls; the last ends at \d{4}-\d\d-\d\d \d\d:\d\d.* \(America\/New_York\)\./.exec(rehearsal)?.[1],
  );
  expect(calls).toBeGreaterThan(30);
  const hours = [...rehearsal.matchAll(/^- (\S+) \d{4}-\d\d-\d\d \d\d:00: (\d+) calls?, \d+ answered$/gm)];
  expect(hours.reduce((sum, [, , rings]) => sum + Number(rings), 0)).toBe(calls);
  expect(new Set(hours.map(([, zone]) => zone))).toEqual(new Set(["America/New_York", "America/Los_Angeles"]));
  expect(hours.length).toBeGreaterThan(2);
  const outcomes = [...(/Outcomes of the calls: (.*)/.exec(rehearsal)?.[1]?.matchAll(/\d+/g) ?? [])];
  expect(outcomes.reduce((sum, [count]) => sum + Number(count), 0)).toBe(calls);
  expect(world.carrier.rings).toEqual([]);
  expect((await world.tool("list_batches")).batches).toEqual([]);
});

test("without it nothing is rehearsed", async () => {
  expect((await world.tool("preview_batch_call", request(3))).rehearsal).toBeUndefined();
});

test("a time to start holds in the rehearsal, on each one's clock too", async () => {
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, "2026-03-05".length);
  const start = { start: "at_time", start_at: `${day}T10:00`, timezone: "recipient" };
  const { rehearsal } = await world.tool("preview_batch_call", request(1, { tasks, rehearse: true, ...start }));
  for (const zone of ["America/New_York", "America/Los_Angeles"])
    expect(rehearsal).toContain(`- ${zone} ${day} 10:00: `);
});
