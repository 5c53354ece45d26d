import { afterEach, describe, expect, test } from "vitest";
import { HostedWorld } from "../../support/carriers/hosted-world.ts";
import { numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";

let world: HostedWorld | undefined;
afterEach(() => world?.close());

async function open(setup: Parameters<typeof HostedWorld.open>[0] = {}): Promise<HostedWorld> {
  world = await HostedWorld.open(setup);
  return world;
}

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => numberOf(n + 1));
const statuses = async (w: HostedWorld, id: string): Promise<readonly string[]> =>
  (await w.tasks(id)).map(({ status }) => status);
const noTasks = ({ path }: { readonly path: string }) => (path.endsWith("/tasks") ? 500 : undefined);
const executed = (w: HostedWorld) => w.api.seen.filter(({ path }) => path.endsWith("/execute"));

test("those who are due go to the hosted API as a small batch: made as a draft, read back, executed once", async () => {
  const w = await open({ waveSize: 3 });
  const tasks = [{ toNumber: numberOf(1), variables: { first_name: "Zoë", visits: 3 } }];
  const batchId = await w.addBatch({ tasks });
  const [, , wave = ""] = (executed(w)[0]?.path ?? "").split("/");
  expect(w.api.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /batch-call",
    `GET /batch-call/${wave}`,
    `GET /batch-call/${wave}/tasks`,
    `POST /batch-call/${wave}/execute`,
  ]);
  expect(w.api.seen[0]?.body).toEqual({
    name: expect.stringMatching(/^Reminders · wave_[0-9a-f]{16}$/),
    from_number: "+14155550100",
    agent_id: "agent_1",
    timezone: "America/New_York",
    status: "draft",
    send_now: false,
    retry_config: { enabled: false, max_attempts: 1 },
    tasks: [{ to_number: numberOf(1), dynamic_variables: { first_name: "Zoë", visits: 3 } }],
  });
  expect(w.phones.rings).toMatchObject([{ toNumber: numberOf(1), variables: { first_name: "Zoë", visits: 3 } }]);
  await w.clock.advance({ minutes: 2 });
  expect(await w.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
  expect((await w.attempts(batchId))[0]).toMatchObject({ talkMs: 30_000, summary: "They said hello." });
  expect((await w.batch(batchId)).status).toBe("completed");
});

test("what the agent's own analysis finds out is kept, of those who answered", async () => {
  const w = await open();
  w.phones.custom = { confirmed: true };
  w.phones.script(numberOf(2), "voicemail");
  const batchId = await w.addBatch({ recipients: 2 });
  await w.clock.advance({ minutes: 5 });
  const attempts = await w.attempts(batchId);
  const answersOf = (number: string) => attempts.find(({ toNumber }) => toNumber === number)?.answers;
  expect(answersOf(numberOf(1))).toEqual([{ name: "confirmed", value: "yes" }]);
  expect(answersOf(numberOf(2))).toBeUndefined();
});

test("waves are as big as the setting says, and no person is in two", async () => {
  const w = await open({ waveSize: 4 });
  const batchId = await w.addBatch({ recipients: 10 });
  await w.clock.advance({ minutes: 5 });
  const sizes = [...w.api.batches.values()].map(({ tasks }) => tasks.length).toSorted();
  expect(sizes).toEqual([2, 4, 4]);
  expect(w.rung.toSorted()).toEqual(numbers(10).toSorted());
  expect(new Set(await statuses(w, batchId))).toEqual(new Set(["completed"]));
});

test("outcomes come from tasks and calls, and the retry rules decide what follows", async () => {
  const w = await open();
  w.phones.script(numberOf(1), "busy", "answered");
  w.phones.script(numberOf(2), "no_answer");
  w.phones.script(numberOf(3), "voicemail");
  w.phones.script(numberOf(4), "failed");
  const batchId = await w.addBatch({ recipients: 5, rules: retryAfter(5) });
  await w.clock.advance({ minutes: 4 });
  expect((await w.tasks(batchId)).map(({ outcome }) => outcome)).toEqual([
    "busy",
    "no_answer",
    "voicemail",
    "failed",
    "answered",
  ]);
  expect((await w.tasks(batchId))[3]?.reason).toContain("The number is not in service");
  await w.clock.advance({ minutes: 10 });
  expect((await w.tasks(batchId))[0]).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 2 });
  expect(w.phones.counts.get(numberOf(1))).toBe(2);
});

test("a mailbox is told from a person by the analysis, which comes after the end", async () => {
  const w = await open();
  w.phones.analysisMs = 20_000;
  w.phones.script(numberOf(1), "voicemail");
  const batchId = await w.addBatch();
  await w.clock.advance({ seconds: 40 });
  expect((await w.task(batchId)).status).toBe("calling");
  await w.clock.advance({ minutes: 1 });
  expect((await w.task(batchId)).outcome).toBe("voicemail");
});

