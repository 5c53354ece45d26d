import { afterEach, beforeEach, expect, test } from "vitest";
import { viewDataResource } from "../../src/resources/view-data.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
let listings = 0;
beforeEach(async () => {
  listings = 0;
  const watchApi = (api: World["api"]): World["api"] => ({
    ...api,
    listTasks: (...args) => {
      listings += 1;
      return api.listTasks(...args);
    },
  });
  world = await startWorld({ carrier: { [numberOf(2)]: ["no_answer"], [numberOf(3)]: ["busy"] }, watchApi });
});
afterEach(() => world.stop());

const look = async (id: string, query = "") =>
  JSON.parse(await viewDataResource.read(id, world.context, new URLSearchParams(query)));

test("it has the status, the hours of the recipients' clocks, the reasons with their rows and a page of people, masked", async () => {
  const { batch } = await world.tool("create_batch_call", request(30, { start: "now" }));
  await world.clock.advance({ minutes: 10 });
  const view = await look(batch.batch_id, "page=2");
  expect(view.batch).toMatchObject({ batch_id: batch.batch_id, status: "completed", counts: { total: 30 } });
  expect(view.hours).toEqual([{ hour: "10:00", calls: 30, answered: 28 }]);
  expect(view.reasons).toMatchObject([
    { people: 1, rows: [2] },
    { people: 1, rows: [3] },
  ]);
  expect(view.people).toMatchObject({ matching: 30, page: 2, pages: 2 });
  expect(view.people.results).toHaveLength(5);
  expect(JSON.stringify(view)).not.toContain(numberOf(7));
});

test.each([
  ["a token that reads alone", { kind: "scoped", scopes: new Set(["read"] as const) }, true],
  ["a token that changes batches", { kind: "scoped", scopes: new Set(["read", "operate"] as const) }, undefined],
  ["whoever needs no token, of simulated calls", { kind: "open" }, undefined],
] as const)("it says to %s whether a button would be of use", async (_who, access, expected) => {
  const { batch } = await world.tool("create_batch_call", request(3));
  const text = await viewDataResource.read(batch.batch_id, { ...world.context, access }, new URLSearchParams());
  expect(JSON.parse(text).is_read_only).toBe(expected);
});

test("calls under way are neither answered nor not, and nothing is told of how they end", async () => {
  const { batch } = await world.tool("create_batch_call", request(30, { start: "now" }));
  await world.clock.advance({ seconds: 1 });
  const { hours, people } = await look(batch.batch_id, "show=calling");
  expect(people.matching).toBeGreaterThan(1);
  expect(hours).toEqual([{ hour: "10:00", calls: people.matching, answered: 0, calling: people.matching }]);
  for (const one of people.results) {
    expect(one).toMatchObject({ status: "calling", called_at: expect.anything() });
    for (const told of ["duration_seconds", "summary", "recording_url"]) expect(one).not.toHaveProperty(told);
  }
});

test("a page that is not there, and a filter that nobody meets, show what is nearest", async () => {
  const { batch } = await world.tool("create_batch_call", request(30));
  for (const page of ["99", "-1", "x", ""]) expect((await look(batch.batch_id, `page=${page}`)).people.pages).toBe(2);
  expect((await look(batch.batch_id, "page=99")).people.page).toBe(2);
  expect((await look(batch.batch_id, "show=nobody")).people).toMatchObject({ matching: 0, page: 1, results: [] });
});

test("however often it is looked at, the people are read once in two seconds", async () => {
  const { batch } = await world.tool("create_batch_call", request(30));
  listings = 0;
  await Promise.all([look(batch.batch_id), look(batch.batch_id, "search=1"), look(batch.batch_id, "page=2")]);
  expect(listings).toBe(1);
  await world.clock.advance({ ms: 2000 });
  await look(batch.batch_id);
  expect(listings).toBe(2);
});

test("a question that waits is told without what it is answered with", async () => {
  await world.stop();
  world = await startWorld({ carrierEnvironment: "live" });
  const { batch } = await world.tool("create_batch_call", request(3));
  expect((await look(batch.batch_id)).approval).toBeUndefined();
  await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  const [asked] = world.pages;
  const view = await look(batch.batch_id);
  expect(view.approval).toEqual({ recipients: 3, seconds_left: 900, again: { start: "now" } });
  expect(JSON.stringify(view)).not.toContain(asked?.id);
  expect(JSON.stringify(view)).not.toContain(asked?.summary.fingerprint);
});
