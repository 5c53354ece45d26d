import { afterEach, beforeEach, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const create = (changes: object = {}) => world.tool("create_batch_call", request(3, changes));
const batchCount = async () => (await world.tool("list_batches")).batches.length;

test("the same content again is the first batch", async () => {
  const first = await create();
  const second = await create();
  expect(first.replayed).toBe(false);
  expect(second).toMatchObject({ replayed: true, batch: { batch_id: first.batch.batch_id } });
  expect(await batchCount()).toBe(1);
});

test("a preview says that the content exists already", async () => {
  const { batch } = await create();
  expect(await world.tool("preview_batch_call", request())).toMatchObject({
    replayed: true,
    batch: { batch_id: batch.batch_id },
  });
});

test("a repeat that asks to start starts the draft that is there", async () => {
  const first = await create();
  const second = await create({ start: "now" });
  expect(second).toMatchObject({ replayed: true, batch: { batch_id: first.batch.batch_id, status: "sent" } });
});

test("a repeat with a time schedules the draft that is there", async () => {
  const first = await create();
  const second = await create({ start: "at_time", start_at: "2026-03-03T09:00", timezone: "America/New_York" });
  expect(second.batch).toMatchObject({
    batch_id: first.batch.batch_id,
    status: "scheduled",
    scheduled_at: { local: "2026-03-03T09:00", utc: "2026-03-03T14:00:00Z" },
  });
});

test("a repeat of a batch that runs does not start it again", async () => {
  await create({ start: "now" });
  await world.clock.advance({ seconds: 10 });
  expect(await create({ start: "now" })).toMatchObject({ replayed: true, batch: { status: "sent" } });
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(3);
});

test("allow_duplicate makes a second batch, and a repeat without it is then the second", async () => {
  const first = await create();
  const second = await create({ allow_duplicate: true });
  expect(second.replayed).toBe(false);
  expect(second.batch.batch_id).not.toBe(first.batch.batch_id);
  expect((await create()).batch.batch_id).toBe(second.batch.batch_id);
});

test.each<[string, (id: string) => Promise<unknown>]>([
  ["a deleted batch", (id) => world.api.deleteBatch(id)],
  ["a batch that was cancelled before dialing", (id) => world.tool("cancel_batch", { batch_id: id })],
  [
    "a finished simulated batch",
    async (id) => {
      await world.tool("start_batch", { batch_id: id, start: "now" });
      await world.clock.advance({ minutes: 5 });
    },
  ],
])("%s does not stand in the way of a new one", async (_what, end) => {
  const first = await create();
  await end(first.batch.batch_id);
  const second = await create();
  expect(second.replayed).toBe(false);
  expect(second.batch.batch_id).not.toBe(first.batch.batch_id);
});

test("a create after a simulated batch is over says, as its preview does, that these people were called, by which batch and when", async () => {
  const { batch } = await create({ start: "now" });
  expect((await create({ start: "now" })).warnings).toBeUndefined();
  await world.clock.advance({ minutes: 5 });
  const said = expect.arrayContaining([
    expect.stringMatching(
      `^These people were called by ${batch.batch_id} already, created at 2026-03-02 15:00 UTC and over: `,
    ),
  ]);
  expect((await world.tool("preview_batch_call", request(3, { start: "now" }))).warnings).toEqual(said);
  const again = await create({ start: "now" });
  expect(again.replayed).toBe(false);
  expect(again.warnings).toEqual(said);
});

test("a batch that was cancelled before it called anybody called nobody before", async () => {
  const { batch } = await create();
  await world.tool("cancel_batch", { batch_id: batch.batch_id });
  expect((await create()).warnings).toBeUndefined();
});

test("somebody who opts out between two creates does not make it a second batch", async () => {
  const first = await create();
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(1)] });
  expect(await create()).toMatchObject({ replayed: true, batch: { batch_id: first.batch.batch_id } });
});

test("another principal gets a batch of its own", async () => {
  const first = await create();
  const second = await world.another({ principal: "token-b" }).tool("create_batch_call", request());
  expect(second.replayed).toBe(false);
  expect(second.batch.batch_id).not.toBe(first.batch.batch_id);
});

test("after 30 days the content is forgotten", async () => {
  const first = await create();
  await world.clock.advance({ days: 31 });
  expect((await create()).batch.batch_id).not.toBe(first.batch.batch_id);
});

test("50 identical creates at once, from two processes, are one batch that starts once", async () => {
  const other = world.another();
  const storm = Array.from({ length: 50 }, (_, n) =>
    (n % 2 ? world : other).tool("create_batch_call", request(3, { start: "now" })),
  );
  const letOthersWait = setInterval(() => void world.clock.advance({ ms: 200 }), 5);
  const answers = await Promise.all(storm).finally(() => clearInterval(letOthersWait));

  expect(new Set(answers.map(({ batch }) => batch.batch_id)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await batchCount()).toBe(1);
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings.map(({ toNumber }) => toNumber).sort()).toEqual([1, 2, 3].map(numberOf));
});

test("a batch that runs is no other batch to the same call that made it", async () => {
  const started = { ...request(3), start: "now" };
  const made = await world.tool("create_batch_call", started);
  const again = await world.tool("create_batch_call", started);
  expect(again).toMatchObject({ replayed: true, batch: { batch_id: made.batch.batch_id } });
  expect(JSON.stringify(again["warnings"] ?? [])).not.toContain("another batch");
  const other = await world.tool("create_batch_call", { ...started, allow_duplicate: true });
  expect(JSON.stringify(other["warnings"] ?? [])).toContain("another batch");
});