test("an analysis that never comes does not keep the outcome", async () => {
  const w = await open();
  w.phones.analysisMs = 24 * 3_600_000;
  const batchId = await w.addBatch();
  await w.clock.advance({ minutes: 4 });
  expect(await w.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
});

describe("one wave of a batch at a time", () => {
  test("the next one leaves when all calls of the one before ring, and meanwhile others go on", async () => {
    const w = await open({ waveSize: 3 });
    w.phones.queueMs = 20_000;
    const batchId = await w.addBatch({ recipients: 9 });
    await w.addBatch({ recipients: 3, firstNumber: 50 });
    expect(executed(w)).toHaveLength(2);
    await w.clock.advance({ seconds: 19 });
    expect(executed(w)).toHaveLength(2);
    expect((await w.facts(batchId)).mayStillRing).toBe(3);
    await w.clock.advance({ seconds: 5 });
    expect(executed(w)).toHaveLength(3);
    await w.clock.advance({ minutes: 5 });
    expect(w.rung).toHaveLength(12);
    expect((await w.facts(batchId)).mayStillRing).toBeUndefined();
  });

  test("a call that the provider never places takes one place of the waves that follow, and stops nobody", async () => {
    const w = await open({ waveSize: 3 });
    w.phones.never.add(numberOf(1));
    const batchId = await w.addBatch({ recipients: 8 });
    await w.clock.advance({ seconds: 100 });
    expect(w.rung).toHaveLength(2);
    await w.clock.advance({ minutes: 5 });
    expect(w.rung.toSorted()).toEqual(numbers(8).slice(1).toSorted());
    expect((await w.facts(batchId)).mayStillRing).toBe(1);
    expect(executed(w)).toHaveLength(4);
  });
});

describe("an API that writes numbers in another form", () => {
  const withoutPlus = (number: string) => number.slice(1);
  const punctuated = (number: string) => `+1 (${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`;
  const atHome = (number: string) => number.slice(2);

  test.each([
    ["without a plus", withoutPlus],
    ["with punctuation", punctuated],
    ["as at home", atHome],
  ])(
    "%s: its drafts are what was sent, waves follow one another, and each call has its outcome",
    async (_form, form) => {
      const w = await open({ waveSize: 3 });
      w.api.distortion = { from_number: form("+14155550100") };
      w.phones.form = form;
      w.phones.queueMs = 20_000;
      w.phones.outcomeOf = (number) => (number === numberOf(2) ? "failed" : "answered");
      const batchId = await w.addBatch({ recipients: 6 });
      await w.clock.advance({ seconds: 60 });
      expect(executed(w)).toHaveLength(2);
      expect(w.rung.toSorted()).toEqual(numbers(6).toSorted());
      expect((await w.facts(batchId)).mayStillRing).toBe(0);
      await w.clock.advance({ minutes: 5 });
      expect(await statuses(w, batchId)).toEqual([
        "completed",
        "failed",
        "completed",
        "completed",
        "completed",
        "completed",
      ]);
      expect(w.rung).toHaveLength(6);
    },
  );

  test("as at home, of people of two countries who have the same digits there: each call has its outcome", async () => {
    const w = await open({ waveSize: 3 });
    const [american, briton, other] = ["+12079460958", "+442079460958", "+442079460959"];
    const forms: Record<string, string> = {
      [american]: "2079460958",
      [briton]: "02079460958",
      [other]: "020 7946 0959",
    };
    w.phones.form = (number) => forms[number] ?? number;
    w.phones.outcomeOf = (number) => (number === briton ? "failed" : "answered");
    const tasks = [american, briton, other].map((toNumber) => ({ toNumber, variables: {} }));
    const batchId = await w.addBatch({ tasks });
    await w.clock.advance({ minutes: 5 });
    expect(await statuses(w, batchId)).toEqual(["completed", "failed", "completed"]);
    expect(w.rung).toHaveLength(3);
  });

  test("as at home: who rings already is not counted by a pause as one who may", async () => {
    const w = await open({ waveSize: 3 });
    w.phones.form = atHome;
    w.phones.queueMs = 500;
    const batchId = await w.addBatch({ recipients: 3 });
    await w.clock.advance({ seconds: 2 });
    expect(w.rung).toHaveLength(3);
    expect((await w.facts(batchId)).mayStillRing).toBe(3);
    await w.pause(batchId);
    expect((await w.facts(batchId)).mayStillRing).toBe(0);
  });

  test("with a part hidden: the batch is held, and says that this is why", async () => {
    const w = await open();
    w.api.distortion = { from_number: "+1 415 *** 0100" };
    w.phones.form = (number) => `+1******${number.slice(-4)}`;
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 1 });
    const { heldReason } = await w.batch(batchId);
    expect(heldReason).toContain(
      "another draft than it was sent: it hides a part of the numbers of 2 people, so that nobody can tell whose call is whose.",
    );
    expect(heldReason).not.toMatch(/times|caller id/);
    expect(w.rung).toEqual([]);
  });

  test("and leaves somebody out: the batch is held, and says whom", async () => {
    const w = await open();
    w.phones.form = (number) => number.replace(numberOf(1), "+12015550150");
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 1 });
    expect((await w.batch(batchId)).heldReason).toContain("than it was sent: +1 *** *** 0101 is not on it.");
    expect(w.rung).toEqual([]);
  });

  test("is not said to have lost the caller id when it refuses a draft for its agent", async () => {
    const w = await open();
    w.api.agents = [];
    w.api.numbers = ["1 415-555-0100"];
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ seconds: 30 });
    expect((await w.batch(batchId)).heldReason).toMatch(/Look whether its account has the agent/);
    expect(w.rung).toEqual([]);
  });
});

