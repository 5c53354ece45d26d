import { afterEach, describe, expect, test } from "vitest";
import type { StartPolicy } from "../../src/domain/start-policy.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World, type WorldSetup } from "../support/world.ts";

const testNumber = "+14155550177";
const policy: Partial<StartPolicy> = { testNumbers: [testNumber] };

let world: World;
let hosted: HostedApi | undefined;
afterEach(async () => {
  await world.stop();
  await hosted?.stop();
  hosted = undefined;
});

async function open(setup: WorldSetup = {}) {
  world = await startWorld({
    carrierEnvironment: "live",
    policy,
    service: { minHoursBetweenBatches: 24, testNumbers: [testNumber] },
    ...setup,
  });
}

const csv = [
  "Name,Mobile,first_name",
  `Ann Lee,${numberOf(1)},Ann`,
  "Bob Ray,12,Bob",
  `Cid Fox,${numberOf(3)},Cid`,
  `Dee Roy,${testNumber},Dee`,
].join("\n");

async function draft(changes: object = {}): Promise<string> {
  const { tasks: _, ...args } = request(1, { tasks_csv: csv, ...changes }) as { tasks: unknown };
  return (await world.tool("create_batch_call", args)).batch.batch_id;
}

const rung = () => world.carrier.rings.map(({ toNumber }) => toNumber);
const ring = (id: string, row = 4) => world.tool("test_call", { batch_id: id, row, to_number: testNumber });

test("a number without its country is refused with what this tool takes", async () => {
  await open();
  const id = await draft();
  const refused = await world.problem("test_call", { batch_id: id, row: 4, to_number: "(415) 555-0123" });
  expect(JSON.stringify(refused.issues)).toContain("with its country code, such as +1");
  expect(JSON.stringify(refused.issues)).not.toContain("default_country");
});

