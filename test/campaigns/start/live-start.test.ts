import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerMessage } from "../../../src/campaigns/approve/approval-messages.ts";
import { toSummaryFacts } from "../../../src/campaigns/approve/summary.ts";
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

const live = (changes: object = {}) => request(3, { agent_id: "agent_1", ...changes });
const inTwoHours = { start: "at_time", start_at: "2026-03-02T12:00" };
const draft = async (changes: object = {}): Promise<string> =>
  (await world.tool("create_batch_call", live(changes))).batch.batch_id;
const statusOf = (id: string) => hosted.batches.get(id)?.status;
const startNow = (id: string, by = world) => by.tool("start_batch", { batch_id: id, start: "now" });
const refusedNow = (id: string, by = world) => by.problem("start_batch", { batch_id: id, start: "now" });
const agrees = { kind: "accepted", typedRecipients: 3 } as const;
const kinds = () => world.audit.read(100).map(({ kind }) => kind);

/** A page was opened for the start; answers its question. */
async function askedOnPage(id: string) {
  expect((await refusedNow(id)).code).toBe("needs_approval");
  const page = world.pages.at(-1);
  if (!page) throw new Error("No page was opened");
  return page;
}

const agreeOnPage = (id: string, typed = 3) =>
  world.approvals.approve(id, typed, { principal: "operator", channel: "page" }, world.clock.now());

