import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostedApi, type RequestFault } from "../../support/http/hosted-api.ts";
import { request, startWorld, type World } from "../../support/world.ts";

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

const agrees = { kind: "accepted", typedRecipients: 3 } as const;
const live = (changes: object = {}) => request(3, { agent_id: "agent_1", ...changes });
const starts = { now: { start: "now" }, at: { start: "at_time", start_at: "2026-03-02T12:00" } };
const draft = async (): Promise<string> => (await world.tool("create_batch_call", live())).batch.batch_id;
const start = (id: string, by = world, args: object = starts.now) =>
  world.whileTimePasses(by.tool("start_batch", { batch_id: id, ...args }));
const refused = (id: string, by = world, args: object = starts.now) =>
  world.whileTimePasses(by.problem("start_batch", { batch_id: id, ...args }));
const statusOf = (id: string) => hosted.batches.get(id)?.status;
const rowOf = (id: string) =>
  world.database.prepare("SELECT state FROM launches WHERE batch_id = ? ORDER BY id DESC").get(id)?.["state"];
const runsAs = { now: "SENT", at: "scheduled" };

describe.each(["now", "at"] as const)("a start (%s)", (kind) => {
  test.each<RequestFault>(["lost_answer", "silent_after"])(
    "whose answer is lost (%s) is found by reading back, and is not sent again",
    async (fault) => {
      const id = await draft();
      hosted.startFaults = [fault];
      world.person.willAnswer(agrees);
      expect((await start(id, world, starts[kind])).batch.status).toBe(runsAs[kind].toLowerCase());
      expect(hosted.dangerous).toHaveLength(1);
      expect(rowOf(id)).toBe("done");
    },
  );

  test.each<RequestFault>(["lost_request", "silent_before", 500, 503, 408, 421])(
    "that may have been lost (%s) is unknown, is never sent again by itself, and needs a person again",
    async (fault) => {
      const id = await draft();
      hosted.startFaults = [fault];
      world.person.willAnswer(agrees, agrees);
      expect((await refused(id, world, starts[kind])).code).toBe("outcome_unknown");
      expect((await world.tool("get_batch_status", { batch_id: id })).launch).toMatch(/was sent/);
      expect((await refused(id, world, starts[kind])).code).toBe("outcome_unknown");
      await world.clock.advance({ minutes: 3 });
      await expect.poll(() => rowOf(id)).toBe("unknown");
      expect(hosted.dangerous).toHaveLength(1);
      expect(world.person.asked).toHaveLength(1);

      await start(id, world, starts[kind]);
      expect(world.person.asked.at(-1)?.notes.join(" ")).toMatch(/earlier start .* got no answer/);
      expect(hosted.dangerous).toHaveLength(2);
      expect(statusOf(id)).toBe(runsAs[kind]);
    },
  );

  test.each<RequestFault>([400, 401, 429])(
    "that the API refuses (%s) is over, and says that nobody was called",
    async (fault) => {
      const id = await draft();
      hosted.startFaults = [fault];
      world.person.willAnswer(agrees);
      expect((await refused(id, world, starts[kind])).message).toMatch(/Nobody was called.*asks again/);
      expect(rowOf(id)).toBe("failed");
      expect(statusOf(id)).toBe("draft");
    },
  );
});

test("a start that arrives late is seen to have happened", async () => {
  const id = await draft();
  hosted.startFaults = ["silent_before"];
  world.person.willAnswer(agrees);
  expect((await refused(id)).code).toBe("outcome_unknown");
  hosted.execute(id);
  await world.clock.advance({ seconds: 90 });
  await expect.poll(() => rowOf(id)).toBe("done");
  expect((await world.tool("get_batch_status", { batch_id: id })).batch.status).toBe("sent");
});

test("where nobody is asked, a start whose outcome is unknown is not repeated at all", async () => {
  const policy = await startWorld({
    upstream: () => hosted.url,
    policy: { approval: "policy" },
  });
  const { batch } = await policy.tool("create_batch_call", live());
  hosted.startFaults = ["lost_request"];
  const first = policy.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  expect((await policy.whileTimePasses(first)).code).toBe("outcome_unknown");
  await policy.clock.advance({ minutes: 3 });
  const again = () => policy.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  await expect.poll(async () => (await again()).message).toMatch(/not repeated without a person/);
  expect(hosted.dangerous).toHaveLength(1);
  await policy.stop();
});

describe("a process that is killed", () => {
  const args = (id: string) => ({ batch_id: id, start: "now" });

  test("while a form is open leaves nothing started, and the next one asks", async () => {
    const id = await draft();
    world.person.willAnswer(new Promise(() => {}), agrees);
    void world.tool("start_batch", args(id));
    await expect.poll(() => world.person.asked.length).toBe(1);
    world.crash();
    const next = world.another();
    await next.campaigns.takeUp();
    expect(statusOf(id)).toBe("draft");
    expect((await start(id, next)).batch.status).toBe("sent");
    expect(hosted.dangerous).toHaveLength(1);
  });

  test("after the agreement and before the launch is written down loses only time: the agreement still stands", async () => {
    const id = await draft();
    world.person.willAnswer(agrees);
    let tasksRead = 0;
    const rereads = hosted.reached(({ path }) => path.endsWith("/tasks") && ++tasksRead === 2);
    void world.tool("start_batch", args(id));
    await rereads;
    world.crash();
    const next = world.another();
    await next.campaigns.takeUp();
    expect((await start(id, next)).batch.status).toBe("sent");
    expect(world.person.asked).toHaveLength(1);
    expect(hosted.dangerous).toHaveLength(1);
  });

  test.each<[RequestFault, string, string]>([
    ["silent_before", "unknown", "draft"],
    ["silent_after", "done", "SENT"],
  ])(
    "while its request is on the way (%s) is followed up by the next one, and nothing is sent twice",
    async (fault, state, status) => {
      const id = await draft();
      hosted.startFaults = [fault];
      world.person.willAnswer(agrees);
      const sent = hosted.reached(({ path }) => path.endsWith("/execute"));
      void world.tool("start_batch", args(id));
      await sent;
      world.crash();

      const next = world.another();
      await next.campaigns.takeUp();
      for (let minute = 0; minute < 3; minute++) {
        await world.clock.advance({ minutes: 1 });
        await expect.poll(() => next.api.getBatch(id)).toBeTruthy();
      }
      await expect.poll(() => rowOf(id)).toBe(state);
      expect(statusOf(id)).toBe(status);
      expect(hosted.dangerous).toHaveLength(1);
    },
  );

  test("while it creates leaves a draft that the next one finds, and late duplicates are cleaned up for a day", async () => {
    hosted.createFaults = ["lost_answer"];
    await world.problem("create_batch_call", live());
    world.crash();
    const next = world.another();
    await next.campaigns.takeUp();
    const [kept] = hosted.batches.keys();
    const body = hosted.seen.find(({ method, path }) => method === "POST" && path === "/batch-call")?.body;
    hosted.make(body);
    // No further: a clock that moves on while the sweep waits for an answer is a silent API.
    await world.clock.advance({ minutes: 10 });
    await expect.poll(() => [...hosted.batches.keys()]).toEqual([kept]);
    expect((await next.tool("create_batch_call", live())).batch.batch_id).toBe(kept);
  });
});
