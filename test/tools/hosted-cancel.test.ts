import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

// The direct way: an API without a cancel, which deletes a draft instead.

let hosted: HostedApi;
let world: World;
beforeEach(async () => {
  hosted = await HostedApi.start();
  world = await startWorld({
    upstream: () => hosted.url,
    policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
  });
});
afterEach(async () => {
  await world.stop();
  await hosted.stop();
});

const create = async (changes: object = {}): Promise<string> =>
  (await world.tool("create_batch_call", request(3, { agent_id: "agent_1", ...changes }))).batch.batch_id;
const why =
  "Cancelled here at 2026-03-02T15:00Z, before anybody was called. This API has no cancel, so it has deleted the batch.";

describe("a draft that was cancelled, so that the API deleted it,", () => {
  let id: string;
  beforeEach(async () => {
    id = await create();
    await world.tool("cancel_batch", { batch_id: id });
    expect(hosted.batches.has(id)).toBe(false);
    await world.clock.advance({ minutes: 5 });
  });

  test("is still read as a cancelled one that called nobody, with when and why", async () => {
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch).toMatchObject({
      status: "cancelled",
      name: expect.stringContaining("June reminders"),
      held_reason: why,
      is_final: true,
      counts: { total: 3, cancelled: 3, pending: 0 },
      allowed_actions: ["get_batch_results", "export_batch_results"],
    });
  });

  test("keeps its place among the batches, by its state and name as well", async () => {
    const later = await create({ name: "Later", allow_duplicate: true });
    const ids = async (filter: object = {}) =>
      (await world.tool("list_batches", filter)).batches.map(({ batch_id }: { batch_id: string }) => batch_id);
    expect(await ids()).toEqual([later, id]);
    // The stand-in filters nothing; what our record adds is filtered.
    expect(await ids({ status: "cancelled", name: "reminders" })).toContain(id);
    expect(await ids({ status: "draft" })).not.toContain(id);
    expect(await ids({ name: "Other" })).not.toContain(id);
    const { next_cursor: cursor } = await world.tool("list_batches", { limit: 1 });
    expect(await ids({ limit: 1, cursor })).toEqual([id]);
  });

  test("tells its people as results, in pages and by their state", async () => {
    const results = await world.tool("get_batch_results", { batch_id: id, limit: 2, show_numbers: true });
    expect(results).toMatchObject({ total: 3, results: [{ row: 1, to_number: numberOf(1), status: "cancelled" }, {}] });
    const rest = await world.tool("get_batch_results", { batch_id: id, limit: 2, cursor: results.next_cursor });
    expect(rest.results).toMatchObject([{ row: 3 }]);
    expect((await world.tool("get_batch_results", { batch_id: id, status: "pending" })).results).toEqual([]);
  });

  test("is exported", async () => {
    const { path, rows } = await world.tool("export_batch_results", { batch_id: id });
    expect(rows).toBe(3);
    expect(await readFile(path, "utf8")).toContain("cancelled");
  });

  test.each([
    ["start_batch", { start: "now" }],
    ["resume_batch", {}],
    ["pause_batch", {}],
    ["update_batch", { name: "Other" }],
    ["update_batch", { retry_config: { enabled: true, max_attempts: 2 } }],
  ])("refuses %s with what became of it", async (tool, args) => {
    const { code, message } = await world.problem(tool, { batch_id: id, ...args });
    expect({ code, message }).toMatchObject({ code: "wrong_state", message: expect.stringContaining(why) });
    expect(message).toContain("Allowed from here: get_batch_results");
  });

  test("is cancelled twice without harm", async () => {
    expect((await world.tool("cancel_batch", { batch_id: id })).batch).toMatchObject({
      status: "cancelled",
      held_reason: why,
    });
  });

  test("does not stand in the way of the same list, made again", async () => {
    expect(await create()).not.toBe(id);
  });

  test("gives its people to another batch, and keeps them out of one", async () => {
    const again = request(0, {
      agent_id: "agent_1",
      name: "Again",
      tasks: undefined,
      from_batch: { batch_id: id, outcomes: ["cancelled"] },
    });
    const retried = (await world.tool("create_batch_call", again)).batch.batch_id;
    expect(hosted.batches.get(retried)?.tasks).toHaveLength(3);
    const without = request(4, { agent_id: "agent_1", name: "Others", exclude: { batch_ids: [id] } });
    const others = (await world.tool("create_batch_call", without)).batch.batch_id;
    expect(hosted.batches.get(others)?.tasks).toHaveLength(1);
  });
});

test("a list that the API does not tell is said to be unknown, and the batch is cancelled all the same", async () => {
  const id = await create();
  hosted.faultOf = ({ path }) => (path.endsWith(`${id}/tasks`) ? 500 : undefined);
  await world.whileTimePasses(world.tool("cancel_batch", { batch_id: id }));
  hosted.faultOf = () => undefined;
  expect(await world.problem("get_batch_results", { batch_id: id })).toMatchObject({
    code: "not_found",
    message: expect.stringMatching(/Cancelled here .* Its list could not be read/),
  });
});

test("a delete that the API refuses leaves no word of a cancel", async () => {
  const id = await create();
  hosted.faultOf = ({ method }) => (method === "DELETE" ? 400 : undefined);
  await world.problem("cancel_batch", { batch_id: id });
  hosted.faultOf = () => undefined;
  expect((await world.tool("get_batch_status", { batch_id: id })).batch.status).toBe("draft");
  hosted.batches.delete(id);
  expect((await world.problem("get_batch_status", { batch_id: id })).code).toBe("not_found");
});

test("a cancel whose answer was lost is one when the API has deleted the batch", async () => {
  const id = await create();
  hosted.faultOf = ({ method }) => (method === "DELETE" ? "lost_answer" : undefined);
  expect((await world.problem("cancel_batch", { batch_id: id })).code).toBe("outcome_unknown");
  hosted.faultOf = () => undefined;
  expect((await world.tool("get_batch_status", { batch_id: id })).batch.status).toBe("cancelled");
});

test("linked batches that were cancelled stay one campaign, with their parts and people", async () => {
  await world.file("long.csv", longFile(1005));
  const { batch } = await world.tool("create_batch_call", longRequest({ agent_id: "agent_1" }));
  const id = batch.batch_id;
  await world.tool("cancel_batch", { batch_id: id });
  expect(hosted.batches.size).toBe(0);
  const status = await world.tool("get_batch_status", { batch_id: id });
  expect(status.batch).toMatchObject({ status: "cancelled", counts: { total: 1005, cancelled: 1005 } });
  expect(status.batch.parts.map((part: { status: string }) => part.status)).toEqual(["cancelled", "cancelled"]);
  expect((await world.tool("get_batch_results", { batch_id: id })).total).toBe(1005);
  expect((await world.tool("export_batch_results", { batch_id: id })).rows).toBe(1005);
  const { batches } = await world.tool("list_batches", {});
  expect(batches.map(({ batch_id }: { batch_id: string }) => batch_id)).toEqual([id]);
  expect((await world.problem("start_batch", { batch_id: id, start: "now" })).message).toContain("cancelled");
  expect((await world.tool("cancel_batch", { batch_id: id })).batch.status).toBe("cancelled");
});
