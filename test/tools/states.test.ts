import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld({ carrier: { [numberOf(1)]: ["busy", "answered"] } });
});
afterEach(() => world.stop());

const create = async (changes: object = {}, recipients = 2): Promise<string> =>
  (await world.tool("create_batch_call", request(recipients, changes))).batch.batch_id;
const tomorrow = { start: "at_time", start_at: "2026-03-03T09:00" };
const finished = async (): Promise<string> => {
  const id = await create({ start: "now" });
  await world.clock.advance({ minutes: 5 });
  return id;
};

describe("a tool on a batch in the wrong state", () => {
  test.each([
    ["pause_batch", {}],
    ["resume_batch", {}],
  ])("%s of a draft says so and what is allowed", async (tool, args) => {
    const problem = await world.problem(tool, { batch_id: await create(), ...args });
    expect(problem).toMatchObject({
      code: "wrong_state",
      message: expect.stringMatching(
        /is draft, so .* cannot be done\. Nothing was changed\. Allowed from here: start_batch/,
      ),
    });
  });

  test.each([
    ["start_batch", { start: "now" }],
    ["pause_batch", {}],
    ["resume_batch", {}],
    ["cancel_batch", {}],
    ["update_batch", { name: "New" }],
  ])("%s of a finished batch says so and what is allowed", async (tool, args) => {
    const problem = await world.problem(tool, { batch_id: await finished(), ...args });
    expect(problem).toMatchObject({
      code: "wrong_state",
      message: expect.stringMatching(/is completed.*Allowed from here: get_batch_results, export_batch_results/),
    });
  });

  test("start_batch of a paused batch refers to resume_batch", async () => {
    const id = await create(tomorrow);
    await world.tool("pause_batch", { batch_id: id });
    const problem = await world.problem("start_batch", { batch_id: id, start: "now" });
    expect(problem.message).toMatch(/is scheduled and paused.*resume_batch/);
  });
});

test("start_batch refuses another number of recipients than the user agreed to", async () => {
  const problem = await world.problem("start_batch", {
    batch_id: await create(),
    start: "now",
    expected_recipients: 5,
  });
  expect(problem.issues).toMatchObject([
    { field: "expected_recipients", message: expect.stringContaining("2 recipients, not 5") },
  ]);
  expect(problem.message).toContain("nobody was called");
});

test("start_batch reads a time in the batch's own zone", async () => {
  const id = await create({ timezone: "Asia/Calcutta" });
  const { batch } = await world.tool("start_batch", { batch_id: id, start: "at_time", start_at: "2026-03-03T09:00" });
  expect(batch).toMatchObject({
    status: "scheduled",
    timezone: "Asia/Calcutta",
    scheduled_at: { local: "2026-03-03T09:00", utc: "2026-03-03T03:30:00Z" },
  });
});

test("a missed start is held, and resume_batch begins it", async () => {
  const id = await create(tomorrow);
  await world.tool("pause_batch", { batch_id: id });
  await world.clock.advance({ days: 2 });
  expect(world.carrier.rings).toEqual([]);
  expect((await world.tool("resume_batch", { batch_id: id })).batch.status).toBe("sent");
});

