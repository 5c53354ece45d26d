import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostedProvider } from "../support/carriers/hosted-provider.ts";
import { TestClock } from "../support/test-clock.ts";
import { agentId, fromNumber, numberOf, request, startWorld, type World } from "../support/world.ts";

// Trouble at the hosted API behind our queue, as whoever uses the tools sees it.

const otherAgent = "agent_2";
const otherNumber = "+14155550188";

let provider: HostedProvider;
let world: World;

beforeEach(async () => {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  provider = await HostedProvider.open(clock);
  const { carrier, settle } = provider;
  world = await startWorld({
    clock,
    carrierEnvironment: "live",
    service: { maxConcurrent: 1 },
    provider: { carrier, settle, account: await provider.account() },
    context: { askPerson: async ({ recipients }) => ({ kind: "accepted", typedRecipients: recipients }) },
  });
});
afterEach(async () => {
  await world.whileTimePasses(world.stop());
  await provider.stop();
});

const create = async (changes: object = {}): Promise<string> =>
  (await world.tool("create_batch_call", request(2, changes))).batch.batch_id;
const start = (id: string) => world.whileTimePasses(world.tool("start_batch", { batch_id: id, start: "now" }));
const resume = (id: string) => world.whileTimePasses(world.tool("resume_batch", { batch_id: id }));
const status = async (id: string) => (await world.tool("get_batch_status", { batch_id: id })).batch;
const executed = () => provider.api.seen.filter(({ path }) => path.endsWith("/execute"));
const everybody = [numberOf(1), numberOf(2)];

/** Nobody was called, `inDoubt` people are unknown, whose draft was answered by what nobody understands, whoever looks sees why and what to do, and the batch goes on once that is put right. */
async function isHeldAndGoesOn(id: string, reason: RegExp, putRight: () => void, inDoubt = 0): Promise<void> {
  await world.clock.advance({ minutes: 30 });
  expect(provider.phones.rung).toEqual([]);
  const batch = await status(id);
  expect(batch).toMatchObject({ is_paused: true, counts: { pending: 2 - inDoubt, calling: 0, unknown: inDoubt } });
  expect(batch.waits_for).toEqual({ hold: 2 - inDoubt });
  expect(batch.held_reason).toMatch(reason);
  expect(batch.held_reason).not.toContain("BATCH_CALL_API_");
  for (const name of ["URL", "KEY", "SECRET"])
    expect(batch.held_reason.split(`BATCH_CALL_CARRIER_${name}`).length).toBeLessThanOrEqual(2);
  const fate = inDoubt > 0 ? "unknown after ten minutes without that" : "Nobody of that wave was called";
  expect(batch.held_reason).toMatch(new RegExp(`${fate}\\. .+ Then resume the batch\\.$`));
  expect(batch.allowed_actions).toContain("resume_batch");
  expect(await world.text("get_batch_status", { batch_id: id })).toContain(batch.held_reason);
  putRight();
  await resume(id);
  await world.clock.advance({ minutes: 10 });
  expect(provider.phones.rung.toSorted()).toEqual(everybody.slice(inDoubt));
}

describe("what the API refuses after the batch was made holds it", () => {
  test.each([
    ["the keys", { apiKey: "sk_other" }, { apiKey: undefined }, /401.*Correct BATCH_CALL_CARRIER_KEY and/],
    ["the agent, which is gone", { agents: [otherAgent] }, { agents: [agentId] }, /400.*does not exist.*has the agent/],
    [
      "the caller id, another account's by now",
      { numbers: [otherNumber] },
      { numbers: [fromNumber] },
      /none of .* caller ids.* update_batch/,
    ],
  ])("%s", async (_what, change, back, reason) => {
    const id = await create();
    Object.assign(provider.api, change);
    await start(id);
    await isHeldAndGoesOn(id, reason, () => Object.assign(provider.api, back));
  });

  test("the agent, while calls are under way: those go on, and nobody else is called", async () => {
    const id = await create({ tasks: undefined, tasks_csv: `phone\n${[...everybody, numberOf(3)].join("\n")}` });
    provider.api.onTaken = ({ path }) => {
      if (path.endsWith("/execute")) provider.api.agents = [otherAgent];
    };
    await start(id);
    await world.clock.advance({ minutes: 30 });
    const called = provider.phones.rung.length;
    const batch = await status(id);
    expect(batch.held_reason).toMatch(/does not exist/);
    expect(batch.counts).toMatchObject({ completed: called, pending: 3 - called, calling: 0 });
    expect(executed().length).toBe(called);
  });
});

