import { afterEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../../src/campaigns/approve/summary.ts";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { longFile, longRequest } from "../../support/campaigns/long-list.ts";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { usNumber } from "../../support/us-numbers.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { startWorld, type World, type WorldSetup } from "../../support/world.ts";

const people = 2010;
const agrees = { kind: "accepted", typedRecipients: people } as const;

let world: World;
afterEach(() => world.stop());

/** Executes that reached the API, by batch. */
const executed: string[] = [];

async function open(setup: WorldSetup & { readonly people?: number } = {}): Promise<string> {
  executed.length = 0;
  const { watchApi, people: wanted = people, ...others } = setup;
  world = await startWorld({
    carrierEnvironment: "live",
    policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
    watchApi: (api) => counting(watchApi?.(api) ?? api),
    ...others,
  });
  await world.file("long.csv", longFile(wanted));
  return (await world.tool("create_batch_call", longRequest())).batch.batch_id;
}

function counting(api: BatchCallApi): BatchCallApi {
  return {
    ...api,
    async executeBatch(batchId, grant) {
      executed.push(batchId);
      return api.executeBatch(batchId, grant);
    },
  };
}

const start = (batch_id: string, by = world) => by.tool("start_batch", { batch_id, start: "now" });
const refused = (batch_id: string, by = world) => by.problem("start_batch", { batch_id, start: "now" });
const status = (batch_id: string, by = world) => by.tool("get_batch_status", { batch_id });
const partsOf = async (batch_id: string, by = world): Promise<{ batch_id: string; status: string }[]> =>
  (await status(batch_id, by)).batch.parts;
const idsOf = async (batch_id: string) => (await partsOf(batch_id)).map((part) => part.batch_id);
const statusesOf = async (batch_id: string, by = world) => (await partsOf(batch_id, by)).map((part) => part.status);
const kinds = () => world.audit.read(100).map(({ kind }) => kind);

/** The question that was asked on a page, with its answer given. */
async function agreeOnPage(id: string, tool: "start_batch" | "resume_batch" = "start_batch", count = people) {
  const asked = tool === "start_batch" ? refused(id) : world.problem(tool, { batch_id: id });
  expect((await asked).code).toBe("needs_approval");
  const page = world.pages.at(-1);
  if (!page) throw new Error("No page was opened");
  const by = { principal: "operator", channel: "page" } as const;
  expect(world.approvals.approve(page.id, count, by, world.clock.now())).toBe("approved");
  const approved = world.approvals.get(page.id, world.clock.now());
  if (!approved) throw new Error("The question is gone");
  return approved;
}

describe("one agreement to a group", () => {
  test("names all parts and the bounds, is one question with one count, and starts every part", async () => {
    const id = await open();
    world.person.willAnswer(agrees);
    const { batch } = await start(id);
    expect(batch).toMatchObject({ batch_id: id, status: "sent", environment: "live" });
    expect(world.person.asked).toHaveLength(1);
    const [asked] = world.person.asked;
    expect(asked).toMatchObject({ batchId: id, name: "June reminders", recipients: people });
    const facts = toSummaryFacts(asked ?? fail()).flatMap(({ label, lines }) =>
      lines.map((line) => `${label}: ${line}`),
    );
    const ids = await idsOf(id);
    expect(facts).toEqual(
      expect.arrayContaining([
        `Parts: ${ids[0]}: 1,000`,
        `Parts: ${ids[2]}: 10`,
        "How many: 2,010 people",
        "Countries: United States: 2,010",
        "Also: One answer covers all parts and the retries in them: at most 2,010 people and 2,010 calls.",
        expect.stringMatching(/^First and last ring: at the latest .* 2026/),
      ]),
    );
    expect(executed.toSorted()).toEqual(ids.toSorted());
    expect(kinds()).toEqual(["asked", "approved", "launched", "launched", "launched"]);
    expect((await refused(id)).code).toBe("wrong_state");
  });

  test("is not given by another count", async () => {
    const id = await open();
    world.person.willAnswer({ kind: "accepted", typedRecipients: 1000 });
    expect((await refused(id)).code).toBe("needs_approval");
    expect(executed).toEqual([]);
  });

  test("starts nothing where one part changed since the question, and says which", async () => {
    const id = await open();
    const question = await agreeOnPage(id);
    const [, second = ""] = await idsOf(id);
    await world.api.editBatch(second, { timezone: "Europe/Rome" });
    expect(await world.campaigns.askedPeople(question, { page: 20, limit: 50 })).toBeUndefined();
    await world.campaigns.proceed(question);
    expect(executed).toEqual([]);
    expect((await status(id)).launch).toMatch(
      new RegExp(`part 2 \\(${second}\\) changed.*That agreement is void\\. No part was started`),
    );
    expect(await statusesOf(id)).toEqual(["draft", "draft", "draft"]);
  });

  test("shows its list in pages, over the ends of parts, and reads only the parts that a page has people of", async () => {
    const read: string[] = [];
    const id = await open({
      watchApi: (api) => ({
        ...api,
        async listTasks(batchId, query) {
          read.push(batchId);
          return api.listTasks(batchId, query);
        },
      }),
    });
    const question = await agreeOnPage(id);
    const ids = await idsOf(id);
    const page = async (number: number, limit: number) => {
      read.length = 0;
      const found = await world.campaigns.askedPeople(question, { page: number, limit });
      expect(found?.total).toBe(people);
      return { numbers: found?.people.map(({ toNumber }) => toNumber), parts: [...new Set(read)] };
    };
    const numbersFrom = (first: number, count: number) => Array.from({ length: count }, (_, n) => usNumber(first + n));
    expect(await page(0, 50)).toEqual({ numbers: numbersFrom(0, 50), parts: ids.slice(0, 1) });
    expect(await page(3, 300)).toEqual({ numbers: numbersFrom(900, 300), parts: ids.slice(0, 2) });
    expect(await page(40, 50)).toEqual({ numbers: numbersFrom(2000, 10), parts: ids.slice(2) });
    expect(await page(41, 50)).toEqual({ numbers: [], parts: [] });
  });

  test("on a page starts all parts by itself", async () => {
    const id = await open();
    await agreeOnPage(id);
    expect((await status(id)).launch).toMatch(/A person was asked/);
    await world.clock.advance({ seconds: 1 });
    await waitUntil("all parts run", async () => (await statusesOf(id)).every((one) => one === "sent"));
    expect(executed).toHaveLength(3);
  });

  test("is one launch to the limits, which name the setting and what is wanted", async () => {
    const id = await open({ policy: { limits: { maxRecipientsPerStart: 1000, maxRecipientsPerDay: 2000 } } });
    const { code, issues } = await refused(id);
    expect(code).toBe("refused_by_limit");
    expect(issues.map(({ message }) => message)).toEqual([
      expect.stringMatching(/2,010 recipients; at most 1,000.*BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH/),
      expect.stringMatching(/2,010 recipients and 0 .*at most 2,000.*BATCH_CALL_MAX_RECIPIENTS_PER_DAY/),
    ]);
    expect(world.pages).toEqual([]);
  });
});

test("a limit that is reached while the person thinks holds after their approval to a group too", async () => {
  const id = await open({ policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: people } } });
  const question = await agreeOnPage(id);
  const tasks = [{ to_number: usNumber(4000) }];
  const other = longRequest({ name: "Other", tasks_file: undefined, columns: undefined, tasks });
  world.person.willAnswer({ kind: "accepted", typedRecipients: 1 });
  await start((await world.tool("create_batch_call", other)).batch.batch_id);
  await world.campaigns.proceed(question);
  expect(executed).toHaveLength(1);
  expect((await status(id)).launch).toMatch(/breaks a limit/);
});

