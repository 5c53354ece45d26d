import { afterEach, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/index.ts";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { usNumber } from "../support/us-numbers.ts";
import { startWorld, type World } from "../support/world.ts";

const people = 1020;

let world: World;
afterEach(() => world.stop());

/** Linked batches of 1,000 people and 20. */
async function create(rules: object, service: object = {}): Promise<{ batch_id: string }> {
  world = await startWorld({
    now: "2026-03-02T15:00:00Z",
    carrierEnvironment: "live",
    policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
    service: { maxConcurrent: 8, startsPerSecond: 50, ...service },
  });
  await world.file("long.csv", longFile(people));
  const { batch } = await world.tool("create_batch_call", longRequest(rules));
  expect(batch.batch_id).toMatch(/^group_/);
  return { batch_id: batch.batch_id };
}

async function start(id: { batch_id: string }): Promise<void> {
  world.person.willAnswer({ kind: "accepted", typedRecipients: people });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.settle();
}

const read = async (id: { batch_id: string }) => (await world.tool("get_batch_status", id)).batch;
const partsOf = async (id: { batch_id: string }): Promise<string[]> =>
  (await read(id)).parts.map((part: { batch_id: string }) => part.batch_id);
const words = "The first 1% of the list are called, then the batch is held until a person resumes it";

test("the canary of linked batches is of all people, holds all parts, and is one question to the person who lets them go on", async () => {
  const id = await create({ canary: { share: 1 } });
  expect((await read(id)).steering).toEqual(["Canary waiting: 0 of its 11 people called."]);
  await start(id);
  expect(JSON.stringify(world.person.asked.flatMap(toSummaryFacts))).toContain(words);
  await world.clock.advance({ minutes: 30 });
  expect(world.carrier.rings).toHaveLength(11);
  const held = await read(id);
  const why = "The first 11 people were called: 11 answered (100%), 0 failed (0%); they are to be looked at.";
  expect(held).toMatchObject({
    status: "sent",
    is_paused: true,
    held_reason: `${why} Nobody else is called until resume_batch, which goes on with the other 1009.`,
    steering: [`Canary held the batch: ${why}`],
  });

  world.person.willAnswer({ kind: "declined" });
  await world.problem("resume_batch", id);
  await world.clock.advance({ minutes: 30 });
  expect(world.carrier.rings).toHaveLength(11);

  world.person.willAnswer({ kind: "accepted", typedRecipients: 1009 });
  await world.tool("resume_batch", id);
  expect(world.person.asked).toHaveLength(3);
  const again = JSON.stringify(world.person.asked.slice(2).flatMap(toSummaryFacts));
  expect(again).toContain(why);
  expect(again).not.toContain(words);
  await world.clock.advance({ minutes: 1 });
  const called = new Set(world.carrier.rings.map(({ toNumber }) => toNumber));
  expect(called.size).toBeGreaterThan(11);
  expect([...called].some((number) => number >= usNumber(1000) && number <= usNumber(1019))).toBe(true);
  expect((await read(id)).steering).toEqual([`Canary held the batch until it was resumed: ${why}`]);
});

test("the budget of linked batches is that of all parts, and ends all of them", async () => {
  const id = await create({ stop_when: { calls: 30 } });
  await start(id);
  const asked = JSON.stringify(world.person.asked.flatMap(toSummaryFacts));
  expect(asked).toContain("at most 30 people and 30 calls");
  expect(asked).toContain("about 30 calls in");
  await world.clock.advance({ minutes: 30 });
  expect(world.carrier.rings).toHaveLength(30);
  expect(await read(id)).toMatchObject({
    status: "completed",
    steering: ["Ended early: stop_when: all 30 calls of the budget were made."],
    counts: { completed: 30, cancelled: people - 30 },
  });
});

test("pace is given to linked batches as to one, also where nothing else is steered, with no question and no hold", async () => {
  const id = await create({});
  await start(id);
  const calling = async () => (await read(id)).counts.calling;
  expect(await calling()).toBe(8);
  const slower = await world.tool("update_batch", { ...id, pace: { at_once: 4 } });
  expect(slower).toMatchObject({ starts_by_itself: true, batch: { is_paused: false } });
  expect((await read(id)).steering).toEqual(["Pace set to at most 4 calls at once."]);
  await world.clock.advance({ seconds: 35 });
  expect(await calling()).toBe(4);
  await world.tool("update_batch", { ...id, pace: { at_once: 6 } });
  await world.clock.settle();
  expect(await calling()).toBe(6);
  expect(world.person.asked).toHaveLength(1);
});

test("stop_when that linked batches are given while they run counts over all of them, and waits for one answer", async () => {
  const id = await create({});
  await start(id);
  await world.clock.advance({ seconds: 40 });
  const changed = await world.tool("update_batch", { ...id, stop_when: { calls: 40 } });
  expect(changed).toMatchObject({ starts_by_itself: false, batch: { is_paused: true } });
  const left = (await read(id)).counts.pending;
  world.person.willAnswer({ kind: "accepted", typedRecipients: left });
  await world.tool("resume_batch", id);
  await world.clock.advance({ minutes: 30 });
  expect(world.carrier.rings).toHaveLength(40);
  expect(world.person.asked).toHaveLength(2);
});

test("a canary is given, changed and taken away before linked batches begin, and not to a part of them, nor after", async () => {
  const id = await create({});
  await world.tool("update_batch", { ...id, canary: { share: 50 } });
  await world.tool("update_batch", { ...id, canary: {} });
  expect((await read(id)).steering).toBeUndefined();
  await world.tool("update_batch", { ...id, canary: { count: 3 } });
  expect((await world.tool("get_batch_status", id)).rules).toEqual([
    "Each is called once",
    "The first 3 people are called, then the batch is held until a person resumes it",
  ]);
  const [part = ""] = await partsOf(id);
  for (const change of [{ canary: { count: 5 } }, { stop_when: { calls: 5 } }, { pace: { at_once: 2 } }]) {
    const problem = await world.problem("update_batch", { batch_id: part, ...change });
    expect(problem).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(`batch_id: "${id.batch_id}"`),
    });
  }
  await start(id);
  await world.clock.advance({ minutes: 10 });
  expect(world.carrier.rings).toHaveLength(3);
  const problem = await world.problem("update_batch", { ...id, canary: { count: 9 } });
  expect(problem).toMatchObject({ code: "wrong_state", message: expect.stringContaining("canary cannot change") });
});