describe("a call that the provider takes and does not place", () => {
  const never = async () => {
    const w = await open({ waveSize: 1 });
    w.phones.never.add(numberOf(1));
    const batchId = await w.addBatch({ recipients: 3 });
    await w.clock.advance({ minutes: 9 });
    expect(w.rung).toEqual([]);
    await w.clock.advance({ minutes: 6 });
    return { w, batchId };
  };

  test("is given up after ten minutes, the others of its batch are called, and a pause counts it until the provider places it", async () => {
    const { w, batchId } = await never();
    expect(w.rung.toSorted()).toEqual(numbers(3).slice(1));
    expect(await w.task(batchId)).toMatchObject({ status: "unknown", attemptCount: 1 });
    expect((await w.task(batchId)).reason).toMatch(/may have rung, or ring yet, so it is not repeated by itself/);
    expect((await w.facts(batchId)).mayStillRing).toBe(1);
    await w.startProcess();
    await w.clock.advance({ hours: 5 });
    expect((await w.facts(batchId)).mayStillRing).toBe(1);
    expect(executed(w)).toHaveLength(3);
    w.phones.placeNow(numberOf(1));
    await w.clock.advance({ minutes: 2 });
    expect(w.rung.filter((number) => number === numberOf(1))).toHaveLength(1);
    expect((await w.facts(batchId)).mayStillRing).toBeUndefined();
    expect(await w.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
    expect((await w.facts(batchId)).counts).toMatchObject({ total: 3, completed: 3, unknown: 0 });
  });

  test.each([["the same process"], ["the next process"]])(
    "and rings later is heard all the same by %s: who asks not to be called any more is on the list and dropped where they wait, once",
    async (process) => {
      const { w, batchId } = await never();
      const tasks = [{ toNumber: numberOf(1), variables: {} }];
      const waiting = await w.addBatch({ tasks, scheduledAt: new Date(w.clock.now().getTime() + 86_400_000) });
      if (process === "the next process") await w.startProcess();
      w.phones.custom = { opt_out: true };
      w.phones.callMs = 5 * 60_000;
      await w.clock.advance({ hours: 3 });
      w.phones.placeNow(numberOf(1));
      await w.clock.advance({ minutes: 4 });
      expect((await w.task(batchId)).status).toBe("unknown");
      await w.clock.advance({ minutes: 4 });
      const { callId, ...task } = await w.task(batchId);
      expect(task).toMatchObject({ status: "completed", reason: "answered; asked not to be called again" });
      expect((await w.task(waiting)).status).toBe("cancelled");
      const { rows } = await w.store.listDoNotCall(organizationId, { page: 0 });
      expect(rows).toMatchObject([{ phoneNumber: numberOf(1), addedBy: `${callId} of ${batchId}` }]);
      await w.store.removeDoNotCall(organizationId, [numberOf(1)]);
      await w.clock.advance({ hours: 26 });
      expect((await w.store.listDoNotCall(organizationId, { page: 0 })).rows).toEqual([]);
      expect(w.phones.counts.get(numberOf(1))).toBe(1);
    },
  );

  test("and is busy when it is placed later is not called again by itself", async () => {
    const w = await open({ waveSize: 1 });
    w.phones.never.add(numberOf(1));
    w.phones.script(numberOf(1), "busy");
    const batchId = await w.addBatch({ rules: retryAfter(5) });
    await w.clock.advance({ minutes: 15 });
    w.phones.placeNow(numberOf(1));
    await w.clock.advance({ hours: 3 });
    expect(await w.task(batchId)).toMatchObject({ status: "failed", outcome: "busy", attemptCount: 1 });
    expect((await w.task(batchId)).reason).toMatch(/^busy; .*not called again by itself/);
    expect(w.rung).toHaveLength(1);
  });

  test("is said by the pause of a batch that went on without it, beside the call that is handed over", async () => {
    const { w } = await never();
    const batchId = await w.addBatch({ recipients: 3, firstNumber: 50 });
    for (const n of [50, 51]) w.phones.never.add(numberOf(n));
    await w.clock.advance({ minutes: 14 });
    const paused = w.pause(batchId);
    await w.clock.advance({ seconds: 22 });
    await paused;
    const said = (await w.facts(batchId)).mayStillRing ?? 0;
    for (const n of [50, 51]) w.phones.placeNow(numberOf(n));
    const before = w.rung.length;
    await w.clock.advance({ hours: 3 });
    expect(w.rung.length - before).toBeLessThanOrEqual(said);
    expect(w.rung.length).toBe(new Set(w.rung).size);
  });

  test("is not given up while its wave moves on", async () => {
    const w = await open({ waveSize: 4, settings: { maxConcurrent: 4 } });
    w.phones.lines = 1;
    w.phones.callMs = 6 * 60_000;
    const batchId = await w.addBatch({ recipients: 4 });
    await w.clock.advance({ minutes: 40 });
    expect((await w.facts(batchId)).counts).toMatchObject({ completed: 4, unknown: 0 });
  });
});

describe("a pause", () => {
  test("waits for the call in hand where waves are of one, and nothing rings after it", async () => {
    const w = await open({ waveSize: 1 });
    w.phones.queueMs = 8_000;
    const batchId = await w.addBatch({ recipients: 4 });
    const paused = w.pause(batchId);
    await w.clock.advance({ seconds: 9 });
    await paused;
    expect(w.rung).toHaveLength(1);
    expect((await w.facts(batchId)).mayStillRing).toBe(0);
    await w.clock.advance({ hours: 1 });
    expect(w.rung).toHaveLength(1);
  });

  test("waits 20 s at most, and says then that the call may still ring", async () => {
    const w = await open({ waveSize: 1 });
    w.phones.queueMs = 60_000;
    const batchId = await w.addBatch({ recipients: 4 });
    let isAnswered = false;
    void w.pause(batchId).then(() => {
      isAnswered = true;
    });
    await w.clock.advance({ seconds: 19 });
    expect(isAnswered).toBe(false);
    await w.clock.advance({ seconds: 3 });
    expect(isAnswered).toBe(true);
    expect((await w.facts(batchId)).mayStillRing).toBe(1);
  });

  test("leaves at most the wave that was handed over to ring, and what waits is called after it", async () => {
    const w = await open({ waveSize: 3, settings: { maxConcurrent: 3 } });
    w.phones.queueMs = 20_000;
    const batchId = await w.addBatch({ recipients: 9 });
    expect(w.rung).toEqual([]);
    await w.pause(batchId);
    expect((await w.facts(batchId)).counts.calling).toBe(3);
    await w.clock.advance({ hours: 1 });
    expect(w.rung).toHaveLength(3);
    await w.resume(batchId);
    await w.clock.advance({ hours: 1 });
    expect(w.rung.toSorted()).toEqual(numbers(9).toSorted());
  });

  test.each([
    { step: "/batch-call", fault: "silent_before", waveSize: 1, may: 0, ring: 0 },
    { step: "/batch-call", fault: "silent_after", waveSize: 3, may: 0, ring: 0 },
    { step: "/execute", fault: "silent_before", waveSize: 3, may: 3, ring: 0 },
    { step: "/execute", fault: "silent_after", waveSize: 3, may: 3, ring: 3 },
  ] as const)("does not wait for a request that hangs: %j", async ({ step, fault, waveSize, may, ring }) => {
    const w = await open({ waveSize });
    w.phones.queueMs = 8_000;
    let isHanging = false;
    w.api.faultOf = ({ method, path }) => {
      if (isHanging || method !== "POST" || !path.endsWith(step)) return undefined;
      isHanging = true;
      return fault;
    };
    const batchId = await w.addBatch({ recipients: 3 });
    await w.clock.advance({ seconds: 2 });
    expect(isHanging).toBe(true);
    let isAnswered = false;
    void w.pause(batchId).then(() => {
      isAnswered = true;
    });
    await w.clock.advance({ seconds: 1 });
    expect(isAnswered).toBe(true);
    expect((await w.facts(batchId)).mayStillRing ?? 0).toBe(may);
    await w.clock.advance({ hours: 1 });
    expect(w.rung).toHaveLength(ring);
    expect([...w.api.batches.values()].filter(({ status }) => /draft/i.test(status))).toEqual([]);
  });

  test("that comes while a wave is gathered or drafted lets none of it ring", async () => {
    const w = await open({ waveSize: 5 });
    let paused: Promise<void> | undefined;
    const steps: string[] = [];
    w.api.onTaken = ({ method, path }) => {
      steps.push(`${method} ${path}`);
      if (method === "GET" && path.endsWith("/tasks")) paused = w.pause(batchId);
    };
    let batchId = "";
    const adding = w.addBatch({ recipients: 3 });
    batchId = (await w.store.runningBatches())[0]?.id ?? "";
    await adding;
    await paused;
    await w.clock.advance({ hours: 1 });
    expect(steps.length).toBeGreaterThan(0);
    expect(w.rung).toEqual([]);
    expect(executed(w)).toEqual([]);
    // The draft that was made is gone.
    expect([...w.api.batches.keys()]).toEqual([]);
    expect(await statuses(w, batchId)).toEqual(["pending", "pending", "pending"]);
  });
});

test("who opts out while their wave is drafted is not called by it, and the others are", async () => {
  const w = await open({ waveSize: 3 });
  let isListed = false;
  w.api.onTaken = ({ method, path }) => {
    if (isListed || method !== "GET" || !path.endsWith("/tasks")) return;
    isListed = true;
    void w.store.addDoNotCall("org_1", [{ phoneNumber: numberOf(2) }], w.clock.now());
  };
  const batchId = await w.addBatch({ recipients: 3 });
  await w.clock.advance({ minutes: 30 });
  expect(w.rung.toSorted()).toEqual([numberOf(1), numberOf(3)]);
  expect((await w.tasks(batchId))[1]).toMatchObject({ status: "cancelled", reason: "do_not_call", attemptCount: 0 });
});

describe("what goes wrong before the start rings nobody twice and loses nobody", () => {
  test("a create whose answer is lost", async () => {
    const w = await open();
    w.api.createFaults = ["lost_answer"];
    const batchId = await w.addBatch({ recipients: 4 });
    await w.clock.advance({ minutes: 30 });
    expect(w.rung.toSorted()).toEqual(numbers(4).toSorted());
    expect((await w.batch(batchId)).status).toBe("completed");
    expect([...w.api.batches.values()].filter(({ status }) => /draft/i.test(status))).toEqual([]);
  });

  test("a draft that shows up late is deleted, and nobody is called by it", async () => {
    const w = await open();
    w.api.createFaults = ["lost_request"];
    await w.addBatch({ recipients: 2 });
    const [create] = w.api.seen;
    w.api.make(create?.body);
    await w.clock.advance({ minutes: 30 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect([...w.api.batches.values()].map(({ status }) => status)).toEqual(["COMPLETED"]);
  });

  test.each([429, 500, 503])("a %i to the read-back", async (status) => {
    const w = await open();
    let left = 5;
    w.api.faultOf = ({ method, path }) =>
      method === "GET" && path.startsWith("/batch-call/batch") && left-- > 0 ? status : undefined;
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 30 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect((await w.batch(batchId)).status).toBe("completed");
  });
});

describe("a draft in doubt", () => {
  const noLists = ({ path }: { readonly path: string }) => (path.endsWith("/list") ? 500 : undefined);

  /** What a create that it never takes is answered with: 504 says that nobody waited for its end. */
  const creates = ({ method, path }: { readonly method: string; readonly path: string }) =>
    method === "POST" && path === "/batch-call";
  const refused = (w: HostedWorld, status: number, times: number) => {
    let left = times;
    w.api.faultOf = (seen) => (creates(seen) && left-- > 0 ? status : undefined);
  };
  const drafts = (w: HostedWorld) => [...w.api.batches.values()].filter(({ status }) => /draft/i.test(status));

  test.each([500, 502, 504])(
    "that was answered with %i and never made: its people wait again as soon as a list that shows later drafts does not have it",
    async (status) => {
      const w = await open({ waveSize: 2 });
      refused(w, status, 1);
      const batchId = await w.addBatch({ recipients: 4 });
      await w.clock.advance({ seconds: 50 });
      expect(w.rung).toEqual([]);
      expect((await w.facts(batchId)).mayStillRing).toBe(0);
      await w.clock.advance({ minutes: 3 });
      expect(w.rung.toSorted()).toEqual(numbers(4).toSorted());
      await w.clock.advance({ minutes: 20 });
      expect(w.rung.toSorted()).toEqual(numbers(4).toSorted());
      expect(await statuses(w, batchId)).toEqual(["completed", "completed", "completed", "completed"]);
      expect(drafts(w)).toEqual([]);
      // What shows that the list is up to date names nobody but the caller id, and is never started.
      const [, witness] = w.api.seen.filter(creates);
      expect(witness?.body).toMatchObject({ status: "draft", send_now: false, tasks: [{ to_number: "+14155550100" }] });
      expect(w.phones.counts.has("+14155550100")).toBe(false);
    },
  );

  test("that is made after all, later than a list was shown without it, is deleted and rings nobody", async () => {
    const w = await open({ waveSize: 2 });
    refused(w, 504, 1);
    const batchId = await w.addBatch({ recipients: 2 });
    const [create] = w.api.seen.filter(creates);
    await w.clock.advance({ minutes: 3 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    w.api.make(create?.body);
    await w.clock.advance({ minutes: 20 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
    expect(drafts(w)).toEqual([]);
  });

  test("is found by its people's own look-up when the draft that was made to read the list is not shown yet", async () => {
    const w = await open({ waveSize: 2 });
    w.api.createFaults = ["lost_answer"];
    w.api.hides = () => true;
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 4 });
    expect(w.rung).toEqual([]);
    w.api.hides = () => false;
    await w.clock.advance({ minutes: 20 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
    expect(drafts(w)).toEqual([]);
  });

  test("of a process that is killed while it reads the list leaves no draft, and loses nobody", async () => {
    const w = await open({ waveSize: 2 });
    refused(w, 500, 1);
    const batchId = await w.addBatch({ recipients: 2 });
    let killed: Promise<void> | undefined;
    let made = 0;
    w.api.onTaken = (seen) => {
      if (!creates(seen)) return;
      made += 1;
      if (made === 1) killed = w.startProcess();
    };
    await w.clock.advance({ minutes: 2 });
    await killed;
    await w.clock.advance({ minutes: 20 });
    expect(killed).toBeDefined();
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
    expect(drafts(w)).toEqual([]);
  });

  test("at an API that does not show what was made since: its people are unknown, nobody else waits for longer than they, and a pause says so", async () => {
    const w = await open({ waveSize: 2 });
    w.api.createFaults = ["lost_request"];
    w.api.hides = () => true;
    w.clock.at(new Date(w.clock.now().getTime() + 10.5 * 60_000), () => {
      w.api.hides = () => false;
    });
    const batchId = await w.addBatch({ recipients: 4 });
    await w.clock.advance({ minutes: 1 });
    expect(w.rung).toEqual([]);
    // Nobody asked the API to start it.
    expect((await w.facts(batchId)).mayStillRing).toBe(0);
    await w.clock.advance({ minutes: 20 });
    expect(w.rung.toSorted()).toEqual(numbers(4).slice(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["unknown", "unknown", "completed", "completed"]);
    expect(drafts(w)).toEqual([]);
  });

  test("at an API whose list is behind, and that starts it by itself meanwhile: each phone rings once", async () => {
    const w = await open({ waveSize: 2 });
    w.api.createFaults = ["lost_answer"];
    w.api.isUnlisted = () => true;
    const batchId = await w.addBatch({ recipients: 2 });
    const [behind] = w.api.batches.values();
    if (!behind) throw new Error("No draft");
    await w.clock.advance({ minutes: 3 });
    expect(await statuses(w, batchId)).toEqual(["calling", "calling"]);
    w.api.setGoing(behind);
    w.api.isUnlisted = () => false;
    await w.clock.advance({ minutes: 20 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
  });

  test("at an API whose list is too long to be read to its end: its people are unknown", async () => {
    const w = await open({ waveSize: 2 });
    w.api.pageSize = () => 1;
    w.api.distortion = { created_timestamp: w.clock.now().getTime() };
    refused(w, 500, 1);
    const batchId = await w.addBatch({ recipients: 2 });
    const [create] = w.api.seen.filter(creates);
    for (let n = 0; n < 6; n += 1) w.api.make({ ...Object(create?.body), name: `Another ${n}`, status: "completed" });
    await w.clock.advance({ minutes: 20 });
    expect(await statuses(w, batchId)).toEqual(["unknown", "unknown"]);
    expect(w.rung).toEqual([]);
  });

  test("at an API that takes no other draft: its people are unknown", async () => {
    const w = await open({ waveSize: 2 });
    refused(w, 500, Number.POSITIVE_INFINITY);
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 9 });
    expect(await statuses(w, batchId)).toEqual(["calling", "calling"]);
    await w.clock.advance({ minutes: 3 });
    expect(await statuses(w, batchId)).toEqual(["unknown", "unknown"]);
    expect(w.rung).toEqual([]);
  });

  test.each([
    ["its list within ten minutes", 5, "completed"],
    ["its list after them", 20, "completed"],
    ["nothing of it before its end", undefined, "unknown"],
  ])(
    "that the API hides at first and starts by itself rings each phone once: it shows %s",
    async (_how, minutes, status) => {
      const w = await open({ waveSize: 2 });
      w.api.createFaults = ["lost_answer"];
      w.api.hides = () => true;
      const batchId = await w.addBatch({ recipients: 4 });
      const [hidden] = w.api.batches.values();
      if (!hidden) throw new Error("No draft");
      await w.clock.advance({ minutes: minutes ?? 5 });
      w.api.setGoing(hidden);
      if (minutes !== undefined) w.api.hides = () => false;
      await w.clock.advance({ hours: 3 });
      expect([...w.phones.counts.values()].filter((times) => times > 1)).toEqual([]);
      expect(w.rung).toEqual(expect.arrayContaining([...numbers(2)]));
      expect((await statuses(w, batchId)).slice(0, 2)).toEqual([status, status]);
      // It starts what is a draft: nothing more is sent to it.
      if (minutes === undefined) return;
      const other = await w.addBatch({ firstNumber: 11 });
      await w.clock.advance({ minutes: 1 });
      expect((await w.batch(other)).heldReason).toMatch(/was sent as a draft\. Who waits is not called\./);
    },
  );

  test.each([
    ["after its create reached the API", (seen: { method: string; path: string }) => seen.method === "POST"],
    ["after it was read", (seen: { path: string }) => seen.path.endsWith("/tasks")],
  ])("that a killed process left %s, and that is started by itself: each phone rings once", async (_when, isStep) => {
    const w = await open({ waveSize: 2 });
    let killed: Promise<void> | undefined;
    w.api.onTaken = (seen) => {
      if (killed || !isStep(seen)) return;
      w.api.hides = () => true;
      killed = w.startProcess();
    };
    const batchId = await w.addBatch({ recipients: 2 });
    await killed;
    const [hidden] = w.api.batches.values();
    if (!hidden) throw new Error("No draft");
    await w.clock.advance({ minutes: 4 });
    w.api.setGoing(hidden);
    w.api.hides = () => false;
    await w.clock.advance({ hours: 1 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
  });

  test.each([
    [
      "a check says no",
      async (w: HostedWorld) =>
        void (await w.store.addDoNotCall("org_1", [{ phoneNumber: numberOf(2) }], w.clock.now())),
    ],
    ["its batch is paused", async (w: HostedWorld, batchId: string) => w.pause(batchId)],
  ])("that is started by itself while %s is not called again", async (_why, stop) => {
    const w = await open({ waveSize: 2 });
    let batchId = "";
    let stopped: Promise<void> | undefined;
    w.api.onTaken = ({ method, path }) => {
      if (stopped || method !== "GET" || !path.endsWith("/tasks")) return;
      stopped = w.store
        .runningBatches()
        .then(([batch]) => {
          batchId = batch?.id ?? "";
          return stop(w, batchId);
        })
        .then(() => {});
    };
    w.api.faultOf = ({ method }) => {
      const [wave] = w.api.batches.values();
      if (method === "DELETE" && wave?.status === "draft") w.api.setGoing(wave);
      return undefined;
    };
    await w.addBatch({ recipients: 2 });
    await stopped;
    await w.clock.advance({ hours: 1 });
    if ((await w.batch(batchId)).isPaused) await w.resume(batchId);
    await w.clock.advance({ hours: 1 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect((await w.facts(batchId)).counts).toMatchObject({ completed: 2 });
  });

  test("that cannot be deleted and is started by itself later: each phone rings once", async () => {
    const w = await open({ waveSize: 2 });
    w.api.createFaults = ["lost_answer"];
    w.api.hides = () => true;
    w.api.faultOf = ({ method }) => (method === "DELETE" ? 500 : undefined);
    const batchId = await w.addBatch({ recipients: 2 });
    const [draft] = w.api.batches.values();
    if (!draft) throw new Error("No draft");
    w.api.hides = () => false;
    await w.clock.advance({ minutes: 4 });
    expect(w.rung).toEqual([]);
    w.api.setGoing(draft);
    await w.clock.advance({ hours: 1 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
  });

  test("whose list cannot be read is asked for on", async () => {
    const w = await open({ waveSize: 2 });
    w.api.createFaults = ["lost_answer"];
    w.api.faultOf = noLists;
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 20 });
    expect((await w.facts(batchId)).counts).toMatchObject({ calling: 2 });
    w.api.faultOf = () => undefined;
    await w.clock.advance({ minutes: 5 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
  });
});

describe("a start in doubt", () => {
  test.each(["lost_answer", "silent_after", "lost_request", "silent_before", 500, 408] as const)(
    "%s: rings once or not at all, and what nobody can tell is unknown",
    async (fault) => {
      const w = await open();
      w.api.startFaults = [fault];
      const batchId = await w.addBatch({ recipients: 3 });
      await w.clock.advance({ hours: 1 });
      const arrived = fault === "lost_answer" || fault === "silent_after";
      expect(w.rung.toSorted()).toEqual(arrived ? numbers(3).toSorted() : []);
      expect(new Set(await statuses(w, batchId))).toEqual(new Set([arrived ? "completed" : "unknown"]));
      expect(executed(w)).toHaveLength(1);
    },
  );

  test("that rings after all while it settles has its outcome", async () => {
    const w = await open();
    w.api.startFaults = ["lost_request"];
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 8 });
    const [wave] = w.api.batches.values();
    if (!wave) throw new Error("No draft");
    w.api.execute(wave.batch_call_id);
    w.phones.start(wave, () => Object.assign(wave, { status: "COMPLETED" }));
    await w.clock.advance({ minutes: 10 });
    expect(w.rung).toHaveLength(2);
    expect(await statuses(w, batchId)).toEqual(["completed", "completed"]);
  });

  test("that still is a draft when it has settled is deleted, so that it cannot ring later", async () => {
    const w = await open();
    w.api.startFaults = ["lost_request"];
    await w.addBatch();
    await w.clock.advance({ minutes: 20 });
    expect(w.api.batches.size).toBe(0);
  });

  test("a 429 is none: the attempt is handed over again, and uses up nothing", async () => {
    const w = await open();
    w.api.startFaults = [429, 429];
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 5 });
    expect(w.rung.toSorted()).toEqual(numbers(2).toSorted());
    expect(await w.tasks(batchId)).toMatchObject([{ attemptCount: 1 }, { attemptCount: 1 }]);
    expect([...w.api.batches.values()].map(({ status }) => status)).toEqual(["COMPLETED"]);
  });
});

describe("a process that is killed", () => {
  const steps = ["POST create", "GET batch", "GET tasks", "POST execute"] as const;
  const isStep: Record<(typeof steps)[number], (seen: { method: string; path: string }) => boolean> = {
    "POST create": ({ method, path }) => method === "POST" && path === "/batch-call",
    "GET batch": ({ method, path }) =>
      method === "GET" && path.startsWith("/batch-call/batch") && !path.endsWith("/tasks"),
    "GET tasks": ({ method, path }) => method === "GET" && path.endsWith("/tasks"),
    "POST execute": ({ path }) => path.endsWith("/execute"),
  };

  test.each(steps)("after %s reached the API: the next one calls everybody once", async (step) => {
    const w = await open({ waveSize: 5 });
    let killed: Promise<void> | undefined;
    w.api.onTaken = (seen) => {
      if (!killed && isStep[step](seen)) killed = w.startProcess();
    };
    const batchId = await w.addBatch({ recipients: 5 });
    await killed;
    await w.clock.advance({ hours: 1 });
    expect(w.rung.toSorted()).toEqual(numbers(5).toSorted());
    expect(new Set(await statuses(w, batchId))).toEqual(new Set(["completed"]));
    expect([...w.api.batches.values()].map(({ status }) => status)).toEqual(["COMPLETED"]);
  });

  test("before its start arrived, and it never does: nobody is called again by itself", async () => {
    const w = await open();
    w.api.startFaults = ["silent_before"];
    let killed: Promise<void> | undefined;
    w.api.faultOf = (seen) => {
      if (!killed && isStep["POST execute"](seen)) killed = w.startProcess();
      return undefined;
    };
    const batchId = await w.addBatch({ recipients: 2 });
    await killed;
    await w.clock.advance({ hours: 3 });
    expect(w.rung).toEqual([]);
    expect(await statuses(w, batchId)).toEqual(["unknown", "unknown"]);
  });

  test("while the calls go on: the next one learns how they ended", async () => {
    const w = await open();
    const batchId = await w.addBatch({ recipients: 3 });
    await w.startProcess();
    await w.clock.advance({ minutes: 5 });
    expect(await statuses(w, batchId)).toEqual(["completed", "completed", "completed"]);
    expect(w.rung).toHaveLength(3);
  });
});

describe("an API that does otherwise than it was told", () => {
  test.each([
    ["another agent", { agent_id: "agent_2" }, 'the agent is "agent_2"'],
    ["another caller id", { from_number: "+14155550199" }, "the caller id is"],
    ["another name", { name: "Other" }, 'the name is "Other"'],
    ["another count", { total_task_count: 7 }, "the number of people is"],
    ["another person", { tasks: [{ to_number: numberOf(9) }] }, "is not on it"],
    ["one person more", { tasks: [{ to_number: numberOf(1) }, { to_number: numberOf(9) }] }, "number of people listed"],
  ])("%s: not executed, deleted, and the batch is held with the reason", async (_what, distortion, reason) => {
    const w = await open();
    w.api.distortion = distortion;
    const batchId = await w.addBatch();
    await w.clock.advance({ minutes: 20 });
    expect(executed(w)).toEqual([]);
    expect(w.api.batches.size).toBe(0);
    const { isPaused, heldReason } = await w.batch(batchId);
    expect(isPaused).toBe(true);
    expect(heldReason).toContain(reason);
    expect(heldReason).toMatch(/Nobody of that wave was called\..*resume the batch/);
    w.api.distortion = {};
    await w.resume(batchId);
    await w.clock.advance({ minutes: 5 });
    expect(w.rung).toEqual([numberOf(1)]);
  });

  test("a batch that it sets going by itself: its calls are followed, and nothing more is sent", async () => {
    const w = await open();
    w.api.distortion = { status: "SENT" };
    const batchId = await w.addBatch();
    const [wave] = w.api.batches.values();
    if (!wave) throw new Error("No batch");
    w.phones.start(wave, () => {});
    w.api.distortion = {};
    await w.clock.advance({ minutes: 5 });
    expect(await statuses(w, batchId)).toEqual(["completed"]);
    const other = await w.addBatch({ firstNumber: 11 });
    await w.clock.advance({ minutes: 5 });
    expect((await w.batch(other)).heldReason).toMatch(/was sent as a draft\. Who waits is not called\./);
    expect(w.rung).toEqual([numberOf(1)]);
  });

  test.each([
    ["and says so", { distortion: { status: "SENT" } }, /its status is "sent"/],
    ["and does not show its people", { distortion: { status: "SENT" }, faultOf: noTasks }, /its status is "sent"/],
    [
      "and calls it a draft",
      { taskFields: new Map([[numberOf(2), { status: "CALLING" }]]) },
      /1 of its calls have begun/,
    ],
  ])(
    "a batch that it sets going by itself %s is held at once, and its people may be called",
    async (_how, api, reason) => {
      const w = await open({ waveSize: 2 });
      Object.assign(w.api, api);
      if ("taskFields" in api) w.api.phones = undefined;
      const batchId = await w.addBatch({ recipients: 6 });
      await w.clock.advance({ seconds: 10 });
      const { isPaused, heldReason } = await w.batch(batchId);
      expect(isPaused).toBe(true);
      expect(heldReason).toMatch(reason);
      expect(heldReason).toMatch(/The 2 people of it may be called.*resume the batch/);
      expect(heldReason).not.toContain("Nobody");
      expect((await w.facts(batchId)).counts).toMatchObject({ calling: 2, pending: 4 });
      await w.clock.advance({ minutes: 30 });
      expect((await w.facts(batchId)).counts).toMatchObject({ pending: 4 });
      expect(await w.tasks(batchId)).toMatchObject([{ attemptCount: 1 }, { attemptCount: 1 }, {}, {}, {}, {}]);
      // A draft is deleted when it has settled, so that it cannot ring later.
      expect(w.api.batches.size).toBe("taskFields" in api ? 0 : 1);
      expect(executed(w)).toEqual([]);
      await w.resume(batchId);
      await w.clock.advance({ seconds: 10 });
      expect((await w.batch(batchId)).heldReason).toContain("Who waits is not called");
    },
  );

  test.each([
    [
      "the agent",
      () => ({ agents: [] as string[] }),
      /Agent with ID 'agent_1' does not exist.*Look whether its account has the agent agent_1/,
    ],
    [
      "the caller id",
      () => ({ numbers: [] as string[] }),
      /Phone number .* does not exist.*none of the batch's caller ids.*update_batch/,
    ],
    ["the key", () => ({ apiKey: "sk_other" }), /Correct BATCH_CALL_CARRIER_KEY and BATCH_CALL_CARRIER_SECRET/],
  ])("%s that it does not know any more: the batch is held, and nobody is called", async (_what, change, reason) => {
    const w = await open();
    Object.assign(w.api, change());
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 20 });
    expect(w.rung).toEqual([]);
    expect((await w.batch(batchId)).heldReason).toMatch(reason);
    expect(await w.tasks(batchId)).toMatchObject([{ attemptCount: 0 }, { attemptCount: 0 }]);
  });

  test.each([
    ["the first caller id", "+14155550100"],
    ["another caller id", "+12125550100"],
  ])("%s that its account does not have any more: the others call, and nothing is held", async (_what, gone) => {
    const w = await open();
    const all = ["+14155550100", "+12125550100"];
    w.api.numbers = all.filter((number) => number !== gone);
    const tasks = [numberOf(1), "+12125550123"].map((toNumber) => ({ toNumber, variables: {} }));
    const batchId = await w.addBatch({ tasks, rules: { moreFromNumbers: ["+12125550100"] } });
    await w.clock.advance({ minutes: 5 });
    expect(w.rung.toSorted()).toEqual(["+12125550123", numberOf(1)].toSorted());
    expect(await w.batch(batchId)).toMatchObject({ status: "completed" });
  });

  test("a draft that it refuses with a bare 403, although it takes the keys: what may be wrong beside them is said", async () => {
    const w = await open();
    w.api.faultOf = ({ method, path }) => (method === "POST" && path === "/batch-call" ? 403 : undefined);
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 1 });
    expect((await w.batch(batchId)).heldReason).toMatch(
      /Look whether its account has the agent \S+ and the caller id \S+ and may call with them\. Otherwise: Correct BATCH_CALL_CARRIER_KEY/,
    );
    expect(w.rung).toEqual([]);
  });

  test("a start that it refuses: the draft is deleted and the batch is held", async () => {
    const w = await open();
    w.api.startFaults = [403];
    const batchId = await w.addBatch({ recipients: 2 });
    await w.clock.advance({ minutes: 20 });
    expect(w.rung).toEqual([]);
    expect(w.api.batches.size).toBe(0);
    expect((await w.batch(batchId)).heldReason).toContain("does not take calls of this batch");
  });
});

describe("a call that the API answers with", () => {
  const anothers: readonly (readonly [string, object])[] = [
    ["another number", { to_number: numberOf(77) }],
    ["another caller id", { from_number: "+14155550199" }],
    ["another batch", { metadata: { batch_call_id: "batch_call_other" } }],
    ["another id", { call_id: "call_other" }],
  ];

  test.each(anothers)(
    "and that has %s is somebody else's: nothing of it is acted upon, and it is told",
    async (_what, of) => {
      const w = await open();
      w.phones.custom = { opt_out: true };
      w.phones.callDistortion = of;
      const batchId = await w.addBatch();
      await w.clock.advance({ minutes: 9 });
      expect(await statuses(w, batchId)).toEqual(["calling"]);
      await w.clock.advance({ minutes: 5 });
      expect(await w.task(batchId)).toMatchObject({ status: "unknown", attemptCount: 1 });
      expect((await w.task(batchId)).reason).toMatch(
        /^the hosted API answered with the call of somebody else.*not repeated/,
      );
      expect((await w.store.listDoNotCall(organizationId, { page: 0 })).rows).toEqual([]);
      w.phones.callDistortion = {};
      await w.clock.advance({ hours: 2 });
      expect(await w.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
      const { rows } = await w.store.listDoNotCall(organizationId, { page: 0 });
      expect(rows).toMatchObject([{ phoneNumber: numberOf(1) }]);
      expect(w.rung).toEqual([numberOf(1)]);
    },
  );

  test("and that has a form of the number that its country has retired is theirs", async () => {
    const w = await open();
    const tasks = [{ toNumber: "+525512345678", variables: {} }];
    w.phones.callDistortion = { to_number: "+5215512345678" };
    const batchId = await w.addBatch({ tasks });
    await w.clock.advance({ minutes: 2 });
    expect(await w.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
  });
});
