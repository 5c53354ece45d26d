import { afterEach, describe, expect, test } from "vitest";
import { zonesOfRecipient } from "../../src/domain/phone/recipient-time.ts";
import { toWallTime } from "../../src/domain/time/zone.ts";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World, type WorldSetup } from "../support/world.ts";

// What was said of "their time" goes on to hold where a later call gives another time alone.

const open: World[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.stop();
});

async function start(setup: WorldSetup = {}): Promise<World> {
  const world = await startWorld({ now: "2026-03-02T15:00:00Z", ...setup });
  open.push(world);
  return world;
}

const newYork = "+12125550101";
const losAngeles = "+12135550102";
const honolulu = "+18085550103";
const people = [newYork, losAngeles, honolulu];
const tasks = people.map((to_number) => ({ to_number, dynamic_variables: { first_name: "P" } }));
const tenTheirTime = { start: "at_time", start_at: "2026-03-03T10:00", timezone: "recipient" };
const eleven = "2026-03-03T11:00";
const atEleven = {
  [newYork]: "2026-03-03T16:00",
  [losAngeles]: "2026-03-03T19:00",
  [honolulu]: "2026-03-03T21:00",
};
const rings = (world: World) =>
  Object.fromEntries(world.carrier.rings.map(({ toNumber, at }) => [toNumber, at.toISOString().slice(0, 16)]));

async function scheduled(world: World, changes: object = {}): Promise<string> {
  const { batch } = await world.tool("create_batch_call", request(1, { tasks, ...tenTheirTime, ...changes }));
  return batch.batch_id;
}

describe("another start_at alone, of a batch on its recipients' clocks, is that time of theirs", () => {
  test("given by update_batch, and started for what the batch then says", async () => {
    const world = await start();
    const id = await scheduled(world);
    const { batch } = await world.tool("update_batch", { batch_id: id, start_at: eleven });
    expect(batch).toMatchObject({ status: "draft", start_local: eleven });
    expect(await world.text("get_batch_status", { batch_id: id })).toContain(
      `Nobody is called before ${eleven} on their own clock`,
    );
    await world.tool("start_batch", { batch_id: id, start: "at_time", start_at: eleven });
    await world.clock.advance({ hours: 40 });
    expect(rings(world)).toEqual(atEleven);
  });

  test.each(["start_batch", "update_batch"])("given to %s for a draft that had no time yet", async (name) => {
    const world = await start();
    const { batch } = await world.tool(
      "create_batch_call",
      request(1, { tasks, start: "draft", timezone: "recipient" }),
    );
    const id = batch.batch_id;
    if (name === "update_batch") await world.tool(name, { batch_id: id, start_at: eleven });
    const started = await world.tool("start_batch", { batch_id: id, start: "at_time", start_at: eleven });
    expect(started.batch).toMatchObject({ status: "scheduled", start_local: eleven });
    await world.clock.advance({ hours: 40 });
    expect(rings(world)).toEqual(atEleven);
  });

  test("and not for a draft without a time that was given another zone since, nor one that never was on theirs", async () => {
    const world = await start();
    for (const [made, changed] of [
      [{ timezone: "recipient" }, { timezone: "America/Los_Angeles" }],
      [{ timezone: "America/Los_Angeles", allow_duplicate: true }, { name: "Another" }],
    ]) {
      const { batch } = await world.tool("create_batch_call", request(1, { tasks, start: "draft", ...made }));
      await world.tool("update_batch", { batch_id: batch.batch_id, ...changed });
      const started = await world.tool("start_batch", { batch_id: batch.batch_id, start: "at_time", start_at: eleven });
      expect(started.batch.start_local).toBeUndefined();
      expect(started.batch.scheduled_at.utc).toBe("2026-03-03T19:00:00Z");
    }
  });

  test("given by start_batch", async () => {
    const world = await start();
    const id = await scheduled(world);
    const { batch } = await world.tool("start_batch", { batch_id: id, start: "at_time", start_at: eleven });
    expect(batch).toMatchObject({ status: "scheduled", start_local: eleven });
    await world.clock.advance({ hours: 40 });
    expect(rings(world)).toEqual(atEleven);
  });

  test("and one that has passed on one of their clocks is refused as such a time", async () => {
    const world = await start();
    const id = await scheduled(world);
    for (const [tool, changes] of [
      ["update_batch", {}],
      ["start_batch", { start: "at_time" }],
    ] as const) {
      const { issues } = await world.problem(tool, { batch_id: id, start_at: "2026-03-02T09:00", ...changes });
      expect(issues).toMatchObject([{ field: "start_at", code: "in_past_for_some" }]);
    }
  });

  test("in linked batches", async () => {
    const world = await start({ service: { maxConcurrent: 2000, startsPerSecond: 2000 } });
    const rows = Array.from({ length: 1001 }, (_, n) => `${usNumber(n)},${n === 7 ? "Pacific/Honolulu" : ""}`);
    const tasks_csv = ["phone,timezone", ...rows].join("\n");
    const id = await scheduled(world, { tasks: undefined, tasks_csv });
    const { batch } = await world.tool("update_batch", { batch_id: id, start_at: eleven });
    expect(batch).toMatchObject({ status: "draft", start_local: eleven });
    await world.tool("start_batch", { batch_id: id, start: "at_time", start_at: eleven });
    await world.clock.advance({ hours: 40 });
    expect(rings(world)).toMatchObject({ [usNumber(7)]: "2026-03-03T21:00" });
  });

  test("where a person is asked, who reads it as such", async () => {
    const world = await start({ carrierEnvironment: "live" });
    const id = await scheduled(world, { start: "draft", start_at: undefined });
    await world.tool("update_batch", { batch_id: id, start_at: "2026-03-03T10:00", timezone: "recipient" });
    world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
    await world.tool("start_batch", { batch_id: id, start: "at_time", start_at: eleven });
    expect(world.person.asked.at(-1)?.start).toMatchObject({ local: eleven });
    await world.clock.advance({ hours: 40 });
    expect(rings(world)).toEqual(atEleven);
  });
});

