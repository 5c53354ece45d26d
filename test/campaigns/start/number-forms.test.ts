import { afterEach, beforeEach, expect, test } from "vitest";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../../support/world.ts";

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

const create = async (changes: object = {}): Promise<string> =>
  (await world.whileTimePasses(world.tool("create_batch_call", request(3, { agent_id: "agent_1", ...changes })))).batch
    .batch_id;
/** How the API writes the numbers of a list. */
const writes = (form: (number: string) => string) => {
  for (const n of [1, 2, 3, 4]) hosted.taskFields.set(numberOf(n), { to_number: form(numberOf(n)) });
};
const start = (id: string) => world.whileTimePasses(world.tool("start_batch", { batch_id: id, start: "now" }));

test.each([
  ["without a plus", (number: string) => number.slice(1)],
  ["with 00", (number: string) => `00${number.slice(1)}`],
  ["with punctuation", (number: string) => `+1 (${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`],
  ["as at home", (number: string) => `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`],
])(
  "a draft whose API writes numbers %s is started, and limits and the person see them as they were sent",
  async (_form, form) => {
    writes(form);
    const id = await create();
    world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
    expect((await start(id)).batch).toMatchObject({ status: "sent" });
    expect(hosted.dangerous).toHaveLength(1);
    expect(world.person.asked[0]).toMatchObject({
      recipients: 3,
      countries: [{ country: "US", recipients: 3 }],
      samples: [expect.stringMatching(/^\+1 \*\*\* \*\*\* \d{4}/), expect.any(String), expect.any(String)],
    });
  },
);

test("a number on the do-not-call list is found on a list that is written in another form", async () => {
  writes((number) => number.slice(1));
  const id = await create();
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(2)] });
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  const { issues } = await world.whileTimePasses(world.problem("start_batch", { batch_id: id, start: "now" }));
  expect(issues).toMatchObject([{ message: expect.stringMatching(/do-not-call/) }]);
  expect(hosted.dangerous).toEqual([]);
});

test.each([
  [
    "another number",
    (number: string) => number.slice(1).replace(/\d$/, "9"),
    /its numbers are not those that were sent/,
  ],
  [
    "numbers of which a part is hidden",
    (number: string) => `+1******${number.slice(-4)}`,
    /hides a part of the numbers of 3 people/,
  ],
])("a draft whose API shows %s is not started", async (_what, form, words) => {
  const id = await create();
  writes(form);
  const { code, message } = await world.whileTimePasses(world.problem("start_batch", { batch_id: id, start: "now" }));
  expect(code).toBe("bad_response");
  expect(message).toMatch(words);
  expect(hosted.dangerous).toEqual([]);
});

test("a draft that is changed at such an API is started with its new list", async () => {
  writes((number) => number.slice(1));
  const id = await create();
  const { list_id } = await world.tool("preview_batch_call", {
    ...request(0, { agent_id: "agent_1" }),
    tasks: undefined,
    tasks_csv: ["phone", ...[1, 2, 3, 4].map(numberOf)].join("\n"),
  });
  await world.whileTimePasses(world.tool("update_batch", { batch_id: id, list_id }));
  world.person.willAnswer({ kind: "accepted", typedRecipients: 4 });
  expect((await start(id)).batch).toMatchObject({ status: "sent" });
});
