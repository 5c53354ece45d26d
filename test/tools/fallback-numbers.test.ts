import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/summary.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { fromNumber, numberOf, request, startWorld, type World, type WorldSetup } from "../support/world.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(setup: WorldSetup = {}): Promise<World> {
  const world = await startWorld(setup);
  open.push(() => world.stop());
  return world;
}

const rung = (world: World) => world.carrier.rings.map(({ toNumber }) => toNumber);
const columns = { to_number: ["Mobile", "Home"] };
const ofText = (text: string, changes: object = {}) => request(1, { tasks: undefined, tasks_csv: text, ...changes });
const unreached = { [numberOf(1)]: ["no_answer"] } as const;
const now = { start: "now" };

describe("the second number is called when the first is not reached", () => {
  test.each([
    ["columns", ofText(`Mobile,Home\n${numberOf(1)},${numberOf(2)}`, { columns })],
    ["a column of that name", ofText(`phone,fallback_number\n${numberOf(1)},${numberOf(2)}`)],
    ["tasks", request(1, { tasks: [{ to_number: numberOf(1), fallback_number: numberOf(2) }] })],
    [
      "tasks with retries and variables",
      request(1, {
        tasks: [
          {
            to_number: numberOf(1),
            fallback_number: numberOf(2),
            max_retries: 0,
            dynamic_variables: { first_name: "A" },
          },
          { to_number: numberOf(3), dynamic_variables: { first_name: "B" } },
        ],
      }),
    ],
  ])("given by %s", async (_how, input) => {
    const world = await start({ carrier: unreached });
    const preview = await world.tool("preview_batch_call", input);
    const { batch, warnings } = await world.tool("create_batch_call", { ...input, ...now });
    expect([preview.warnings, warnings]).toEqual([undefined, undefined]);
    await world.clock.advance({ hours: 1 });
    expect(rung(world).filter((number) => number !== numberOf(3))).toEqual([numberOf(1), numberOf(2)]);
    const { results, total } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(total).toBe(results.length);
    expect(results[0]).toMatchObject({
      to_number: expect.stringContaining("***"),
      fallback_number: expect.stringContaining("***"),
      status: "completed",
      attempts: 2,
      fallback_attempts: 1,
    });
    const { call } = await world.tool("get_call", { call_id: results[0].call_id });
    expect(call.to_number).toBe(numberOf(2));
  });

  test("and a file of the results tells it", async () => {
    const world = await start({ carrier: unreached });
    const input = ofText(`Mobile,Home\n${numberOf(1)},${numberOf(2)}`, { columns, ...now });
    const { batch } = await world.tool("create_batch_call", input);
    await world.clock.advance({ hours: 1 });
    const { path } = await world.tool("export_batch_results", { batch_id: batch.batch_id, safe_for: "machine" });
    const [header = "", line = ""] = (await readFile(path, "utf8")).split(/\r?\n/);
    const cells = new Map(header.split(",").map((name, index) => [name, line.split(",")[index]]));
    expect(header).toMatch(/^Mobile,Home,result_row,/);
    expect([cells.get("result_to_number"), cells.get("result_fallback_number")]).toEqual([numberOf(1), numberOf(2)]);
    expect([cells.get("result_attempts"), cells.get("result_fallback_attempts")]).toEqual(["2", "1"]);
  });
});

