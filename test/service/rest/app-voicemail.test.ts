import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BridgeWorld } from "../../support/carriers/bridge-world.ts";
import { batchOf, type Json, numberOf, ServiceWorld } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
});
afterEach(() => world.stop());

const now = { status: "sent", send_now: true };
const thrice = { enabled: true, max_attempts: 3 };
const message = { mode: "leave_message", message: "Hello {{name}}, please call us back." };
const tasks = [1, 2, 3].map((n) => ({ to_number: numberOf(n), dynamic_variables: { name: `P${n}` } }));
const tasksOf = async (id: string): Promise<Json[]> =>
  (await world.call("GET", `/batch-call/${id}/tasks`)).body.data.tasks;

async function campaign(body: object): Promise<string> {
  for (const n of [1, 2]) world.carrier.script(numberOf(n), "voicemail");
  const id = await world.create({ tasks, retry_config: thrice, ...now, ...body });
  await world.clock.advance({ hours: 5 });
  return id;
}

test("a message is told with each dial, filled in for the recipient, and is left to nobody twice", async () => {
  world.carrier.mute.add(numberOf(2));
  const id = await campaign({ voicemail: message });
  const told = (n: number) =>
    world.carrier.dials.filter(({ toNumber }) => toNumber === numberOf(n)).map((dial) => dial.voicemailMessage);
  expect(told(1)).toEqual(["Hello P1, please call us back."]);
  // Its voicemail took none: the retry rules hold.
  expect(told(2)).toHaveLength(3);
  const [left, none, answered] = await tasksOf(id);
  expect(left).toMatchObject({ status: "completed", outcome: "voicemail", reason: "voicemail; a message was left" });
  expect(left?.attempts).toMatchObject([{ message_left: true }]);
  expect(none).toMatchObject({ status: "failed", outcome: "voicemail", attempt_count: 3 });
  expect(none?.attempts[0]).not.toHaveProperty("message_left");
  expect(answered).toMatchObject({ status: "completed", outcome: "answered" });
  expect((await world.batch(id)).voicemail).toEqual(message);
});

test("who has no value for a variable is left no message with a gap", async () => {
  await campaign({ voicemail: { mode: "leave_message", message: "Hello {{surname}}." }, retry_config: null });
  expect(world.carrier.dials).toHaveLength(3);
  expect(world.carrier.dials.every(({ voicemailMessage }) => voicemailMessage === undefined)).toBe(true);
});

test("a voicemail that is accepted ends the calls to whoever has it", async () => {
  const id = await campaign({ voicemail: { mode: "accept" } });
  expect(world.carrier.dials).toHaveLength(3);
  const [first] = await tasksOf(id);
  expect(first).toMatchObject({ status: "completed", outcome: "voicemail", attempt_count: 1 });
  expect(first?.reason).toContain("counts as done");
});

test("is part of what is agreed to", async () => {
  const digests = [];
  for (const voicemail of [undefined, null, { mode: "accept" }, message])
    digests.push((await world.batch(await world.create({ tasks, voicemail }))).content_digest);
  expect(digests[1]).toBe(digests[0]);
  expect(new Set(digests).size).toBe(3);
});

const onVoicemail = [{ condition: "VOICEMAIL", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 30 } }];

