import { afterEach, describe, expect, test } from "vitest";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World, type WorldSetup } from "../support/world.ts";

// An end before which nobody has a minute rings nobody: it is refused before a person is asked, wherever it arises.

const open: World[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.stop();
});

// Monday 2 March 2026, 10:00 in New York.
async function start(setup: WorldSetup = {}): Promise<World> {
  const world = await startWorld({ now: "2026-03-02T15:00:00Z", ...setup });
  open.push(world);
  return world;
}

const newYork = "+12125550101";
const honolulu = "+18085550103";
const of = (changes: object, numbers: readonly string[] = [newYork, honolulu]) =>
  request(1, {
    tasks: numbers.map((to_number) => ({ to_number, dynamic_variables: { first_name: "P" } })),
    ...changes,
  });
const today = { enabled: true, not_on: ["2026-03-02"], timezone: "America/New_York" };
const evening = { enabled: true, start_time: "09:00", end_time: "17:00", timezone: "America/New_York" };
const nobody = [{ field: "stop_when.at", code: "no_calling_time" }];
const tomorrowAtTen = { start: "at_time", start_at: "2026-03-03T10:00" };

describe.each(["simulated", "live"] as const)("refused with what helps, %s:", (environment) => {
  const setup: WorldSetup = environment === "live" ? { carrierEnvironment: "live" } : {};

  test.each([
    ["a day without calls until the end", { start: "now", stop_when: { at: "2026-03-02T18:00" }, quiet_hours: today }],
    ["a draft likewise", { start: "draft", stop_when: { at: "2026-03-02T18:00" }, quiet_hours: today }],
    ["quiet hours until the end", { start: "now", stop_when: { at: "2026-03-02T16:00" }, quiet_hours: evening }],
    [
      "a time of the rows after the end",
      {
        start: "now",
        stop_when: { at: "2026-03-03T09:00" },
        tasks: [{ to_number: newYork, not_before: "2026-03-03T10:00", dynamic_variables: { first_name: "P" } }],
      },
    ],
  ])("%s, in preview and create", async (_what, changes) => {
    const world = await start(setup);
    for (const tool of ["preview_batch_call", "create_batch_call"]) {
      const problem = await world.problem(tool, of(changes));
      expect(problem).toMatchObject({ code: "invalid_input", issues: nobody });
      expect(problem.issues[0]?.message).toMatch(/Give a later end/);
    }
    expect(world.person.asked).toEqual([]);
    expect((await world.tool("list_batches")).batches).toEqual([]);
  });

  test("an end before the start, given to a draft or by its start", async () => {
    const world = await start(setup);
    const { batch } = await world.tool("create_batch_call", of({ start: "draft" }));
    const id = batch.batch_id;
    await world.tool("update_batch", { batch_id: id, start_at: "2026-03-03T10:00" });
    const early = { batch_id: id, stop_when: { at: "2026-03-03T09:00" } };
    expect(await world.problem("update_batch", early)).toMatchObject({ issues: nobody });
    await world.tool("update_batch", { batch_id: id, stop_when: { at: "2026-03-03T11:00" } });
    const late = { batch_id: id, start_at: "2026-03-03T12:00" };
    expect(await world.problem("update_batch", late)).toMatchObject({ issues: nobody });
    const both = { ...late, stop_when: { at: "2026-03-03T11:30" } };
    expect(await world.problem("update_batch", both)).toMatchObject({ issues: nobody });
    expect(await world.problem("start_batch", { ...late, start: "at_time" })).toMatchObject({ issues: nobody });
    expect(
      await world.problem("update_batch", { batch_id: id, quiet_hours: { ...today, not_on: ["2026-03-03"] } }),
    ).toMatchObject({ issues: nobody });
    expect(world.person.asked).toEqual([]);
    expect((await world.tool("get_batch_status", { batch_id: id })).batch).toMatchObject({ status: "draft" });
    await world.tool("update_batch", { ...late, stop_when: { at: "2026-03-03T13:00" } });
  });

  test("a list whose people all have a time after the end", async () => {
    const world = await start(setup);
    const { batch } = await world.tool("create_batch_call", of({ stop_when: { at: "2026-03-03T09:00" } }));
    const rows = `phone,not before\n${newYork},2026-03-03T10:00`;
    const input = of({ tasks: undefined, tasks_csv: rows, columns: { not_before: "not before" } });
    const { list_id } = await world.tool("preview_batch_call", input);
    const change = { batch_id: batch.batch_id, list_id };
    expect(await world.problem("update_batch", change)).toMatchObject({ issues: nobody });
  });

  test("linked batches", async () => {
    const policy = { limits: { maxRecipientsPerStart: 2000, maxRecipientsPerDay: 5000 } };
    const world = await start({ ...setup, policy });
    const rows = Array.from({ length: 1001 }, (_, n) => usNumber(n));
    const input = of({ tasks: undefined, tasks_csv: ["phone", ...rows].join("\n"), start: "draft" });
    const { batch } = await world.tool("create_batch_call", input);
    const id = batch.batch_id;
    await world.tool("update_batch", {
      batch_id: id,
      start_at: "2026-03-03T10:00",
      stop_when: { at: "2026-03-03T11:00" },
    });
    const early = { batch_id: id, stop_when: { at: "2026-03-03T09:00" } };
    expect(await world.problem("update_batch", early)).toMatchObject({ issues: nobody });
    const late = { batch_id: id, start: "at_time", start_at: "2026-03-03T12:00" };
    expect(await world.problem("start_batch", late)).toMatchObject({ issues: nobody });
    expect(world.person.asked).toEqual([]);
  });
});

