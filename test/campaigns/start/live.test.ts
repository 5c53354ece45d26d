import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { request, startWorld, type World } from "../../support/world.ts";

let hosted: HostedApi;
let world: World;
beforeEach(async () => {
  hosted = await HostedApi.start();
  world = await startWorld({ upstream: () => hosted.url });
});
afterEach(async () => {
  await world.stop();
  await hosted.stop();
});

const live = (changes: object = {}) => request(3, { agent_id: "agent_1", ...changes });
const inTwoHours = { start: "at_time", start_at: "2026-03-02T12:00" };
const onlyBatch = () => [...hosted.batches.values()][0];

describe("with live credentials", () => {
  test("a create makes a draft with a tag in its name, and says what the API did not echo", async () => {
    const { batch, unverified, approval } = await world.tool(
      "create_batch_call",
      live({ quiet_hours: { enabled: true, start_time: "21:00", end_time: "08:00" } }),
    );
    expect(batch).toMatchObject({
      status: "draft",
      environment: "live",
      name: expect.stringMatching(/^June reminders \[bc-[0-9a-f]{12}\]$/),
    });
    expect(unverified).toEqual(["quiet_hours"]);
    expect(approval).toBeUndefined();
    expect(hosted.seen.find(({ method, path }) => method === "POST" && path === "/batch-call")?.body).toMatchObject({
      status: "draft",
      send_now: false,
    });
  });

  test.each([{ start: "now" }, inTwoHours])(
    "a create with %j only makes a draft and says what a person can do",
    async (start) => {
      const { batch, approval } = await world.tool("create_batch_call", live(start));
      expect(batch.status).toBe("draft");
      expect(approval).toEqual({
        how: expect.stringContaining("page was opened"),
        expected_recipients: 3,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(hosted.dangerous).toEqual([]);
    },
  );

  test("a start answers needs_approval while nobody agreed, changes nothing and rings nobody", async () => {
    const { batch } = await world.tool("create_batch_call", live());
    const before = structuredClone(onlyBatch());
    for (const [tool, args] of [
      ["start_batch", { start: "now" }],
      ["start_batch", inTwoHours],
    ] as const) {
      const problem = await world.problem(tool, { batch_id: batch.batch_id, ...args });
      expect(problem.code).toBe("needs_approval");
      expect(problem.message).toMatch(/Nobody was called yet/);
    }
    expect(onlyBatch()).toEqual(before);
    expect(hosted.dangerous).toEqual([]);
  });

  test("an unknown id is not_found before it is a question of approval", async () => {
    expect((await world.problem("start_batch", { batch_id: "batch_call_0", start: "now" })).code).toBe("not_found");
  });

  test.each([
    [{ agent_id: "agent_2" }, 'agent_id is "agent_2", not "agent_1"'],
    [{ from_number: "+14155550109" }, "from_number"],
    [{ name: "Something else" }, "name"],
    [{ status: "scheduled" }, 'status is "scheduled", not "draft"'],
  ])("a draft that came out as %j is deleted and refused", async (distortion, words) => {
    hosted.distortion = distortion;
    const problem = await world.whileTimePasses(world.problem("create_batch_call", live()));
    expect(problem.code).toBe("bad_response");
    expect(problem.message).toContain(words);
    expect(hosted.batches.size).toBe(0);
    hosted.distortion = {};
    expect((await world.tool("create_batch_call", live())).replayed).toBe(false);
  });

  test("a time that came back another second is no match, and one that is not echoed is unverified", async () => {
    hosted.distortion = { scheduled_timestamp: Date.parse("2026-03-02T17:00:01Z") };
    const refused = world.problem("create_batch_call", live(inTwoHours));
    expect((await world.whileTimePasses(refused)).message).toContain("start_at");
    hosted.distortion = {};
    hosted.hidden = ["scheduled_timestamp", "timezone"];
    expect((await world.tool("create_batch_call", live(inTwoHours))).unverified).toEqual(["start_at", "timezone"]);
  });
});

describe("a live create whose answer is lost", () => {
  test("is found by its tag when it is repeated, and is not made twice", async () => {
    hosted.createFaults = ["lost_answer"];
    const problem = await world.problem("create_batch_call", live());
    expect(problem.code).toBe("outcome_unknown");
    expect(problem.message).toMatch(/create_batch_call with the same arguments/);

    const { batch, replayed } = await world.tool("create_batch_call", live());
    expect(replayed).toBe(true);
    expect(batch.batch_id).toBe(onlyBatch()?.batch_call_id);
    expect(hosted.batches.size).toBe(1);
  });

  test("is not sent again while it may still arrive, and is after that", async () => {
    hosted.createFaults = ["lost_request"];
    await world.problem("create_batch_call", live());
    expect((await world.problem("create_batch_call", live())).code).toBe("outcome_unknown");
    await world.clock.advance({ minutes: 3 });
    expect((await world.tool("create_batch_call", live())).replayed).toBe(false);
    expect(hosted.batches.size).toBe(1);
  });

  test("is given up, and a duplicate that comes later is deleted at the next repeat", async () => {
    hosted.createFaults = ["lost_request"];
    await world.problem("create_batch_call", live());
    await world.clock.advance({ minutes: 3 });
    const { batch } = await world.tool("create_batch_call", live());
    const late = hosted.seen.find(({ method, path }) => method === "POST" && path === "/batch-call");
    hosted.make(late?.body);

    const repeat = await world.tool("create_batch_call", live());
    expect(repeat).toMatchObject({ replayed: true, batch: { batch_id: batch.batch_id } });
    expect([...hosted.batches.keys()]).toEqual([batch.batch_id]);
  });

  test("is settled by another process too", async () => {
    hosted.createFaults = ["lost_answer"];
    await world.problem("create_batch_call", live());
    expect((await world.another().tool("create_batch_call", live())).replayed).toBe(true);
    expect(hosted.batches.size).toBe(1);
  });
});

describe("an API without pause and cancel", () => {
  const scheduled = async () => {
    const { batch } = await world.tool("create_batch_call", live(inTwoHours));
    Object.assign(hosted.batches.get(batch.batch_id) ?? {}, { status: "scheduled" });
    return batch.batch_id;
  };

  test("a scheduled batch is held as a draft, read back, its time kept", async () => {
    const { batch } = await world.tool("pause_batch", { batch_id: await scheduled() });
    expect(batch).toMatchObject({
      status: "draft",
      is_paused: false,
      held_reason: expect.stringContaining("no pause"),
      scheduled_at: { local: "2026-03-02T12:00" },
    });
    expect(onlyBatch()?.status).toBe("draft");
  });

  test("a running batch cannot be paused or cancelled, and the answer says how many calls are to come", async () => {
    const id = await scheduled();
    Object.assign(hosted.batches.get(id) ?? {}, { status: "SENT" });
    for (const tool of ["pause_batch", "cancel_batch"]) {
      const problem = await world.problem(tool, { batch_id: id });
      expect(problem.code).toBe("unsupported");
      expect(problem.message).toMatch(/3 calls are still to come.*Nothing was changed/);
    }
    expect(onlyBatch()?.status).toBe("SENT");
  });

  test("every tool that an answer allows does something, and none that it does not allow", async () => {
    const id = await scheduled();
    const allowed = async () => (await world.tool("get_batch_status", { batch_id: id })).batch.allowed_actions;
    expect(await allowed()).toEqual(["start_batch", "pause_batch", "update_batch", "cancel_batch"]);
    Object.assign(hosted.batches.get(id) ?? {}, { status: "SENT" });
    expect(await allowed()).toEqual(["get_batch_results", "export_batch_results"]);
    const problem = await world.problem("start_batch", { batch_id: id, start: "now" });
    expect(problem.message).toMatch(/Allowed from here: get_batch_results, export_batch_results\.$/);
  });

  test("cancelling what has not begun deletes it", async () => {
    const { batch } = await world.tool("cancel_batch", { batch_id: await scheduled() });
    expect(batch).toMatchObject({
      status: "cancelled",
      is_final: true,
      counts: { cancelled: 3 },
      allowed_actions: ["get_batch_results", "export_batch_results"],
    });
    expect(hosted.batches.size).toBe(0);
  });

  test("a finished batch is in the wrong state for both", async () => {
    const id = await scheduled();
    Object.assign(hosted.batches.get(id) ?? {}, { status: "COMPLETED" });
    for (const tool of ["pause_batch", "cancel_batch"]) {
      const problem = await world.problem(tool, { batch_id: id });
      expect(problem).toMatchObject({
        code: "wrong_state",
        message: expect.stringMatching(/is completed.*Allowed from here: get_batch_results/),
      });
    }
  });
});

test("counts of a hosted batch come from its task pages, at most once in 15 s", async () => {
  const { batch } = await world.tool("create_batch_call", live());
  const readSoFar = hosted.seen.length;
  const pagesRead = () => hosted.seen.slice(readSoFar).filter(({ path }) => path.endsWith("/tasks")).length;
  const status = () => world.tool("get_batch_status", { batch_id: batch.batch_id });

  expect((await status()).batch).toMatchObject({ counts: { total: 3, pending: 3 } });
  expect((await status()).batch).not.toHaveProperty("outcomes");
  expect(pagesRead()).toBe(1);
  hosted.taskStatus = "COMPLETED";
  await world.clock.advance({ seconds: 16 });
  expect((await status()).batch.counts).toMatchObject({ total: 3, completed: 3, pending: 0 });
  expect(pagesRead()).toBe(2);
});

test("counts of a hosted batch are counted again when its status changes: nobody is to come once it has ended", async () => {
  const { batch } = await world.tool("create_batch_call", live());
  const args = { batch_id: batch.batch_id };
  expect((await world.tool("get_batch_status", args)).batch.counts).toMatchObject({ pending: 3 });
  Object.assign(onlyBatch() ?? {}, { status: "COMPLETED" });
  hosted.taskStatus = "COMPLETED";
  expect((await world.tool("get_batch_status", args)).batch).toMatchObject({
    is_final: true,
    percent_done: 100,
    counts: { pending: 0, completed: 3 },
  });
  expect(await world.text("get_batch_status", args)).toMatch(/completed, 100% of 3 done/);
});

test("the time of a draft is not shown as one at which it starts", async () => {
  const { batch } = await world.tool("create_batch_call", live(inTwoHours));
  const text = await world.text("get_batch_status", { batch_id: batch.batch_id });
  expect(text).toContain("Intended start, not scheduled: 2026-03-02T12:00 local");
});

test("results of a hosted batch are filtered here, and outcomes that it does not tell are not guessed", async () => {
  const { batch } = await world.tool("create_batch_call", live());
  hosted.taskStatus = "FAILED";
  const results = (filter: object) => ({ batch_id: batch.batch_id, ...filter });
  expect(await world.tool("get_batch_results", results({ status: "completed" }))).toMatchObject({
    results: [],
    total: 0,
  });
  expect((await world.tool("get_batch_results", results({ status: "failed", limit: 2 }))).results).toHaveLength(2);
  expect((await world.problem("get_batch_results", results({ outcome: "busy" }))).code).toBe("unsupported");
});

test("the do-not-call list is kept here where the API has none, and holds for new batches", async () => {
  const added = await world.tool("update_do_not_call_list", {
    action: "add",
    numbers: ["+1 201 555 0102"],
    reason: "asked",
  });
  expect(added).toEqual({ numbers: ["+12015550102"], added: 1, removed: 0, total: 1 });
  const again = { action: "add", numbers: ["+12015550102", "+12015550109"], requested_by: "Ann" };
  expect(await world.tool("update_do_not_call_list", again)).toMatchObject({ added: 1, total: 2 });
  expect(await world.tool("check_do_not_call", { numbers: again.numbers })).toMatchObject({
    listed: [
      { number: "+12015550102", reason: "asked", added_by: "tool: local" },
      { number: "+12015550109", requested_by: "Ann" },
    ],
  });
  await world.tool("update_do_not_call_list", { action: "add", numbers: ["+12015550109"], reason: "later" });
  const { listed } = await world.tool("check_do_not_call", { numbers: ["+12015550109"] });
  expect(listed[0].reason).toBeUndefined();
  await world.tool("update_do_not_call_list", { action: "remove", numbers: ["+12015550109"] });
  const { rows, issues } = await world.tool("create_batch_call", live());
  expect(rows).toEqual({ input: 3, accepted: 2, duplicate: 0, suppressed: 1, refused: 0 });
  expect(issues).toMatchObject([{ row: 2, code: "do_not_call" }]);
  expect(await world.tool("update_do_not_call_list", { action: "remove", numbers: ["+12015550102"] })).toMatchObject({
    removed: 1,
    total: 0,
  });
});