describe("a test call", () => {
  test("rings the operator's number with the words of the row, agent and caller id of the draft, and asks nobody", async () => {
    await open();
    const id = await draft();
    const { batch } = await ring(id);
    expect(batch).toMatchObject({
      name: expect.stringMatching(/^\[test\] June reminders, row 4/),
      counts: { total: 1 },
    });
    expect(batch.batch_id).not.toBe(id);
    await world.clock.advance({ minutes: 2 });
    expect(world.carrier.rings).toMatchObject([
      { toNumber: testNumber, fromNumber: "+14155550100", variables: { first_name: "Cid" } },
    ]);
    expect(world.person.asked).toEqual([]);
    expect(world.audit.read(10)).toMatchObject([
      { kind: "asked", batchId: batch.batch_id, recipients: 1 },
      { kind: "approved", channel: "policy", detail: "test call, to a number of BATCH_CALL_TEST_NUMBERS" },
      { kind: "launched" },
    ]);
  });

  test("can be placed as often as they like, and leaves the campaign and its people as they were", async () => {
    await open();
    const id = await draft();
    for (let n = 0; n < 3; n++) {
      await ring(id);
      await world.clock.advance({ minutes: 3 });
    }
    expect(rung()).toEqual([testNumber, testNumber, testNumber]);
    const status = await world.tool("get_batch_status", { batch_id: id });
    expect(status.batch).toMatchObject({ status: "draft", counts: { total: 3, pending: 3 } });
    expect((await world.tool("get_batch_results", { batch_id: id })).results).toHaveLength(3);
    world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
    await world.tool("start_batch", { batch_id: id, start: "now" });
    await world.clock.advance({ minutes: 5 });
    // Whoever is on the list with that number is called by the campaign as well.
    expect(rung().slice(3).sort()).toEqual([numberOf(1), numberOf(3), testNumber].sort());
    const { batches, test_calls: tests } = await world.tool("list_batches");
    expect(batches).toMatchObject([{ batch_id: id }]);
    expect(tests.map(({ name }: { name: string }) => name.slice(0, 7))).toEqual(["[test] ", "[test] ", "[test] "]);
    expect(await world.text("list_batches")).toMatch(/:\n- "[^[].*\nTest calls:\n- "\[test\] /);
  });

  test("waits for another call to that number to end", async () => {
    await open();
    const id = await draft();
    await ring(id);
    await ring(id, 2);
    await world.clock.advance({ seconds: 5 });
    expect(rung()).toEqual([testNumber]);
    await world.clock.advance({ minutes: 5 });
    expect(rung()).toEqual([testNumber, testNumber]);
  });

  test("is no batch whose people are called again: the campaign that it tested is named, and the call that helps", async () => {
    await open();
    const id = await draft();
    const { batch } = await ring(id);
    await world.clock.advance({ minutes: 3 });
    const again = request(1, { tasks: undefined, name: "Again", from_batch: { batch_id: batch.batch_id } });
    const refused = async (tool: string) => (await world.problem(tool, again)).issues;
    const ofDraft = `${batch.batch_id} is a test call: it rang a number for tests, and nobody of a campaign. It tested ${id}, a draft: nobody of it was called yet, and start_batch begins it.`;
    const issue = { field: "from_batch.batch_id", code: "test_call" };
    expect(await refused("create_batch_call")).toEqual([{ ...issue, message: ofDraft }]);
    expect(await refused("preview_batch_call")).toEqual([{ ...issue, message: ofDraft }]);
    world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
    await world.tool("start_batch", { batch_id: id, start: "now" });
    const [started] = await refused("create_batch_call");
    expect(started?.message).toContain(
      `It tested ${id}. Whom that did not reach: preview_batch_call {from_batch: {batch_id: "${id}"}} with the other arguments.`,
    );
  });

  test("whose campaign is gone or renamed is refused as well", async () => {
    await open();
    const id = await draft();
    const { batch } = await ring(id);
    await world.clock.advance({ minutes: 3 });
    await world.tool("update_batch", { batch_id: id, name: "Something else" });
    const again = request(1, { tasks: undefined, name: "Again", from_batch: { batch_id: batch.batch_id } });
    const { issues } = await world.problem("create_batch_call", again);
    expect(issues).toMatchObject([{ code: "test_call", message: expect.stringContaining("list_batches shows them") }]);
  });

  test.each([numberOf(1), "+14155550178", "+442079460018"])(
    "never rings %s, which the operator did not name",
    async (to) => {
      await open();
      const id = await draft();
      const problem = await world.problem("test_call", { batch_id: id, row: 4, to_number: to });
      expect(problem).toMatchObject({ code: "refused_by_limit" });
      expect(problem.message).toContain("BATCH_CALL_TEST_NUMBERS does not name it");
      await world.clock.advance({ hours: 1 });
      expect(rung()).toEqual([]);
      expect((await world.tool("list_batches")).batches).toHaveLength(1);
    },
  );

  test("is refused where the operator named no number, by a setting that is told", async () => {
    await open({ policy: {} });
    const problem = await world.problem("test_call", { batch_id: await draft(), row: 4, to_number: testNumber });
    expect(problem.message).toContain("BATCH_CALL_TEST_NUMBERS names no number");
  });

  test("is held by the kill switch, the do-not-call list and calling hours, and leaves no draft behind", async () => {
    await open({ policy: { ...policy, hours: { start: "08:00", end: "21:00" } } });
    const id = await draft();
    const refused = () => world.problem("test_call", { batch_id: id, row: 4, to_number: testNumber });
    expect((await refused()).issues).toMatchObject([{ code: "calling_hours" }]);
    await world.tool("update_do_not_call_list", { action: "add", numbers: [testNumber] });
    expect((await refused()).issues).toMatchObject([{ code: "do_not_call" }]);
    world.killSwitch.set(true, "operator", world.clock.now());
    expect((await refused()).message).toContain("All calls are stopped");
    expect((await world.tool("list_batches")).batches).toHaveLength(1);
    await world.clock.advance({ hours: 12 });
    expect(rung()).toEqual([]);
  });

  test("needs a row that would be called, of a list that is kept", async () => {
    await open();
    const id = await draft();
    const issues = async (row: number) =>
      (await world.problem("test_call", { batch_id: id, row, to_number: testNumber })).issues;
    expect(await issues(3)).toMatchObject([
      {
        field: "row",
        code: "no_country",
        message: expect.stringMatching(/^Row 3 would not be called: .* Give another row\.$/),
      },
    ]);
    expect(await issues(9)).toMatchObject([{ field: "row", code: "no_such_row" }]);
    const { list_id } = await world.tool("preview_batch_call", {
      ...request(1, { tasks_csv: csv }),
      tasks: undefined,
    });
    await world.tool("delete_list", { list_id });
    expect(await issues(4)).toMatchObject([{ field: "batch_id", code: "no_list" }]);
  });

  test("rings nobody where calls are simulated, and warns no campaign", async () => {
    await open({ carrierEnvironment: undefined as never, service: {} });
    const id = await draft();
    expect((await ring(id)).batch).toMatchObject({ environment: "simulated" });
    await world.clock.advance({ minutes: 2 });
    expect(rung()).toEqual([testNumber]);
    const { warnings = [] } = await world.tool("preview_batch_call", {
      ...request(1, { tasks_csv: csv, start: "now" }),
      tasks: undefined,
    });
    expect(warnings.filter((text: string) => text.includes("another batch"))).toEqual([]);
  });
});

describe("at an API that is not ours", () => {
  async function openHosted(): Promise<string> {
    hosted = await HostedApi.start();
    const { url } = hosted;
    world = await startWorld({ upstream: () => url, policy });
    return draft({ agent_id: "agent_1" });
  }

  test("it is a batch of one, marked in its name, and started", async () => {
    const id = await openHosted();
    const { batch } = await world.whileTimePasses(ring(id));
    expect(batch.name).toMatch(/^\[test\] June reminders, row 4 \[bc-[0-9a-f]{12}\]$/);
    expect(hosted?.batches.get(batch.batch_id)).toMatchObject({ status: "SENT" });
    expect(hosted?.batches.get(id)?.status.toLowerCase()).toBe("draft");
  });

  test("another one waits until it is over", async () => {
    const id = await openHosted();
    await world.whileTimePasses(ring(id));
    const problem = await world.problem("test_call", { batch_id: id, row: 2, to_number: testNumber });
    expect(problem).toMatchObject({ code: "wrong_state" });
    expect(problem.message).toMatch(/is under way. Nothing was created/);
    expect(hosted?.dangerous).toHaveLength(1);
  });
});
