import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const wanted = [
  { name: "confirmed", meaning: "Do they come?", choices: ["yes", "another day"] },
  { name: "people", meaning: "How many come?" },
];
const yes = { name: "confirmed", value: "yes", quote: "Yes, I do." };

/** Four people: three answer the phone, two of them the question. */
async function campaign(changes: object = {}): Promise<string> {
  world.carrier.answers.set(numberOf(1), [yes, { name: "people", value: "=4" }]);
  world.carrier.answers.set(numberOf(2), [{ name: "confirmed", value: "another day" }]);
  world.carrier.script(numberOf(4), "no_answer");
  const args = request(4, { start: "now", answers_wanted: wanted, ...changes });
  const { batch } = await world.tool("create_batch_call", args);
  await world.clock.advance({ minutes: 5 });
  return batch.batch_id;
}

it("what is wanted goes to the carrier with each dial", async () => {
  await campaign();
  expect(world.carrier.dials.map(({ answersWanted }) => answersWanted)).toEqual([wanted, wanted, wanted, wanted]);
});

it("another question is another batch, the same one a replay", async () => {
  const create = async (asked: object) => (await world.tool("create_batch_call", request(4, asked))).batch.batch_id;
  const id = await create({ answers_wanted: wanted });
  expect(await create({ answers_wanted: wanted })).toBe(id);
  expect(await create({})).not.toBe(id);
});

it("answers are counted in the status, in words and numbers", async () => {
  const id = await campaign();
  const { batch } = await world.tool("get_batch_status", { batch_id: id });
  expect(batch.answers).toMatchObject([
    { name: "confirmed", without: 1, text: "confirmed: another day 1, yes 1, no answer to it 1" },
    { name: "people", values: [{ value: "=4", recipients: 1 }], without: 2 },
  ]);
  expect(await world.text("get_batch_status", { batch_id: id })).toContain(
    "Answers: confirmed: another day 1, yes 1, no answer to it 1",
  );
});

it("answers stand in the results, with their sentences where they are asked for by name", async () => {
  const id = await campaign();
  const { results } = await world.tool("get_batch_results", { batch_id: id });
  expect(results.map(({ answers }: Record<string, unknown>) => answers)).toEqual([
    [
      { name: "confirmed", value: "yes" },
      { name: "people", value: "=4" },
    ],
    [{ name: "confirmed", value: "another day" }],
    undefined,
    undefined,
  ]);
  const named = await world.tool("get_batch_results", { batch_id: id, columns: ["confirmed", "first_name"] });
  expect(named.results[0]).toMatchObject({ answers: [yes], cells: { first_name: "P0" } });
  expect(await world.problem("get_batch_results", { batch_id: id, columns: ["weather"] })).toMatchObject({
    code: "invalid_input",
  });
  const call = await world.tool("get_call", { call_id: results[0].call_id });
  expect(call.call.answers).toEqual([yes, { name: "people", value: "=4" }]);
  expect(await world.text("get_call", { call_id: results[0].call_id })).toContain(
    'answer "confirmed": "yes" ("Yes, I do.")',
  );
});

it("an export has a column for each answer, safe in a spreadsheet, and is a list again", async () => {
  const id = await campaign();
  const { path } = await world.tool("export_batch_results", { batch_id: id });
  const [header = "", first = ""] = (await readFile(path, "utf8")).split("\r\n");
  expect(header).toMatch(/,result_missing,result_answer_confirmed,result_answer_people$/);
  expect(first).toMatch(/,yes,"'=4"$/);
  const jsonl = await world.tool("export_batch_results", { batch_id: id, format: "jsonl" });
  const [line = ""] = (await readFile(jsonl.path, "utf8")).split("\n");
  expect(JSON.parse(line).answers).toEqual([yes, { name: "people", value: "=4" }]);
  const { path: file } = await world.tool("export_batch_results", { batch_id: id });
  const again = await world.tool("preview_batch_call", {
    ...request(0, { tasks: undefined, tasks_file: file }),
    name: "Again",
  });
  expect(again.rows).toMatchObject({ input: 4, accepted: 4 });
});

it("a part of linked batches asks the same, and their answers are counted together", async () => {
  const said = Array.from({ length: 1002 }, (_, n) => (n < 1000 ? numberOf(n) : `+12125550${n - 900}`));
  for (const number of said) world.carrier.answers.set(number, [yes]);
  const tasks_csv = ["phone", ...said].join("\n");
  world.carrier.callMs = 1000;
  const { batch } = await world.tool(
    "create_batch_call",
    request(0, { tasks: undefined, tasks_csv, start: "now", answers_wanted: wanted }),
  );
  await world.clock.advance({ minutes: 8 });
  const status = await world.tool("get_batch_status", { batch_id: batch.batch_id });
  expect(status.batch.answers).toMatchObject([
    { name: "confirmed", values: [{ value: "yes", recipients: 1002 }], without: 0 },
  ]);
});

describe("what is wanted is refused", () => {
  it.each([
    ["twice by one name", [wanted[1], wanted[1]], "answers_wanted[0].name"],
    ["by a name of two lines", [{ name: "a\nb", meaning: "x" }], "answers_wanted[0].name"],
    ["without a meaning", [{ name: "a", meaning: "" }], "answers_wanted[0].meaning"],
    ["with no choice", [{ ...wanted[0], choices: [] }], "answers_wanted[0].choices"],
    ["too often", Array.from({ length: 21 }, (_, n) => ({ name: `${n}`, meaning: "x" })), "answers_wanted"],
  ])("%s", async (name, asked, field) => {
    const problem = await world.problem("create_batch_call", request(1, { answers_wanted: asked }));
    expect(problem.code).toBe("invalid_input");
    const at = name === "twice by one name" ? "answers_wanted[1].name" : field;
    expect(problem.issues.map((issue) => issue.field)).toContain(at);
    expect(world.carrier.dials).toEqual([]);
  });

  it("by an API that cannot be told, in plain words, and nothing is made there", async () => {
    const hosted = await HostedApi.start();
    const other = await startWorld({ upstream: () => hosted.url });
    for (const tool of ["preview_batch_call", "create_batch_call"]) {
      const problem = await other.problem(tool, request(1, { agent_id: "agent_1", answers_wanted: wanted }));
      expect(problem).toMatchObject({ code: "unsupported", message: expect.stringContaining("custom analysis") });
    }
    expect(hosted.batches.size).toBe(0);
    await other.stop();
    await hosted.stop();
  });
});