describe("has one meaning, and is taken at its word:", () => {
  test.each([
    ["a time with an offset", { start_at: "2026-03-03T11:00-05:00" }],
    ["a time with Z", { start_at: "2026-03-03T16:00Z" }],
    ["a time with a zone beside it", { start_at: eleven, timezone: "America/New_York" }],
  ])("%s", async (_what, at) => {
    const world = await start();
    const id = await scheduled(world);
    const { batch } = await world.tool("update_batch", { batch_id: id, ...at });
    expect(batch).toMatchObject({ scheduled_at: { utc: "2026-03-03T16:00:00Z" } });
    expect(batch.start_local).toBeUndefined();
    const started = await world.tool("start_batch", { batch_id: id, start: "at_time", ...at });
    expect(started.batch.start_local).toBeUndefined();
  });
});

describe("ten their time on a day on which they are not called is ten on the next day on which they are", () => {
  test.each([
    ["a weekday", "2026-03-07T10:00", { days: ["saturday"] }, "2026-03-08"],
    ["weekdays and a date", "2026-03-07T10:00", { days: ["saturday", "sunday"], not_on: ["2026-03-09"] }, "2026-03-10"],
    ["a public holiday", "2026-12-25T10:00", { holidays: true }, "2026-12-26"],
  ])("%s", async (_what, start_at, closed, day) => {
    const world = await start({ now: `${start_at.slice(0, 8)}02T15:00:00Z` });
    const quiet_hours = { enabled: true, ...closed, timezone: "recipient" };
    const input = request(1, { tasks, ...tenTheirTime, start_at, quiet_hours });
    const { outlook } = await world.tool("preview_batch_call", input);
    expect(outlook.rings.first).toMatchObject({ date: day, time: "10:00" });
    await world.tool("create_batch_call", input);
    await world.clock.advance({ days: 30 });
    const local = world.carrier.rings.map(({ toNumber, at }) => {
      const [zone = ""] = zonesOfRecipient(toNumber);
      return toWallTime(at, zone).slice(0, 16);
    });
    expect(local).toEqual(people.map(() => `${day}T10:00`));
  });
});
