import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

// A file of results that is read in again as a list.

let world: World;
beforeEach(async () => {
  world = await startWorld({ carrier: { [numberOf(3)]: ["no_answer"], [numberOf(6)]: ["no_answer"] } });
});
afterEach(() => world.stop());

const rings = (number: string) => world.carrier.rings.filter(({ toNumber }) => toNumber === number).length;
const file = (path: string, changes: object = {}) =>
  request(1, { tasks: undefined, tasks_file: path, name: "Again", start: "draft", ...changes });

/** The path of a file with the results of a batch that called these rows. */
async function exported(rows: readonly string[], changes: object = {}, isListGone = false): Promise<string> {
  const input = request(1, { tasks: undefined, tasks_csv: rows.join("\n"), start: "now", ...changes });
  const { batch, list_id } = await world.tool("create_batch_call", input);
  await world.clock.advance({ minutes: 30 });
  if (isListGone) await world.tool("delete_list", { list_id });
  return (await world.tool("export_batch_results", { batch_id: batch.batch_id, ...format })).path;
}

let format: object = {};
beforeEach(() => {
  format = {};
});

describe.each(["csv", "xlsx", "jsonl"])("as %s", (name) => {
  beforeEach(() => {
    format = { format: name };
  });

  test("a number that somebody said is a wrong one is not called again, whatever keep_where keeps", async () => {
    world.carrier.say(numberOf(1), { wrongNumber: true });
    const path = await exported(["phone", ...[1, 2, 3].map(numberOf)]);
    const { list_id } = await world.tool("preview_batch_call", file(path));
    const keep_where = { column: "result_status", values: ["failed"] };
    const kept = await world.tool("change_list", { list_id, keep_where });
    const { batch, issues } = await world.tool("create_batch_call", {
      ...request(1, { tasks: undefined, name: "Again", start: "now" }),
      list_id: kept.list_id,
    });
    expect(batch.counts.total).toBe(1);
    expect(issues).toContainEqual(
      expect.objectContaining({ code: "not_again", message: expect.stringMatching(/wrong number.*put_back/) }),
    );
    await world.clock.advance({ minutes: 30 });
    expect([1, 2, 3].map((n) => rings(numberOf(n)))).toEqual([1, 1, 2]);
  });

  test("whose list is gone, its numbers are those that were called", async () => {
    const path = await exported(["phone", ...[1, 2, 3].map(numberOf)], {}, true);
    const { rows, batch } = await world.tool("create_batch_call", file(path, { start: "now", name: "Gone" }));
    expect([rows.accepted, batch.counts.total]).toEqual([3, 3]);
    await world.clock.advance({ minutes: 30 });
    expect([1, 2, 3].map((n) => rings(numberOf(n)))).toEqual([2, 2, 2]);
  });
});

test("a wrong number of somebody whose second number was called afterwards is not called again either", async () => {
  world.carrier.say(numberOf(1), { wrongNumber: true });
  const path = await exported(["phone,second phone", `${numberOf(1)},${numberOf(6)}`, `${numberOf(2)},`], {
    columns: { to_number: ["phone", "second phone"] },
  });
  expect(rings(numberOf(6))).toBe(1);
  const { rows } = await world.tool(
    "preview_batch_call",
    file(path, { columns: { to_number: ["phone", "second phone"] } }),
  );
  expect(rows).toMatchObject({ accepted: 1, refused: 1 });
});

test("who asked not to be called stays out, also where the do-not-call list does not have them any more", async () => {
  world.carrier.say(numberOf(1), { optOut: true });
  const path = await exported(["phone", ...[1, 2].map(numberOf)]);
  await world.tool("update_do_not_call_list", { action: "remove", numbers: [numberOf(1)] });
  const { rows, issues } = await world.tool("preview_batch_call", file(path));
  expect(rows).toMatchObject({ accepted: 1, refused: 1 });
  expect(issues).toContainEqual(expect.objectContaining({ code: "not_again" }));
});

test("another row of that number stays out with it, and each is called once somebody puts it back on purpose", async () => {
  world.carrier.say(numberOf(1), { wrongNumber: true });
  const path = await exported(["phone", numberOf(1), numberOf(1), numberOf(2)]);
  const first = await world.tool("preview_batch_call", file(path));
  expect(first.rows).toMatchObject({ input: 3, accepted: 1 });
  const back = await world.tool("change_list", { list_id: first.list_id, put_back: [2] });
  expect(back.rows).toMatchObject({ accepted: 2, duplicate: 1 });
});