describe("update_batch", () => {
  const later = { start_at: "2026-03-03T10:00" };
  test.each([
    ["a new time of a scheduled batch", tomorrow, later, false, /^Nobody is called until start_batch/],
    ["another zone of a scheduled batch", tomorrow, { timezone: "UTC" }, false, /^Nobody is called until start_batch/],
    ["a new time of a draft", {}, later, false, /^Nobody is called until start_batch/],
    ["a new name of a scheduled batch", tomorrow, { name: "July" }, true, /^Still scheduled/],
  ])("says first whether anybody will be called after %s", async (_what, made, change, startsByItself, words) => {
    const args = { batch_id: await create(made), ...change };
    expect(await world.text("update_batch", args)).toMatch(words);
    expect(await world.tool("update_batch", args)).toMatchObject({
      starts_by_itself: startsByItself,
      batch: { status: startsByItself ? "scheduled" : "draft" },
    });
    await world.clock.advance({ days: 1 });
    expect(world.carrier.dials.length > 0).toBe(startsByItself);
  });

  test("a new name of a paused scheduled batch refers to resume_batch", async () => {
    const id = await create(tomorrow);
    await world.tool("pause_batch", { batch_id: id });
    expect(await world.text("update_batch", { batch_id: id, name: "July" })).toMatch(
      /^Nobody is called until resume_batch/,
    );
  });

  test("renames a scheduled batch and leaves it scheduled", async () => {
    const { batch } = await world.tool("update_batch", { batch_id: await create(tomorrow), name: " July " });
    expect(batch).toMatchObject({ name: "July", status: "scheduled" });
  });

  test("puts a scheduled batch back to draft for any other change", async () => {
    const { batch } = await world.tool("update_batch", {
      batch_id: await create(tomorrow),
      start_at: "2026-03-04T09:00",
    });
    expect(batch).toMatchObject({ status: "draft", scheduled_at: { local: "2026-03-04T09:00" } });
    await world.clock.advance({ days: 5 });
    expect(world.carrier.rings).toEqual([]);
  });

  test("lists everything that is wrong and changes nothing", async () => {
    const id = await create();
    const problem = await world.problem("update_batch", {
      batch_id: id,
      name: " ",
      agent_id: "agent_nobody",
      timezone: "Mars",
    });
    expect(problem.issues.map(({ field }) => field)).toEqual(["name", "agent_id", "timezone"]);
    expect((await world.problem("update_batch", { batch_id: id })).issues).toMatchObject([{ code: "required" }]);
  });
});

describe("get_batch_status with wait_seconds", () => {
  const wait = (id: string, context?: World) =>
    (context ?? world).tool("get_batch_status", { batch_id: id, wait_seconds: 45 });

  /** Moves time until the answer is there, and returns how many seconds that took. */
  async function secondsUntil(answer: Promise<unknown>): Promise<number> {
    let isOver = false;
    void answer.finally(() => {
      isOver = true;
    });
    const begin = world.clock.now().getTime();
    for (let turn = 0; !isOver && turn < 500; turn++) await world.clock.advance({ ms: 250 });
    return (world.clock.now().getTime() - begin) / 1000;
  }

  test("answers when the batch is final", async () => {
    const id = await create({ start: "now" }, 1);
    const answer = wait(id);
    expect(await secondsUntil(answer)).toBeLessThan(40);
    expect((await answer).batch).toMatchObject({ is_final: true, percent_done: 100 });
  });

  test("answers at the end of the time when nothing happened", async () => {
    const answer = wait(await create(tomorrow));
    expect(await secondsUntil(answer)).toBeGreaterThanOrEqual(45);
    expect((await answer).batch).toMatchObject({ status: "scheduled", is_final: false });
  });

  test("answers at once for a draft, and for a batch that is paused", async () => {
    expect((await wait(await create())).batch.status).toBe("draft");
    const id = await create({ ...tomorrow, allow_duplicate: true });
    await world.tool("pause_batch", { batch_id: id });
    expect((await wait(id)).batch.is_paused).toBe(true);
  });

  test("answers when the caller gives up", async () => {
    const caller = new AbortController();
    const answer = wait(await create(tomorrow), world.another({ signal: caller.signal }));
    caller.abort();
    expect((await answer).batch.status).toBe("scheduled");
  });
});

test("a retry waits its time, and the status says when it comes", async () => {
  const id = await create({
    start: "now",
    retry_config: { enabled: true, max_attempts: 2 },
    retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 90 } }],
  });
  await world.clock.advance({ minutes: 5 });
  const { batch } = await world.tool("get_batch_status", { batch_id: id });
  expect(batch).toMatchObject({ status: "sent", percent_done: 50, counts: { pending: 1, completed: 1 } });
  expect(batch.next_attempt_at.utc).toMatch(/^2026-03-02T16:30/);
  await world.clock.advance({ hours: 2 });
  expect(await world.text("get_batch_status", { batch_id: id })).toMatch(/\[#{20}\] 100%/);
});

test("the text of a tool holds the facts of its structure", async () => {
  const text = await world.text("create_batch_call", request(2));
  const { batch } = await world.tool("create_batch_call", request(2));
  for (const fact of [batch.batch_id, batch.name, "draft", "simulated", "2 accepted"]) expect(text).toContain(fact);
});