describe("a second number is dropped, and that is said,", () => {
  async function previewed(world: World, text: string) {
    const input = ofText(text, { columns });
    const answer = await world.tool("preview_batch_call", input);
    const created = await world.tool("create_batch_call", { ...input, ...now });
    await world.clock.advance({ hours: 5 });
    return { said: JSON.stringify([answer.notes, answer.warnings]), created };
  }

  test.each([
    ["another row's", `${numberOf(1)},${numberOf(3)}\n${numberOf(3)},`, /Home.*another row's.*rows 2/],
    ["that of a row before", `${numberOf(4)},${numberOf(3)}\n${numberOf(1)},${numberOf(3)}`, /another row's.*rows 3/],
    ["the row's own", `${numberOf(1)},${numberOf(1)}`, /the row's own.*rows 2/],
    ["the caller id", `${numberOf(1)},${fromNumber}`, /1 row \(2\) are not called.*from_number/],
    ["no number", `${numberOf(1)},12`, /Home.*could not be read.*rows 2/],
  ])("when it is %s", async (_what, rows, words) => {
    const world = await start({ carrier: { ...unreached, [numberOf(4)]: ["no_answer"] } });
    const { said } = await previewed(world, `Mobile,Home\n${rows}`);
    expect(said).toMatch(words);
    const numbers = rung(world);
    expect(numbers).toContain(numberOf(1));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("when it is on the do-not-call list, in its row as well", async () => {
    const world = await start({ carrier: unreached });
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(2)] });
    const { said, created } = await previewed(world, `Mobile,Home\n${numberOf(1)},${numberOf(2)}`);
    expect(said).toMatch(/1 row \(2\) are not called.*do-not-call list/);
    expect(rung(world)).toEqual([numberOf(1)]);
    const { list_rows } = await world.tool("get_list", { list_id: created.list_id });
    expect(list_rows[0]).toMatchObject({ fate: "accepted", reason: expect.stringContaining("not called") });
  });

  test("when the operator does not allow it", async () => {
    const world = await start({ carrier: unreached, policy: { countries: ["US"] } });
    const { said } = await previewed(world, `Mobile,Home\n${numberOf(1)},+442079460123`);
    expect(said).toMatch(/1 row \(2\) are not called.*operator/);
    expect(rung(world)).toEqual([numberOf(1)]);
  });
});

test("who is on the do-not-call list with the first number is not called on the second", async () => {
  const world = await start();
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(1)] });
  const text = `Mobile,Home\n${numberOf(1)},${numberOf(2)}\n${numberOf(3)},`;
  await world.tool("create_batch_call", ofText(text, { columns, ...now }));
  await world.clock.advance({ hours: 5 });
  expect(rung(world)).toEqual([numberOf(3)]);
});

describe("where calls are real", () => {
  const live = { carrierEnvironment: "live", carrier: unreached } as const;
  const text = `Mobile,Home\n${numberOf(1)},${numberOf(2)}\n${numberOf(3)},`;
  const agrees = { kind: "accepted", typedRecipients: 2 } as const;

  test("a person is told of second numbers, agrees to both, and is asked anew for another one", async () => {
    const world = await start(live);
    const { batch, list_id } = await world.tool("create_batch_call", ofText(text, { columns }));
    world.person.willAnswer(agrees);
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    const [summary] = world.person.asked;
    if (!summary) throw new Error("Nobody was asked");
    expect(summary.recipients).toBe(2);
    const also = toSummaryFacts(summary).find(({ label }) => label === "Also")?.lines;
    expect(also).toContain("1 of them has a second number, which is called when the first is not reached.");
    expect(also).toContain("Each person is called up to 2 times, on both numbers together.");
    const rules = toSummaryFacts(summary).find(({ label }) => label === "Rules")?.lines;
    expect(rules).toContain("Each number is called once");
    expect((await world.tool("get_batch_status", { batch_id: batch.batch_id })).rules).toContain(
      "Each number is called once",
    );
    const edited = await world.tool("change_list", {
      list_id,
      set_cells: [{ row: 2, column: "Home", value: numberOf(4) }],
    });
    const held = await world.tool("update_batch", { batch_id: batch.batch_id, list_id: edited.list_id });
    expect(held).toMatchObject({ starts_by_itself: false });
    await world.clock.advance({ hours: 5 });
    expect(rung(world)).not.toContain(numberOf(2));
    expect(rung(world)).not.toContain(numberOf(4));
    world.person.willAnswer({ kind: "accepted", typedRecipients: 1 });
    await world.tool("resume_batch", { batch_id: batch.batch_id });
    await world.clock.advance({ hours: 5 });
    expect(rung(world).filter((number) => number !== numberOf(3))).toEqual([numberOf(1), numberOf(4)]);
  });

  test("a person is told of a country in which only second numbers ring", async () => {
    const world = await start({ ...live, policy: { countries: ["US", "GB"] } });
    world.person.willAnswer({ kind: "declined" });
    const ring = ofText(`Mobile,Home\n${numberOf(1)},+442079460123`, { columns, ...now });
    await world.problem("create_batch_call", ring);
    const [summary] = world.person.asked;
    if (!summary) throw new Error("Nobody was asked");
    const also = toSummaryFacts(summary).find(({ label }) => label === "Also")?.lines;
    expect(also).toContain(
      "1 of them has a second number, which is called when the first is not reached. Some second numbers are in other countries: GB.",
    );
  });

  test("a second number that the operator forbids since refuses the start of a batch that has it", async () => {
    const world = await start({ ...live, policy: { countries: ["US", "GB"] } });
    const { batch } = await world.tool(
      "create_batch_call",
      ofText(`Mobile,Home\n${numberOf(1)},+442079460123`, { columns }),
    );
    Object.assign(world.campaigns.policy, { countries: ["US"] });
    const problem = await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    expect(problem.code).toBe("refused_by_limit");
    expect(problem.issues).toMatchObject([{ code: "country_not_allowed" }]);
  });

  test("the hours of a batch suit the second numbers too", async () => {
    const world = await start({ ...live, policy: { hours: { start: "09:00", end: "20:00" }, countries: ["US"] } });
    const hoursOf = async (home: string) =>
      (await world.tool("preview_batch_call", ofText(`Mobile,Home\n${numberOf(1)},${home}`, { columns }))).batch
        .calling_hours;
    expect(await hoursOf("+12125550102")).not.toEqual(await hoursOf("+12135550102"));
  });
});

