import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
let batchId: string;
let listId: string;
beforeEach(async () => {
  world = await startWorld();
  const made = await world.tool("create_batch_call", request(3, { start: "now" }));
  [batchId, listId] = [made.batch.batch_id, made.list_id];
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(90)] });
});
afterEach(() => world.stop());

describe("more than may be has one meaning, and is cut with a word", () => {
  test("wait_seconds", async () => {
    const answer = await world.whileTimePasses(
      world.answer("get_batch_status", { batch_id: batchId, wait_seconds: 300 }),
    );
    expect(answer.output["note"]).toBe(
      "wait_seconds is at most 45: this answer waited no longer. Call again to go on waiting.",
    );
    expect(answer.text).toContain(answer.output["note"]);
  });

  test("wait_seconds waits 45 seconds and no longer", async () => {
    const draft = await world.tool(
      "create_batch_call",
      request(2, { name: "Later", start: "at_time", start_at: "2026-03-09T10:00" }),
    );
    const from = world.clock.now().getTime();
    await world.whileTimePasses(world.tool("get_batch_status", { batch_id: draft.batch.batch_id, wait_seconds: 9999 }));
    expect(world.clock.now().getTime() - from).toBeLessThan(50_000);
  });

  test.each([
    ["list_batches", () => ({})],
    ["get_batch_results", () => ({ batch_id: batchId })],
    ["get_list", () => ({ list_id: listId })],
    ["get_list", () => ({ list_id: listId, compare_with: listId })],
    ["check_do_not_call", () => ({})],
    ["list_agents", () => ({})],
    ["list_phone_numbers", () => ({})],
    ["list_phone_numbers", () => ({ country: "US" })],
  ])("limit of %s", async (name, makeArgs) => {
    const { output, text } = await world.answer(name, { ...makeArgs(), limit: 1000 });
    expect(output["note"]).toBe("limit is at most 100; where there are more rows, next_cursor goes on.");
    expect(text).toContain(output["note"]);
    expect((await world.answer(name, { ...makeArgs(), limit: 100 })).output).not.toHaveProperty("note");
    expect(await world.problem(name, { ...makeArgs(), limit: 0 })).toMatchObject({ code: "invalid_input" });
  });
});