test("of a scheduled batch it is refused, and the batch stays as it was", async () => {
  const world = await start();
  const { batch } = await world.tool("create_batch_call", of(tomorrowAtTen));
  const early = { batch_id: batch.batch_id, stop_when: { at: "2026-03-03T09:00" } };
  expect(await world.problem("update_batch", early)).toMatchObject({ issues: nobody });
  const { batch: kept } = await world.tool("get_batch_status", { batch_id: batch.batch_id });
  expect(kept.status).toBe("scheduled");
  await world.clock.advance({ hours: 40 });
  expect(world.carrier.rings).toHaveLength(2);
});

test("the operator's hours count where calls are real", async () => {
  const world = await start({ carrierEnvironment: "live", policy: { hours: { start: "12:00", end: "20:00" } } });
  const input = of({ start: "now", stop_when: { at: "2026-03-02T11:30" }, timezone: "recipient" }, [newYork]);
  const problem = await world.problem("create_batch_call", input);
  expect(problem).toMatchObject({ issues: nobody });
  expect(problem.issues[0]?.message).toContain("BATCH_CALL_CALLING_HOURS");
});

describe("people who have no minute before an end that leaves others some", () => {
  const theirTen = { start: "at_time", start_at: "2026-03-03T10:00", timezone: "recipient" };

  test("are told by create and by a change, with their rows and how many", async () => {
    const world = await start();
    const words = /1 person \(row 2\) has no minute before the end .* not called at all/;
    const input = of({ ...theirTen, stop_when: { at: "2026-03-03T12:00-05:00" } });
    const { batch, warnings } = await world.tool("create_batch_call", input);
    expect(warnings).toEqual([expect.stringMatching(words)]);
    const change = { batch_id: batch.batch_id, stop_when: { at: "2026-03-03T13:00-05:00" } };
    expect((await world.tool("update_batch", change)).warnings).toEqual([expect.stringMatching(words)]);
    expect(await world.text("update_batch", change)).toMatch(words);
    const enough = { ...change, stop_when: { at: "2026-03-04T12:00-05:00" } };
    expect((await world.tool("update_batch", enough)).warnings).toBeUndefined();
  });

  test("are told of a batch that runs, whose end may come whenever somebody wants", async () => {
    const world = await start();
    const { batch } = await world.tool("create_batch_call", of(theirTen));
    await world.clock.advance({ hours: 25 });
    const change = { batch_id: batch.batch_id, stop_when: { at: "2026-03-03T12:00-05:00" } };
    const { batch: changed, warnings } = await world.tool("update_batch", change);
    expect(changed.status).toBe("sent");
    expect(changed.next_attempt_at).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/1 person .* no minute before the end/)]);
  });
});