test("a caller id that the account has no more is replaced with another one that it has got since, and the batch goes on", async () => {
  const id = await create();
  provider.api.numbers = [otherNumber];
  await start(id);
  await world.clock.advance({ minutes: 5 });
  const held = await status(id);
  expect(held).toMatchObject({ is_paused: true, gone_from_numbers: [fromNumber] });
  expect(held.held_reason).toMatch(/update_batch.*list_phone_numbers.*as more_from_numbers.*Then resume the batch\.$/);
  const change = { batch_id: id, more_from_numbers: [otherNumber] };
  await world.whileTimePasses(world.tool("update_batch", change));
  await resume(id);
  await world.clock.advance({ minutes: 10 });
  expect(provider.phones.rung.toSorted()).toEqual(everybody);
  expect(await status(id)).toMatchObject({ status: "completed", gone_from_numbers: [fromNumber] });
  const sent = executed().length;
  expect(
    provider.api.seen.filter(({ path, body }) => path === "/batch-call" && JSON.stringify(body).includes(otherNumber)),
  ).toHaveLength(sent);
});

describe("an API that answers nonsense, or changes what it was sent, holds the batch", () => {
  test.each([
    ["another agent", { agent_id: otherAgent }, /made another draft than it was sent: the agent is "agent_2"/],
    ["another caller id", { from_number: otherNumber }, /made another draft than it was sent: the caller id is/],
    ["another person", { tasks: [{ to_number: numberOf(9) }] }, /made another draft than it was sent/],
    ["another name", { name: "Mine now" }, /made another draft than it was sent: the name is "Mine now"/],
    ["a status that nobody knows", { status: "PURPLE" }, /answer \(200\) cannot be understood/, 1],
    ["no id", { batch_call_id: undefined }, /answer \(200\) cannot be understood/, 1],
  ])("%s", async (_what, distortion, reason, inDoubt = 0) => {
    const id = await create();
    provider.api.distortion = distortion;
    await start(id);
    const putRight = () => {
      provider.api.distortion = {};
    };
    await isHeldAndGoesOn(id, reason, putRight, inDoubt);
  });

  test.each([
    ["to everything", () => true, 1],
    ["to the read-back", ({ method }: { method: string }) => method === "GET", 0],
  ])("a page instead of JSON, %s", async (_what, isShown, inDoubt) => {
    const id = await create();
    provider.api.html = (seen) => (isShown(seen) ? "<html>Welcome to the portal</html>" : undefined);
    await start(id);
    const putRight = () => {
      provider.api.html = () => undefined;
    };
    await isHeldAndGoesOn(id, /answer \(200\) cannot be understood.*BATCH_CALL_CARRIER_URL/, putRight, inDoubt);
  });
});

test("a limit of the API holds nothing: who waits is called when it has room, once, and the attempt counts once", async () => {
  const id = await create();
  let refusals = 6;
  provider.api.faultOf = ({ method, path }) => {
    if (method !== "POST" || !/batch-call(\/|$)/.test(path)) return undefined;
    refusals -= 1;
    return refusals >= 0 ? 429 : undefined;
  };
  await start(id);
  await world.clock.advance({ minutes: 30 });
  expect(provider.phones.rung.toSorted()).toEqual(everybody);
  const { results } = await world.tool("get_batch_results", { batch_id: id });
  expect(results).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
});

describe("agents and caller ids are those that the account has now", () => {
  test("a new agent can be used a minute later, without a restart", async () => {
    const changes = { agent_id: otherAgent };
    expect(await world.problem("create_batch_call", request(2, changes))).toMatchObject({ code: "invalid_input" });
    provider.api.agents = [agentId, otherAgent];
    await world.clock.advance({ seconds: 61 });
    const { agents } = await world.tool("list_agents");
    expect(agents.map(({ agent_id }: { agent_id: string }) => agent_id)).toEqual([agentId, otherAgent]);
    await start(await create(changes));
    await world.clock.advance({ minutes: 10 });
    expect(provider.phones.rung.toSorted()).toEqual(everybody);
  });

  test.each([
    ["an agent", { agents: [otherAgent] }, /agent/i],
    ["a caller id", { numbers: [otherNumber] }, /from_number|number of this/i],
  ])("%s that is gone is refused before anything is made", async (_what, change, words) => {
    Object.assign(provider.api, change);
    await world.clock.advance({ seconds: 61 });
    const problem = await world.problem("create_batch_call", request(2));
    expect(problem.code).toBe("invalid_input");
    expect(JSON.stringify(problem.issues)).toMatch(words);
    expect((await world.tool("list_batches")).batches).toEqual([]);
  });

  test("an account that cannot be read is the one that was known", async () => {
    provider.api.faultOf = ({ path }) => (/^\/api\/(agents|phone)/.test(path) ? 401 : undefined);
    await world.clock.advance({ seconds: 61 });
    await start(await create());
    await world.clock.advance({ minutes: 10 });
    expect(provider.phones.rung.toSorted()).toEqual(everybody);
  });
});