describe("a crash between the starts of two parts", () => {
  /** The process dies when the so-manieth start reaches the API. */
  const dyingAt = (count: number): WorldSetup => {
    let left = count;
    return {
      watchApi: (api) => ({
        ...api,
        async executeBatch(batchId, grant) {
          if (--left === 0) world.crash();
          return api.executeBatch(batchId, grant);
        },
      }),
    };
  };

  async function crashed(count: number): Promise<string> {
    const id = await open(dyingAt(count));
    world.person.willAnswer(agrees);
    void start(id).catch(() => {});
    while (executed.length < count) await new Promise(setImmediate);
    await world.clock.advance({ seconds: 1 });
    return id;
  }

  test("is gone on with by whoever looks next, also by two processes, each part once", async () => {
    const id = await crashed(1);
    const [next, other] = [world.another(), world.another()];
    await Promise.all([next.campaigns.takeUp(), other.campaigns.takeUp(), status(id, next), status(id, other)]);
    await waitUntil("all parts run", async () => (await statusesOf(id, next)).every((one) => one === "sent"));
    expect(new Set(executed).size).toBe(executed.length);
    expect(executed).toHaveLength(3);
  });

  test("is not made up for after 15 minutes: the answer says which parts wait, and they are asked about anew", async () => {
    const id = await crashed(1);
    await world.clock.advance({ minutes: 16 });
    const next = world.another();
    const begun = executed.length;
    await next.campaigns.takeUp();
    expect(executed).toHaveLength(begun);
    const { launch, batch } = await status(id, next);
    const waiting = batch.parts.filter(({ status: one }: { status: string }) => one === "draft").length;
    expect(waiting).toBeGreaterThan(0);
    expect(launch).toMatch(/did not begin before that agreement ended/);
    const problem = await refused(id, next);
    expect(problem.code).toBe("needs_approval");
    expect(next.pages.at(-1)?.summary.parts).toHaveLength(waiting);
  });

  test("starts nothing that was paused or stopped meanwhile", async () => {
    const id = await crashed(1);
    const next = world.another();
    await next.whileTimePasses(next.tool("pause_batch", { batch_id: id })).catch(() => {});
    const begun = executed.length;
    await next.campaigns.takeUp();
    expect(executed).toHaveLength(begun);
    const running = (await status(id, next)).batch;
    expect(running.parts.length).toBe(3);
    expect(running.allowed_actions).not.toContain("pause_batch");
  });
});

