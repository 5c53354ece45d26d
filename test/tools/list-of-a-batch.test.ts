import { afterEach, beforeEach, expect, test } from "vitest";
import { batchReportResource } from "../../src/resources/batch-report.ts";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

async function createFromFile(file: string, rows: number): Promise<{ batchId: string; listId: string }> {
  const lines = Array.from({ length: rows }, (_, n) => usNumber(n));
  await world.file(file, `phone\n${lines.join("\n")}\n`);
  const made = await world.tool("create_batch_call", request(1, { tasks: undefined, tasks_file: file }));
  return { batchId: made.batch.batch_id, listId: made.list_id };
}

test("the status of a batch names its list, in structure and text, and get_list reads it", async () => {
  const { batchId, listId } = await createFromFile("june.csv", 3);
  const { output, text } = await world.answer("get_batch_status", { batch_id: batchId });
  expect(output).toMatchObject({ list_id: listId, list_name: expect.stringContaining('"june.csv"') });
  expect(text).toContain(`List ${listId}: "june.csv"`);
  const { batch_ids: batchIds } = await world.tool("get_list", { list_id: output["list_id"] });
  expect(batchIds).toEqual([batchId]);
  expect(await batchReportResource.read(batchId, world.context, new URLSearchParams())).toContain("june.csv");
});

test("linked batches and each of their parts name the one list", async () => {
  const { batchId, listId } = await createFromFile("long.csv", 1001);
  const { output } = await world.answer("get_batch_status", { batch_id: batchId });
  expect(output["list_id"]).toBe(listId);
  const part = await world.tool("get_batch_status", { batch_id: output["batch"].parts[0].batch_id });
  expect(part["list_id"]).toBe(listId);
});

test("a list that is deleted, or somebody else's, is not named", async () => {
  const { batchId, listId } = await createFromFile("june.csv", 3);
  const bob = world.another({ principal: "bob", owner: "bob" }, "http");
  expect(await bob.tool("get_batch_status", { batch_id: batchId })).not.toHaveProperty("list_id");
  await world.tool("delete_list", { list_id: listId });
  const { output, text } = await world.answer("get_batch_status", { batch_id: batchId });
  expect(output).not.toHaveProperty("list_id");
  expect(text).not.toContain("list_");
});