describe("refused is", () => {
  test.each([
    [
      "accept beside a rule for voicemail",
      { voicemail: { mode: "accept" }, retry_rules: onVoicemail },
      "retry_rules[0]",
    ],
    ["retry without another attempt", { voicemail: { mode: "retry" }, retry_config: null }, "called once"],
    ["a message of another mode", { voicemail: { mode: "accept", message: "x" } }, "take none"],
    ["no message", { voicemail: { mode: "leave_message" } }, "needs a message"],
    ["another word", { voicemail: { mode: "ignore" } }, "voicemail.mode"],
  ])("%s", async (_name, body, words) => {
    const answer = await world.call("POST", "/batch-call", { body: batchOf({ retry_config: thrice, ...body }) });
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(words)]);
  });

  test("an edit that would contradict the rules that stay", async () => {
    const id = await world.create({ tasks, retry_config: thrice, retry_rules: onVoicemail });
    const edit = (body: object) => world.call("PATCH", `/batch-call/${id}`, { body });
    const refused = await edit({ voicemail: { mode: "accept" } });
    expect([refused.status, refused.body.error]).toEqual([400, expect.stringContaining("retry_rules[0]")]);
    expect((await edit({ voicemail: message })).status).toBe(200);
    expect((await edit({ voicemail: { mode: "accept" }, retry_rules: [] })).status).toBe(200);
    expect((await world.batch(id)).voicemail).toEqual({ mode: "accept" });
  });

  test("a message where the carrier cannot be told, with the way; accept is not", async () => {
    world.carrier.cannotLeaveMessages = true;
    await world.restart();
    const create = (voicemail: object) => world.call("POST", "/batch-call", { body: batchOf({ voicemail }) });
    const { status, body } = await create(message);
    expect([status, body.error]).toEqual([400, expect.stringContaining("Set the message at the agent")]);
    const agent = await world.call("GET", `/api/agents/${batchOf({}).agent_id}/full`);
    expect(agent.body.data.leaves_messages).toBe(false);
    const id = await world.create({ tasks, voicemail: { mode: "accept" } });
    expect((await world.call("PATCH", `/batch-call/${id}`, { body: { voicemail: message } })).status).toBe(400);
  });
});

test("what else a bridge tells of a call stands with it, and its cost with the recipient and the batch", async () => {
  const bridge = await BridgeWorld.start({ callsBack: true });
  const batchId = await bridge.launch(2);
  await bridge.clock.advance({ seconds: 10 });
  const told = { recording_url: "https://r.example/1.wav", sentiment: "Positive", successful: false };
  const cost = { cost: 12.5, cost_unit: "cents", disconnection_reason: "User Hangup" };
  const [first, second] = bridge.bridge.calls;
  await bridge.report(first?.token ?? "", { body: { outcome: "answered", ...told, ...cost } });
  const nonsense = { recording_url: "javascript:alert(1)", cost: "12", sentiment: 4, successful: "perhaps" };
  await bridge.report(second?.token ?? "", { body: { outcome: "answered", ...nonsense } });
  const tasks = await bridge.tasks(batchId);
  const task = tasks.find(({ attempts: [attempt] }: Json) => attempt.cost !== undefined);
  expect(task?.attempts).toMatchObject([{ cost: 12.5, cost_unit: "cents" }]);
  const callOf = async (id: string) => (await bridge.call("GET", `/api/calls/${id}`)).body.data;
  expect(await callOf(task?.call_id)).toMatchObject({
    recording_url: "https://r.example/1.wav",
    call_cost: { combined_cost: 12.5, unit: "cents" },
    call_analysis: { call_successful: false, user_sentiment: "Positive" },
    disconnection_reason: "user_hangup",
  });
  const other = await callOf(tasks.find((one: Json) => one !== task)?.call_id);
  expect(other).toMatchObject({ recording_url: null, call_analysis: { call_successful: true } });
  expect(other).not.toHaveProperty("call_cost");
  expect((await bridge.call("GET", `/batch-call/${batchId}`)).body.data.costs).toEqual([
    { amount: 12.5, unit: "cents", calls: 1 },
  ]);
  await bridge.stop();
});

test.each([
  ["voicemail", true, "completed"],
  ["voicemail", "yes", "completed"],
  ["voicemail", false, "pending"],
  ["voicemail", undefined, "pending"],
  // It was spoken to nobody's voicemail.
  ["no_answer", true, "pending"],
])("a bridge that says %s and message_left %j: %s", async (outcome, message_left, status) => {
  const bridge = await BridgeWorld.start({ callsBack: true });
  const batchId = await bridge.launch(1, {
    retry_config: thrice,
    voicemail: { mode: "leave_message", message: "Hi." },
  });
  await bridge.clock.advance({ seconds: 10 });
  const [call] = bridge.bridge.calls;
  await bridge.report(call?.token ?? "", { body: { outcome, message_left } });
  expect((await bridge.tasks(batchId))[0]).toMatchObject({ status, outcome });
  await bridge.stop();
});