test("a fallback column that is named by itself is refused with the words that name it, not taken for a variable", async () => {
  const world = await start();
  const text = `Mobile,Home\n${numberOf(1)},${numberOf(2)}`;
  for (const [given, said] of [
    [{ fallback_number: "Home" }, '["…", "Home"]'],
    [{ to_number: "Mobile", fallback_number: "Home" }, '["Mobile", "Home"]'],
  ] as const) {
    const problem = await world.problem("preview_batch_call", ofText(text, { columns: given }));
    expect(problem).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(`columns: { to_number: ${said} }`),
    });
  }
});

describe("an API that is not ours", () => {
  async function startHosted() {
    const hosted = await HostedApi.start();
    open.push(() => hosted.stop());
    return { hosted, world: await start({ upstream: () => hosted.url }) };
  }

  test("is sent no second number, and that is said before anything starts", async () => {
    const { hosted, world } = await startHosted();
    const input = { ...ofText(`Mobile,Home\n${numberOf(1)},${numberOf(2)}`, { columns }), agent_id: "agent_1" };
    const notCalled = expect.stringMatching(/calls one number a person: the numbers in "Home" are not called/);
    expect((await world.tool("preview_batch_call", input)).warnings).toContainEqual(notCalled);
    const created = await world.tool("create_batch_call", input);
    expect(created.warnings).toContainEqual(notCalled);
    expect(created.unverified).toContain("fallback_number");
    const { batch_id } = created.batch;
    expect(JSON.stringify([...hosted.batches.values()])).not.toContain(numberOf(2));
    world.person.willAnswer({ kind: "accepted", typedRecipients: 1 });
    await world.tool("start_batch", { batch_id, start: "now" });
    expect(JSON.stringify(world.person.asked[0]?.notes)).toContain("did not confirm");
    expect(JSON.stringify(world.person.asked[0]?.notes)).not.toContain("second number");
  });

  test("is sent none with a new list either", async () => {
    const { hosted, world } = await startHosted();
    const { batch } = await world.tool("create_batch_call", { ...request(1), agent_id: "agent_1" });
    const { list_id } = await world.tool("preview_batch_call", {
      ...ofText(`Mobile,Home\n${numberOf(5)},${numberOf(6)}`, { columns }),
      agent_id: "agent_1",
    });
    const changed = await world.tool("update_batch", { batch_id: batch.batch_id, list_id });
    expect(changed.unverified).toContain("fallback_number");
    const stored = JSON.stringify([...hosted.batches.values()]);
    expect(stored).toContain(numberOf(5));
    expect(stored).not.toContain(numberOf(6));
  });
});

test("a number is masked in the results unless it is asked for", async () => {
  const world = await start({ carrier: unreached });
  const input = ofText(`Mobile,Home\n${numberOf(1)},${numberOf(2)}`, { columns, ...now });
  const { batch } = await world.tool("create_batch_call", input);
  const shown = await world.tool("get_batch_results", { batch_id: batch.batch_id, show_numbers: true });
  expect(shown.results[0]).toMatchObject({
    to_number: numberOf(1),
    fallback_number: numberOf(2),
    fallback_attempts: 0,
  });
  expect(await world.text("get_batch_results", { batch_id: batch.batch_id })).not.toContain(numberOf(2));
});