describe("a crash between the resumes of two parts", () => {
  /** Resumes that reached the API, by batch. */
  const resumed: string[] = [];

  let ids: string[] = [];

  /** The process dies when the first resume reaches the API; it is not known whether that arrived. */
  async function crashed(request: object = {}, pausedMinutes = 1): Promise<string> {
    resumed.length = 0;
    const id = await open({
      // Slow, so that nobody on the lists is done before.
      service: { startsPerSecond: 1 },
      watchApi: (api) => ({
        ...api,
        async resumeBatch(batchId, options) {
          resumed.push(batchId);
          if (resumed.length === 1) world.crash();
          return api.resumeBatch(batchId, options);
        },
      }),
    });
    ids = await idsOf(id);
    world.person.willAnswer(agrees);
    await start(id);
    await world.tool("pause_batch", { batch_id: id });
    await world.clock.advance({ minutes: pausedMinutes });
    const left = (await status(id)).batch.counts.pending;
    world.person.willAnswer({ kind: "accepted", typedRecipients: left });
    void world.tool("resume_batch", { batch_id: id, ...request }).catch(() => {});
    while (resumed.length === 0) await new Promise(setImmediate);
    await world.clock.advance({ seconds: 1 });
    return id;
  }

  const isRunning = async (id: string, by: World) => {
    const { batch } = await status(id, by);
    return batch.status === "sent" && !batch.is_paused && batch.held_reason === undefined;
  };

  test.each([
    ["under the agreement before the pause", {}, 1],
    ["under a new one", {}, 16],
    ["with those of whom it is not known whether they were called", { redial_unknown: true }, 1],
  ])("is gone on with %s, each part once", async (_how, request, pausedMinutes) => {
    const id = await crashed(request, pausedMinutes);
    const asked = world.person.asked.length;
    const [next, other] = [world.another(), world.another()];
    expect((await status(id, next)).launch).toMatch(/parts? .* still to come/);
    await Promise.all([next.campaigns.takeUp(), other.campaigns.takeUp()]);
    await waitUntil("all parts run", async () => isRunning(id, next));
    expect(resumed).toHaveLength(3);
    expect(new Set(resumed).size).toBe(3);
    expect(world.person.asked).toHaveLength(asked);
  });

  test("is gone on with by the resume that is repeated", async () => {
    const id = await crashed();
    const next = world.another();
    expect((await next.tool("resume_batch", { batch_id: id })).batch).toMatchObject({
      status: "sent",
      is_paused: false,
    });
    expect(resumed).toHaveLength(3);
  });

  test("leaves alone what was paused again meanwhile, here or elsewhere", async () => {
    const id = await crashed();
    const [, second = "", third = ""] = ids;
    const next = world.another();
    await next.api.pauseBatch(second, { isResumable: true });
    await next.campaigns.takeUp();
    expect(resumed).not.toContain(second);
    expect((await next.api.getBatch(second)).isPaused).toBe(true);
    expect((await next.api.getBatch(third)).isPaused).toBe(false);
    expect((await status(id, next)).launch).toMatch(/part 2 of 3 did not begin before that agreement ended/);
  });

  test("is not made up for after 15 minutes", async () => {
    const id = await crashed();
    await world.clock.advance({ minutes: 16 });
    const next = world.another();
    await next.campaigns.takeUp();
    expect(resumed).toHaveLength(1);
    expect((await next.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
  });
});

describe("parts of a group that differ", () => {
  test("one that the API refuses to start is named, the others run, and the next start asks about it alone", async () => {
    let refuses = true;
    const id = await open({
      watchApi: (api) => ({
        ...api,
        async executeBatch(batchId, grant) {
          const [, second] = await idsOf(id);
          if (refuses && batchId === second) throw new Problem("invalid_input", "The API said no. Nobody was called.");
          return api.executeBatch(batchId, grant);
        },
      }),
    });
    world.person.willAnswer(agrees);
    const problem = await refused(id);
    expect(problem.code).toBe("invalid_input");
    expect(problem.message).toMatch(
      /1 of 3 parts could not be started. Parts 1, 3 of 3: started. part 2 \(batch_call_\w+, rows 1002 to 2001\): The API said no\. Nobody of it was called\./,
    );
    expect(await statusesOf(id)).toEqual(["sent", "draft", "sent"]);
    const { batch } = await status(id);
    expect(batch).toMatchObject({
      status: "draft",
      allowed_actions: expect.arrayContaining(["start_batch", "pause_batch"]),
    });
    refuses = false;
    world.person.willAnswer({ kind: "accepted", typedRecipients: 1000 });
    expect((await start(id)).batch.status).toBe("sent");
    expect(world.person.asked.at(-1)).toMatchObject({ recipients: 1000, parts: [{ recipients: 1000 }] });
  });

  test("one that could not be paused is named, and the others are", async () => {
    let refuses = true;
    const id = await open({
      watchApi: (api) => ({
        ...api,
        async pauseBatch(batchId, options) {
          const [, , third] = await idsOf(id);
          if (refuses && batchId === third) throw new Problem("unavailable", "The API cannot be reached.");
          return api.pauseBatch(batchId, options);
        },
      }),
    });
    world.person.willAnswer(agrees);
    await start(id);
    const problem = await world.problem("pause_batch", { batch_id: id });
    expect(problem.code).toBe("unavailable");
    expect(problem.message).toMatch(/Parts 1, 2 of 3: paused\. part 3 \(.*cannot be reached/);
    const { batch } = await status(id);
    expect(batch).toMatchObject({ is_paused: false, held_reason: "parts 1, 2 of 3: paused" });
    expect(batch.allowed_actions).toEqual(expect.arrayContaining(["pause_batch", "resume_batch"]));
    refuses = false;
    expect((await world.tool("pause_batch", { batch_id: id })).batch.is_paused).toBe(true);
  });

  test("a group goes on within 15 minutes of its pause, and asks about all of it after them", async () => {
    const id = await open();
    world.person.willAnswer(agrees);
    await start(id);
    await world.tool("pause_batch", { batch_id: id });
    expect((await world.tool("resume_batch", { batch_id: id })).batch).toMatchObject({
      status: "sent",
      is_paused: false,
    });
    await world.tool("pause_batch", { batch_id: id });
    await world.clock.advance({ minutes: 16 });
    const left = (await status(id)).batch.counts.pending;
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    world.person.willAnswer({ kind: "accepted", typedRecipients: left });
    expect((await world.tool("resume_batch", { batch_id: id })).batch).toMatchObject({
      status: "sent",
      is_paused: false,
    });
  });

  test("a part that was deleted elsewhere counts as not called, and does not stand in the way of the others", async () => {
    const id = await open();
    const [, second = ""] = await idsOf(id);
    await world.api.deleteBatch(second);
    expect(await status(id)).toMatchObject({
      batch: { status: "draft", counts: { total: people, cancelled: 1000, pending: 1010 } },
    });
    expect(await statusesOf(id)).toEqual(["draft", "deleted", "draft"]);
    expect((await world.tool("get_batch_results", { batch_id: id, limit: 100 })).results).toHaveLength(100);
    world.person.willAnswer({ kind: "accepted", typedRecipients: 1010 });
    await start(id);
    expect(await statusesOf(id)).toEqual(["sent", "deleted", "sent"]);
    const { batch } = await world.tool("cancel_batch", { batch_id: id });
    expect(batch.status).toBe("cancelled");
  });

  test("a new name reaches all parts, and rules put the scheduled ones back to draft", async () => {
    const id = await open();
    const renamed = await world.tool("update_batch", { batch_id: id, name: "July" });
    expect(renamed.batch.name).toBe("July");
    const [first = ""] = await idsOf(id);
    expect((await world.api.getBatch(first)).name).toBe("July (1/3)");
    world.person.willAnswer(agrees);
    const at = { start: "at_time", start_at: "2026-03-02T12:00" };
    expect((await world.tool("start_batch", { batch_id: id, ...at })).batch.status).toBe("scheduled");
    const retry_config = { enabled: true, max_attempts: 2 };
    const changed = await world.tool("update_batch", { batch_id: id, retry_config });
    expect(changed).toMatchObject({ batch: { status: "draft" }, starts_by_itself: false });
    expect(await statusesOf(id)).toEqual(["draft", "draft", "draft"]);
  });
});

test("at an API without extensions the parts carry number and tag in their names, and start with one agreement", async () => {
  const hosted = await HostedApi.start();
  try {
    world = await startWorld({
      upstream: () => hosted.url,
      policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
    });
    await world.file("long.csv", longFile(people));
    const { batch } = await world.tool(
      "create_batch_call",
      longRequest({ agent_id: "agent_1", name: "N".repeat(255) }),
    );
    const names = [...hosted.batches.values()].map(({ name }) => name);
    expect(names).toEqual(
      [1, 2, 3].map((n) => expect.stringMatching(new RegExp(`^N+ \\(${n}/3\\) \\[bc-[0-9a-f]{12}\\]$`))),
    );
    expect(names.map(({ length }) => length)).toEqual([255, 255, 255]);
    // A part that is changed by itself: this API would not show it.
    expect((await refused(batch.batch_id)).code).toBe("needs_approval");
    const [part] = await idsOf(batch.batch_id);
    await world.tool("update_batch", { batch_id: part, timezone: "America/Chicago" });
    expect(world.approvals.openFor(batch.batch_id, world.clock.now())).toEqual([]);
    world.person.willAnswer(agrees);
    expect((await start(batch.batch_id)).batch.status).toBe("sent");
    expect(hosted.dangerous).toHaveLength(3);
  } finally {
    await hosted.stop();
  }
});

function fail(): never {
  throw new Error("Nobody was asked");
}

test("a resume of a group that is held again at once says why once for all parts, wherever somebody agreed, and stands in no way", async () => {
  // Two parts, of which no more than one person is tried at a time.
  const few = 1005;
  const id = await open({
    people: few,
    service: { maxConcurrent: 1 },
    // The dialer is faster than the answer.
    watchApi: (api) => ({
      ...api,
      resumeBatch: async (...args) => {
        const resumed = await api.resumeBatch(...args);
        await world.clock.advance({ seconds: 2 });
        return resumed;
      },
    }),
  });
  const agree = () => world.person.willAnswer({ kind: "accepted", typedRecipients: few });
  world.carrier.gone.add("+14155550100");
  agree();
  await start(id);
  await world.clock.advance({ seconds: 5 });
  expect((await status(id)).batch).toMatchObject({ gone_from_numbers: ["+14155550100"] });
  agree();
  const { code, message } = await world.problem("resume_batch", { batch_id: id });
  expect(code).toBe("unavailable");
  expect(message).toMatch(/2 of 2 parts could not be resumed.*held again: .*no such caller id.*update_batch/);
  expect(message.split("no such caller id")).toHaveLength(2);
  await world.campaigns.proceed(await agreeOnPage(id, "resume_batch", few));
  const { launch, batch } = await status(id);
  expect(launch).toMatch(/could not be resumed.*held again: .*no such caller id/);
  expect(batch.held_reason).toContain("no such caller id");
  world.carrier.gone.clear();
  agree();
  expect((await world.tool("resume_batch", { batch_id: id })).batch.status).toBe("sent");
  expect(world.carrier.rings.length).toBeGreaterThan(0);
});
