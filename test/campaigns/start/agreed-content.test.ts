import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HostedApi } from "../../support/http/hosted-api.ts";
import type { Json } from "../../support/service-world.ts";
import { fromNumber, request, startWorld, type World } from "../../support/world.ts";

const person = { principal: "somebody", channel: "page" } as const;
let url = "";
let world: World;
beforeEach(async () => {
  world = await startWorld({
    carrierEnvironment: "live",
    upstream(serviceUrl) {
      url = serviceUrl;
      return serviceUrl;
    },
  });
});
afterEach(() => world.stop());

/** A request by whoever has the keys of the account. */
async function ask(method: string, path: string, body?: object) {
  const [keys] = JSON.parse(await readFile(join(dirname(world.filesDir), "credentials.json"), "utf8"));
  const headers = { "X-API-KEY": keys.api_key, "X-API-SECRET": keys.api_secret };
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const { data }: { data?: unknown } = JSON.parse(await answer.text());
  return { status: answer.status, data: data as Json };
}

test.each([
  ["other words", { dynamic_variables: { first_name: "you owe us $90,000" } }],
  ["more retries", { dynamic_variables: { first_name: "P0" }, max_retries: 9 }],
])(
  "an agreement on a page is void when a list of the same numbers was put in with %s meanwhile",
  async (_what, task) => {
    const { batch } = await world.tool("create_batch_call", request(3, { start: "now" }));
    const [question] = world.pages;
    const id = batch.batch_id;
    const { tasks } = (await ask("GET", `/batch-call/${id}/tasks`)).data;
    const { name, agent_id, timezone } = batch;
    const list = tasks.map(({ to_number }: { to_number: string }) => ({ to_number, ...task }));
    const put = { name, agent_id, timezone, from_number: fromNumber, status: "draft", tasks: list };
    expect((await ask("PUT", `/batch-call/${id}`, put)).status).toBe(200);

    if (!question) throw new Error("Nobody was asked");
    expect(world.approvals.approve(question.id, 3, person, world.clock.now())).toBe("approved");
    await world.campaigns.proceed(question);
    await world.clock.advance({ hours: 1 });
    expect(world.carrier.rings).toEqual([]);
    expect((await world.api.getBatch(id)).status).toBe("draft");
  },
);

test.each([
  ["all calls were stopped for a while", stopForAWhile],
  ["it was scheduled and put back to draft", scheduleAndTakeBack],
])("an agreement is void when, since the question, %s by somebody else", async (_what, happens) => {
  for (const isAskedAgain of [false, true]) {
    const { batch } = await world.tool("create_batch_call", request(3, { name: `${isAskedAgain}`, start: "now" }));
    const question = world.pages.at(-1);
    if (!question) throw new Error("Nobody was asked");
    expect(world.approvals.approve(question.id, 3, person, world.clock.now())).toBe("approved");
    await happens(batch.batch_id);
    if (isAskedAgain)
      expect(await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" })).toMatchObject({
        code: "needs_approval",
      });
    else await world.campaigns.proceed(question);
    await world.clock.advance({ hours: 1 });
    expect(world.carrier.rings).toEqual([]);
    expect(world.approvals.get(question.id, question.expiresAt)?.state).toBe("voided");
    expect((await world.api.getBatch(batch.batch_id)).status).toBe("draft");
  }
});

async function stopForAWhile(): Promise<void> {
  for (const stopped of [true, false]) expect((await ask("PUT", "/stop", { stopped })).status).toBe(200);
}

async function scheduleAndTakeBack(id: string): Promise<void> {
  const path = `/batch-call/${id}`;
  const time = world.clock.now().getTime() + 3_600_000;
  expect((await ask("PATCH", path, { status: "scheduled", trigger_timestamp: time })).status).toBe(200);
  expect((await ask("PATCH", path, { status: "draft" })).status).toBe(200);
}

test("what a person agreed to is kept with the batch and with each of its attempts", async () => {
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  const { batch } = await world.tool("create_batch_call", request(3, { start: "now" }));
  const { data } = await ask("GET", `/batch-call/${batch.batch_id}`);
  expect(data.grant).toMatchObject({
    state: "open",
    channel: "form",
    principal: "local",
    max_recipients: 3,
    max_attempts: 1,
  });
  expect(data.grant.last_timestamp).toBe(Date.parse("2026-03-04T16:00:00Z"));
  expect(world.person.asked[0]?.outlook?.rings?.last).toMatchObject({ date: "2026-03-04", time: "10:59" });
});

test("an API that does not show its content is named as not verified", async () => {
  const hosted = await HostedApi.start();
  const other = await startWorld({ upstream: () => hosted.url });
  other.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await other.tool("create_batch_call", request(3, { agent_id: "agent_1", start: "now" }));
  expect(other.person.asked[0]?.notes).toContainEqual(expect.stringContaining("Nobody has checked"));
  await other.stop();
  await hosted.stop();
});

test("two batches of the same people on one day: who was reached is called again a day later, who was not at once", async () => {
  const [reached, missed] = ["+12015550101", "+12015550102"];
  world.carrier.script(missed, "no_answer", "answered");
  for (const name of ["first", "second"]) {
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    await world.tool("create_batch_call", request(2, { name, start: "now" }));
    await world.clock.advance({ minutes: 30 });
  }
  const timesOf = (number: string) =>
    world.carrier.rings.filter(({ toNumber }) => toNumber === number).map(({ at }) => at.getTime());
  expect(timesOf(reached)).toHaveLength(1);
  expect(timesOf(missed)).toHaveLength(2);
  await world.clock.advance({ hours: 25 });
  const [first = 0, second = 0] = timesOf(reached);
  expect(second - first).toBeGreaterThanOrEqual(24 * 3_600_000);
});

test("a client whose name fits no database starts all the same, under as much of its name as fits", async () => {
  const client = `${"x".repeat(254)}\u{1f600}\u0000`;
  const asked = world.another({ client });
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  const { batch } = await asked.tool("create_batch_call", request(3, { start: "now" }));
  expect(batch.status).toBe("sent");
});
