import { afterEach, beforeEach, expect, test } from "vitest";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const wanted = { answers_wanted: [{ name: "confirmed", meaning: "Do they come?" }] };
const stop = (answer: string) => ({ stop_when: { count: 1, answer } });
const unasked = 'stop_when counts the answer "nope", and answers_wanted does not ask for it';

test.each([
  ["another is asked for", wanted, 'It names "confirmed".'],
  ["none is asked for", {}, 'Add {name: "nope", meaning} to answers_wanted'],
])(
  "an end by an answer that nothing asks for is warned of in preview and create where %s",
  async (_how, asked, told) => {
    const args = request(2, { ...asked, ...stop("nope") });
    for (const tool of ["preview_batch_call", "create_batch_call"] as const) {
      const { warnings = [] } = await world.tool(tool, args);
      const warning = warnings.find((one: string) => one.startsWith(unasked));
      expect(warning, tool).toContain(told);
      expect(await world.text(tool, args)).toContain(unasked);
    }
  },
);

test("a name that is written otherwise is another answer", async () => {
  const { warnings } = await world.tool("preview_batch_call", request(2, { ...wanted, ...stop("Confirmed") }));
  expect(warnings).toContainEqual(expect.stringContaining('counts the answer "Confirmed"'));
});

test("linked batches are warned of once", async () => {
  await world.file("long.csv", longFile(1020));
  const { warnings = [] } = await world.tool("create_batch_call", longRequest({ ...wanted, ...stop("nope") }));
  expect(warnings.filter((one: string) => one.startsWith(unasked))).toHaveLength(1);
});

test.each([
  ["an answer that is asked for", { ...wanted, ...stop("confirmed") }],
  ["an end by an outcome", { ...wanted, stop_when: { count: 1, outcome: "answered" } }],
  ["a batch without an end", wanted],
])("nothing is said of %s", async (_what, changes) => {
  const { warnings = [] } = await world.tool("preview_batch_call", request(2, changes));
  expect(warnings).not.toContainEqual(expect.stringContaining("stop_when"));
});
