import { afterEach, beforeEach, expect, test } from "vitest";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const sanFrancisco = "+14155550100";
const london = "+442079460018";
const said = /read as US, as the caller id is/;

async function preview(source: object, changes: object = {}) {
  const input = request(1, { tasks: undefined, from_number: sanFrancisco, ...source, ...changes });
  return world.tool("preview_batch_call", input);
}

const csv = (...numbers: readonly string[]) => ["name,phone", ...numbers.map((number) => `Ann,${number}`)].join("\n");

test("numbers in tasks too are read as the caller id's", async () => {
  const answer = await preview({ tasks: [{ to_number: "(415) 555-0132" }] });
  expect(answer).toMatchObject({ rows: { accepted: 1 }, notes: [expect.stringMatching(said)] });
  const abroad = await world.problem(
    "preview_batch_call",
    request(1, { tasks: [{ to_number: "(415) 555-0132" }], from_number: london }),
  );
  expect(abroad.code).toBe("invalid_input");
});

test("where phones ring the caller id is no country: somebody names it", async () => {
  const live = await startWorld({ carrierEnvironment: "live" });
  try {
    const calls = request(1, { tasks: undefined, from_number: sanFrancisco, tasks_csv: csv("(415) 555-0132") });
    const refused = await live.problem("preview_batch_call", calls);
    expect(refused).toMatchObject({ code: "invalid_input", issues: [{ code: "no_country" }] });
    expect(refused.issues[0]?.message).toContain("set default_country");
    expect((await live.tool("preview_batch_call", { ...calls, default_country: "US" })).rows.accepted).toBe(1);
  } finally {
    await live.stop();
  }
});

test("a country that is given wins, and nothing is said where each number has its own", async () => {
  const given = await preview({ tasks_csv: csv("020 7946 0958") }, { default_country: "GB" });
  expect(given.rows).toMatchObject({ accepted: 1 });
  expect(given.notes).toBeUndefined();
  expect((await preview({ tasks_csv: csv("+14155550132", "+442079460958") })).notes).toBeUndefined();
});

test.each([
  ["a number of another calling code", csv("+49 30 901820", "(415) 555-0132")],
  ["such a number without its plus", csv("4917612345678", "(415) 555-0132")],
  ["numbers that are none of that country", csv("030 901820", "(415) 555-0132", "(415) 555-0133", "+14155550147")],
])("a list with %s is not read as the caller id's", async (_name, list) => {
  const { notes = [], rows } = await preview({ tasks_csv: `${list}\nBob,+12125550142` });
  expect(notes.join()).not.toMatch(said);
  expect(rows.refused).toBeGreaterThan(0);
});

test("caller ids of two calling codes say nothing about a number without one", async () => {
  const two = { more_from_numbers: [london] };
  const answer = await preview({ tasks_csv: csv("(415) 555-0132", "+12125550142") }, two);
  expect(answer).toMatchObject({ rows: { accepted: 1, refused: 1 } });
});

test("the list remembers what it was read by, and a change of the country is seen", async () => {
  const { list_id } = await preview({ tasks_csv: csv("(415) 555-0132") });
  const again = await preview({ list_id });
  expect(again).toMatchObject({ list_id, rows: { accepted: 1 } });
});
