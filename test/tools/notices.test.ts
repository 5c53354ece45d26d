import { afterEach, beforeEach, expect, test } from "vitest";
import { type TellNotice, whileHeard } from "../../src/lib/notices.ts";
import { usNumber } from "../support/us-numbers.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
let heard: string[];
beforeEach(async () => {
  world = await startWorld();
  heard = [];
});
afterEach(() => world.stop());

const tell: TellNotice = (level, message) => void heard.push(`${level}: ${message}`);
const hear = (name: string, args: object) => whileHeard({ tell }, () => world.tool(name, args));

test("a list that was read is told by its id and its rows", async () => {
  const { list_id: listId } = await hear("preview_batch_call", request(3));
  expect(heard).toEqual([`info: A list was read and is kept as ${listId}: 3 rows.`]);
  expect(heard.join(" ")).not.toContain(numberOf(1));
});

test("each draft of linked batches is told", async () => {
  const rows = Array.from({ length: 1001 }, (_, n) => usNumber(n));
  await hear("create_batch_call", request(1, { tasks: undefined, tasks_csv: `phone\n${rows.join("\n")}\n` }));
  expect(heard.slice(1)).toEqual([
    expect.stringMatching(/^info: group_\S+: Draft 1 of 2 is created\.$/),
    expect.stringMatching(/^info: group_\S+: Draft 2 of 2 is created\.$/),
  ]);
});

test("a batch that is held while somebody waits for its end is told once", async () => {
  const { batch } = await world.tool("create_batch_call", request(200, { start: "now" }));
  const held = { ...world.context.api, getBatch: async (id: string) => hold(await world.context.api.getBatch(id)) };
  let reads = 0;
  const hold = (found: Awaited<ReturnType<World["api"]["getBatch"]>>) =>
    ++reads > 2 ? { ...found, isPaused: true, heldReason: "The carrier has no money left." } : found;
  const waiting = whileHeard({ tell }, () =>
    world.another({ api: held }).tool("get_batch_status", { batch_id: batch.batch_id, wait_seconds: 5 }),
  );
  await world.whileTimePasses(waiting);
  expect(heard).toEqual([`warning: ${batch.batch_id} is held: nobody else is called until it is resumed.`]);
});
