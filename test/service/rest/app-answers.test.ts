import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BridgeWorld } from "../../support/carriers/bridge-world.ts";
import { batchOf, type Json, numberOf, ServiceWorld } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
});
afterEach(() => world.stop());

const wanted = [
  { name: "confirmed", meaning: "Do they come?", choices: ["yes", "another day"] },
  { name: "people", meaning: "How many come?" },
];
const now = { status: "sent", send_now: true };
const tasks = [1, 2, 3].map((n) => ({ to_number: numberOf(n) }));
const tasksOf = async (id: string): Promise<Json[]> =>
  (await world.call("GET", `/batch-call/${id}/tasks`)).body.data.tasks;

describe("what is to be found out", () => {
  test("is shown with the batch, and told to the carrier with every dial", async () => {
    const id = await world.create({ tasks, answers_wanted: wanted, ...now });
    expect(await world.batch(id)).toMatchObject({ answers_wanted: wanted });
    await world.clock.advance({ seconds: 5 });
    expect(world.carrier.dials.map(({ answersWanted }) => answersWanted)).toEqual([wanted, wanted, wanted]);
  });

  test("is part of the content that is agreed to, and nothing of a batch that asks for nothing", async () => {
    const digests = [];
    for (const asked of [{}, { answers_wanted: [] }, { answers_wanted: null }, { answers_wanted: wanted }]) {
      const id = await world.create({ tasks, ...asked });
      digests.push((await world.batch(id)).content_digest);
    }
    expect(new Set(digests.slice(0, 3)).size).toBe(1);
    expect(digests[3]).not.toBe(digests[0]);
  });

  test.each([
    ["a name that stands twice", [wanted[1], wanted[1]], "answers_wanted: Must have each name once."],
    ["a name of two lines", [{ name: "a\nb", meaning: "x" }], "answers_wanted[0].name: Must be one line"],
    ["no meaning", [{ name: "a" }], "answers_wanted[0].meaning: This field is required"],
    ["no choice", [{ ...wanted[0], choices: [] }], "answers_wanted[0].choices: Must be at least 1"],
  ])("with %s is refused", async (_name, asked, words) => {
    const { status, body } = await world.call("POST", "/batch-call", { body: batchOf({ answers_wanted: asked }) });
    expect(status).toBe(400);
    expect(body.error).toContain(words);
  });
});

test("what is wanted is refused where the carrier cannot be told, and a batch that wants nothing is not", async () => {
  world.carrier.cannotAsk = true;
  await world.restart();
  const { status, body } = await world.call("POST", "/batch-call", { body: batchOf({ answers_wanted: wanted }) });
  expect([status, body.error]).toEqual([400, expect.stringContaining("custom analysis")]);
  expect((await world.call("POST", "/batch-call", { body: batchOf() })).status).toBe(200);
});

test("answers stand with the recipient and the call, and are counted with the batch", async () => {
  const yes = { name: "confirmed", value: "yes", quote: "Yes, I do." };
  world.carrier.answers.set(numberOf(1), [yes, { name: "people", value: "4" }]);
  world.carrier.answers.set(numberOf(2), [yes]);
  world.carrier.script(numberOf(4), "voicemail");
  const id = await world.create({ tasks: [...tasks, { to_number: numberOf(4) }], answers_wanted: wanted, ...now });
  await world.clock.advance({ minutes: 3 });
  const shown = await tasksOf(id);
  expect(shown.map(({ answers }) => answers)).toEqual([
    [yes, { name: "people", value: "4" }],
    [yes],
    undefined,
    undefined,
  ]);
  const call = await world.call("GET", `/api/calls/${shown[1]?.call_id}`);
  expect(call.body.data.answers).toEqual([yes]);
  expect((await world.batch(id)).answers).toEqual([
    { name: "confirmed", values: [{ value: "yes", recipients: 2 }], others: 0, without: 1 },
    { name: "people", values: [{ value: "4", recipients: 1 }], others: 0, without: 2 },
  ]);
});

describe("a bridge", () => {
  let bridge: BridgeWorld;
  beforeEach(async () => {
    bridge = await BridgeWorld.start({ callsBack: true });
  });
  afterEach(() => bridge.stop());

  async function report(body: object): Promise<Json> {
    const batchId = await bridge.launch(1);
    await bridge.clock.advance({ seconds: 10 });
    await bridge.report(bridge.bridge.calls[0]?.token ?? "", { body });
    const [task] = await bridge.tasks(batchId);
    return task;
  }

  test.each([
    ["an object by name", { confirmed: true, day: { value: "Tuesday", rationale: "On Tuesday." } }],
    [
      "a list",
      [
        { name: "confirmed", value: "yes" },
        { name: "day", value: "Tuesday", quote: "On\u0000 Tuesday." },
      ],
    ],
  ])("tells answers as %s", async (_name, answers) => {
    expect(await report({ outcome: "answered", answers })).toMatchObject({
      status: "completed",
      answers: [
        { name: "confirmed", value: "yes" },
        { name: "day", value: "Tuesday", quote: "On Tuesday." },
      ],
    });
  });

  test.each([
    ["nonsense", { outcome: "answered", answers: "yes" }],
    ["names without values", { outcome: "answered", answers: { a: null, b: {} } }],
    ["those of a voicemail", { outcome: "voicemail", answers: { confirmed: true } }],
  ])("loses no outcome over %s", async (_name, body) => {
    const task = await report(body);
    expect(task).toMatchObject({ outcome: body.outcome });
    expect(task).not.toHaveProperty("answers");
  });
});