describe("a start with a form", () => {
  test("shows the person what the API says, and calls once they typed the number of people", async () => {
    const id = await draft();
    world.person.willAnswer(agrees);
    const { batch } = await startNow(id);
    expect(batch).toMatchObject({ status: "sent", environment: "live" });
    expect(hosted.dangerous).toHaveLength(1);
    expect(world.person.asked).toMatchObject([
      {
        batchId: id,
        recipients: 3,
        agentName: "Reminder",
        fromNumber: "+14155550100",
        countries: [{ country: "US", recipients: 3 }],
        samples: [expect.stringMatching(/^\+1 \*\*\* \*\*\* /), expect.any(String), expect.any(String)],
      },
    ]);
    expect(kinds()).toEqual(["asked", "approved", "launched"]);
  });

  test("shows the hours that were sent and the variables that stay blank, as the preview and the create did", async () => {
    const tasks = [
      { to_number: "+12015550101", dynamic_variables: { first_name: "Ann" } },
      { to_number: "+12135550102", dynamic_variables: { first_name: " " } },
    ];
    await world.stop();
    world = await startWorld({ upstream: () => hosted.url, policy: { hours: { start: "08:00", end: "21:00" } } });
    const args = live({
      tasks,
      timezone: "America/New_York",
      quiet_hours: { enabled: false, start_time: "22:00", end_time: "04:00" },
    });
    const blank = "first_name is blank in 1 row (2)";
    // Three hours apart, and four between the clock changes of 2026 in either zone.
    const hours = "12:00 to 21:00 in America/New_York";
    for (const tool of ["preview_batch_call", "create_batch_call"]) {
      expect(await world.text(tool, args)).toContain(`Phones ring only from ${hours}`);
      expect(await world.text(tool, args)).toContain(`Variable ${blank}`);
      expect(await world.tool(tool, args)).toMatchObject({
        batch: { calling_hours: { start: "12:00", end: "21:00", zone: "America/New_York" } },
        missing_variables: [{ name: "first_name", rows: 1, first_rows: [2] }],
      });
    }
    const created = hosted.seen.find(({ method, path }) => method === "POST" && path === "/batch-call");
    expect(created?.body).toMatchObject({
      quiet_hours: { enabled: true, start_time: "21:00", end_time: "12:00", timezone: "America/New_York" },
    });
    await world.clock.advance({ hours: 2 });
    const { batch } = await world.tool("create_batch_call", args);
    const page = await askedOnPage(batch.batch_id);
    const facts = Object.fromEntries(toSummaryFacts(page.summary).map(({ label, lines }) => [label, lines]));
    expect(facts["Phones ring"]).toEqual([hours, "08:00 to 21:00, on the recipients' own clocks"]);
    expect(facts["Blank"]).toEqual([blank]);
  });

  test("does not claim hours of a batch that was made elsewhere", async () => {
    const { batch_call_id: id } = hosted.make({
      name: "Elsewhere",
      agent_id: "agent_1",
      from_number: "+14155550100",
      tasks: [{ to_number: numberOf(1) }],
      status: "draft",
      send_now: false,
      timezone: "America/New_York",
    });
    const page = await askedOnPage(id);
    expect(toSummaryFacts(page.summary).map(({ label }) => label)).not.toContain("Phones ring");
    expect(page.summary.notes).toContainEqual(
      expect.stringContaining("at what hours each person is called is not known"),
    );
  });

  test("says before and after the agreement that a running batch cannot be stopped here", async () => {
    const page = await askedOnPage(await draft());
    expect(page.summary.notes).toContain("Once it runs, it can be stopped only in your API provider's own portal.");
    agreeOnPage(page.id);
    const { text } = answerMessage(world.approvals.get(page.id, world.clock.now()));
    expect(text).not.toMatch(/pause it|cancel it/);
    expect(text).toContain("to stop it, use your API provider's own portal");
  });

  test("sets a batch to its time and reads it back to the second", async () => {
    const id = await draft();
    world.person.willAnswer(agrees);
    const { batch } = await world.tool("start_batch", { batch_id: id, ...inTwoHours });
    expect(batch).toMatchObject({ status: "scheduled", scheduled_at: { utc: "2026-03-02T17:00:00Z" } });
  });

  test("is not asked for, nor sent, again when the batch is scheduled like that already", async () => {
    const id = await draft();
    world.person.willAnswer(agrees);
    await world.tool("start_batch", { batch_id: id, ...inTwoHours });
    expect((await world.tool("start_batch", { batch_id: id, ...inTwoHours })).batch.status).toBe("scheduled");
    expect(world.person.asked).toHaveLength(1);
    expect(hosted.dangerous).toHaveLength(1);
  });

  test("works from create_batch_call too", async () => {
    world.person.willAnswer(agrees);
    const { batch, approval } = await world.tool("create_batch_call", live({ start: "now" }));
    expect(batch.status).toBe("sent");
    expect(approval).toBeUndefined();
  });

  test.each([
    [{ kind: "declined" }, /declined/],
    [{ kind: "closed" }, /closed the form/],
    [{ kind: "accepted", typedRecipients: 30 }, /another number/],
  ] as const)("rings nobody when the answer is %j, and says why", async (answer, words) => {
    const id = await draft();
    world.person.willAnswer(answer);
    const problem = await refusedNow(id);
    expect(problem.code).toBe("needs_approval");
    expect(problem.message).toMatch(words);
    expect(hosted.dangerous).toEqual([]);
  });

  test("is told to be open no more where another number was typed in the form, and is asked for anew", async () => {
    const id = await draft();
    world.person.willAnswer({ kind: "accepted", typedRecipients: 30 });
    await refusedNow(id);
    const { launch } = await world.tool("get_batch_status", { batch_id: id });
    expect(launch).toMatch(/^A person typed another number .*call start_batch, or resume_batch, to ask once more\.$/);
    world.person.willAnswer(agrees);
    expect((await world.tool("start_batch", { batch_id: id, start: "now" })).batch.status).toBe("sent");
  });

  test("is one of three at most: the others are told what is open, and lose nothing", async () => {
    const drafts: string[] = [];
    for (let i = 0; i < 5; i++) drafts.push(await draft({ name: `List ${i}` }));
    for (const id of drafts) expect((await refusedNow(id)).code).toBe("needs_approval");
    expect(world.pages).toHaveLength(3);
    const waits = await world.problem("create_batch_call", live({ name: "List 5", start: "now" }));
    expect(waits.message).toMatch(/3 questions wait.*created as draft/);
    await world.tool("cancel_batch", { batch_id: drafts[0] });
    expect(await refusedNow(drafts[3] ?? "")).toMatchObject({ code: "needs_approval" });
    expect(world.pages.at(-1)?.summary.batchId).toBe(drafts[3]);
    expect(hosted.dangerous).toEqual([]);
  });

  test("leaves no question open when the form is closed", async () => {
    for (let i = 0; i < 5; i++) {
      const id = await draft({ name: `List ${i}` });
      world.person.willAnswer({ kind: "closed" });
      expect((await refusedNow(id)).message).toMatch(/closed the form/);
    }
    expect(world.approvals.openAll(world.clock.now())).toEqual([]);
  });

  test("rings nobody after an answer that came too late", async () => {
    const id = await draft();
    let answer: (given: typeof agrees) => void = () => {};
    world.person.willAnswer(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const refused = refusedNow(id);
    await expect.poll(() => world.person.asked.length).toBe(1);
    await world.clock.advance({ minutes: 16 });
    answer(agrees);
    expect((await refused).message).toMatch(/too late/);
    expect(hosted.dangerous).toEqual([]);
  });

  test.each([
    ["another agent", { agent_id: "agent_2" }],
    ["another caller id", { from_number: "+14155550109" }],
    ["another zone", { timezone: "Europe/London" }],
  ])("rings nobody when the batch got %s while the form was open", async (_what, change) => {
    const id = await draft();
    let answer: (given: typeof agrees) => void = () => {};
    world.person.willAnswer(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const refused = refusedNow(id);
    await expect.poll(() => world.person.asked.length).toBe(1);
    Object.assign(hosted.batches.get(id) ?? {}, change);
    answer(agrees);
    expect((await refused).message).toMatch(/no longer what the person agreed to/);
    expect(hosted.dangerous).toEqual([]);
  });
});

describe("a start with a page", () => {
  test("launches when the person agrees after the call has ended, and get_batch_status shows it", async () => {
    const id = await draft();
    const page = await askedOnPage(id);
    const waiting = world.tool("get_batch_status", { batch_id: id, wait_seconds: 45 });
    await world.clock.advance({ seconds: 5 });
    expect(agreeOnPage(page.id)).toBe("approved");
    expect((await world.whileTimePasses(waiting)).batch.status).toBe("sent");
    expect(hosted.dangerous).toHaveLength(1);
  });

  test("is launched once when page, timer and a second call all see the agreement", async () => {
    const id = await draft();
    const page = await askedOnPage(id);
    agreeOnPage(page.id);
    const second = startNow(id).catch((error: unknown) => error);
    await Promise.all([world.campaigns.proceed(page), world.whileTimePasses(second)]);
    await world.clock.advance({ seconds: 10 });
    expect(statusOf(id)).toBe("SENT");
    expect(hosted.dangerous).toHaveLength(1);
  });

  test("is launched by a process that came up after the one that asked was killed", async () => {
    const id = await draft();
    const page = await askedOnPage(id);
    world.crash();
    const next = world.another();
    await next.campaigns.takeUp();
    agreeOnPage(page.id);
    await world.clock.advance({ seconds: 2 });
    await expect.poll(() => statusOf(id)).toBe("SENT");
  });

  test("says no more than that it waits: the secret and the id of the question stay here", async () => {
    const id = await draft();
    const page = await askedOnPage(id);
    const { launch } = await world.tool("get_batch_status", { batch_id: id });
    expect(launch).toMatch(/person was asked/);
    expect(JSON.stringify([launch, (await refusedNow(id)).message])).not.toContain(page.id);
  });

  test.each([
    [
      "declined",
      (id: string) => world.approvals.decline(id, { principal: "o", channel: "page" }, world.clock.now()),
      /declined/,
    ],
    [
      "typed another number five times",
      (id: string) => [1, 2, 4, 5, 6].map((typed) => agreeOnPage(id, typed)),
      /ended/,
    ],
  ])("calls nobody when the person %s, and the status says so", async (_what, answer, words) => {
    const id = await draft();
    answer((await askedOnPage(id)).id);
    await world.clock.advance({ seconds: 3 });
    expect((await world.tool("get_batch_status", { batch_id: id })).launch).toMatch(words);
    expect(hosted.dangerous).toEqual([]);
  });

  test("calls nobody when nobody answers for 15 minutes", async () => {
    const id = await draft();
    const page = await askedOnPage(id);
    await world.clock.advance({ minutes: 16 });
    expect(agreeOnPage(page.id)).toBe("expired");
    expect((await world.tool("get_batch_status", { batch_id: id })).launch).toMatch(/too late/);
    expect(hosted.dangerous).toEqual([]);
  });
});

describe("an agreement", () => {
  test("is used once: starting again after the batch is back to draft asks again", async () => {
    const id = await draft();
    world.person.willAnswer(agrees);
    await startNow(id);
    Object.assign(hosted.batches.get(id) ?? {}, { status: "draft" });
    hosted.taskStatus = "PENDING";
    expect((await refusedNow(id)).code).toBe("needs_approval");
    expect(hosted.dangerous).toHaveLength(1);
  });

  test("of one batch starts no other", async () => {
    const [first, second] = [await draft(), await draft({ name: "July reminders" })];
    const page = await askedOnPage(first);
    agreeOnPage(page.id);
    await refusedNow(second);
    await world.campaigns.proceed(page);
    expect([statusOf(first), statusOf(second)]).toEqual(["SENT", "draft"]);
  });

  test.each([
    ["agent_id", { agent_id: "agent_1" }],
    ["start_at", { start_at: "2026-03-02T13:00" }],
    ["timezone", { timezone: "America/Chicago" }],
  ])("is void after update_batch changed %s, which puts a scheduled batch back to draft", async (_what, change) => {
    const id = await draft();
    world.person.willAnswer(agrees);
    await world.tool("start_batch", { batch_id: id, ...inTwoHours });
    const page = await askedOnPage(id);
    agreeOnPage(page.id);
    await world.tool("update_batch", { batch_id: id, ...change });
    await world.campaigns.proceed(page);
    expect(statusOf(id)).toBe("draft");
    expect(hosted.dangerous).toHaveLength(1);
  });

  test("outlives another name", async () => {
    const id = await draft();
    const page = await askedOnPage(id);
    await world.tool("update_batch", { batch_id: id, name: "Renamed" });
    agreeOnPage(page.id);
    await world.campaigns.proceed(page);
    expect(statusOf(id)).toBe("SENT");
  });

  test("is no agreement to a list that changed at the API", async () => {
    const id = await draft();
    const batch = hosted.batches.get(id);
    Object.assign(batch ?? {}, { tasks: [1, 2, 9].map((n) => ({ to_number: numberOf(n) })) });
    const problem = await world.whileTimePasses(refusedNow(id));
    expect(problem.message).toMatch(/numbers are not those that were sent/);
    expect(hosted.dangerous).toEqual([]);
  });
});

describe("expected_recipients and fingerprint", () => {
  const approvalOf = async () => await world.tool("create_batch_call", live({ start: "now" }));

  test("that are right change nothing about who has to agree", async () => {
    const { batch, approval } = await approvalOf();
    const { expected_recipients, fingerprint } = approval;
    const args = { batch_id: batch.batch_id, start: "now", expected_recipients, fingerprint };
    expect((await world.problem("start_batch", args)).code).toBe("needs_approval");
    expect(hosted.dangerous).toEqual([]);
  });

  test("that belong to another time refuse the start", async () => {
    const { batch, approval } = await approvalOf();
    const { expected_recipients, fingerprint } = approval;
    const args = { batch_id: batch.batch_id, ...inTwoHours, expected_recipients, fingerprint };
    expect((await world.problem("start_batch", args)).issues).toMatchObject([{ code: "other_list" }]);
  });
});

describe("two processes", () => {
  test("that both have a form answered start the batch once", async () => {
    const id = await draft();
    const other = world.another();
    world.person.willAnswer(agrees, agrees);
    await world.whileTimePasses(
      Promise.allSettled([startNow(id), startNow(id, other), startNow(id), startNow(id, other)]),
    );
    expect(hosted.dangerous).toHaveLength(1);
    expect(statusOf(id)).toBe("SENT");
  });
});

test("a time that the API takes as seconds is seen, and the batch is put back to draft", async () => {
  const id = await draft();
  hosted.takesSeconds = true;
  world.person.willAnswer(agrees);
  const problem = await world.problem("start_batch", { batch_id: id, ...inTwoHours });
  expect(problem.code).toBe("bad_response");
  expect(problem.message).toMatch(/put back to draft/);
  expect(statusOf(id)).toBe("draft");
});

test("a duplicate that waits for its form's answer is not duplicated again by the repeated call", async () => {
  await draft();
  await world.tool("create_batch_call", live({ start: "now", allow_duplicate: true }));
  expect(hosted.batches.size).toBe(2);
  world.person.willAnswer(agrees);
  const { batch } = await world.tool("create_batch_call", live({ start: "now", allow_duplicate: true }));
  expect(batch.status).toBe("sent");
  expect(hosted.batches.size).toBe(2);
});
