import { afterEach, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
afterEach(() => world.stop());

test("a batch is previewed, created, started, paused, resumed and read to its end", async () => {
  world = await startWorld({ carrier: { [numberOf(2)]: ["no_answer"] } });

  const preview = await world.tool("preview_batch_call", request());
  expect(preview).toMatchObject({
    rows: { input: 3, accepted: 3 },
    replayed: false,
    batch: { status: "draft", environment: "simulated" },
  });
  expect(preview.batch).not.toHaveProperty("batch_id");
  expect((await world.tool("list_batches")).batches).toEqual([]);

  const { batch } = await world.tool("create_batch_call", request());
  expect(batch).toMatchObject({
    name: "June reminders",
    status: "draft",
    is_paused: false,
    counts: { total: 3, pending: 3 },
  });
  const id = batch.batch_id;

  expect((await world.tool("start_batch", { batch_id: id, start: "now", expected_recipients: 3 })).batch.status).toBe(
    "sent",
  );
  expect((await world.tool("pause_batch", { batch_id: id })).batch).toMatchObject({
    is_paused: true,
    allowed_actions: expect.arrayContaining(["resume_batch"]),
  });
  expect((await world.tool("resume_batch", { batch_id: id })).batch.is_paused).toBe(false);
  await world.clock.advance({ minutes: 5 });

  const status = await world.tool("get_batch_status", { batch_id: id });
  expect(status.batch).toMatchObject({
    status: "completed",
    is_final: true,
    percent_done: 100,
    counts: { total: 3, completed: 2, failed: 1, pending: 0 },
    outcomes: { answered: 2, no_answer: 1 },
  });

  const { results, total } = await world.tool("get_batch_results", { batch_id: id, status: "failed" });
  expect(total).toBe(1);
  expect(results).toMatchObject([
    { row: 2, to_number: "+1 *** *** 0102", status: "failed", outcome: "no_answer", attempts: 1 },
  ]);
  const { call } = await world.tool("get_call", { call_id: results[0].call_id });
  expect(call).toMatchObject({ call_id: results[0].call_id, to_number: numberOf(2), outcome: "no_answer" });
});
