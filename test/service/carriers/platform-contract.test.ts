import { afterEach, describe, expect, test } from "vitest";
import { silentLog } from "../../../src/lib/log.ts";
import { createCallNotices } from "../../../src/service/dialing/call-notices.ts";
import { nobody, noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { type PlatformName, PlatformWorld, platformNames } from "../../support/carriers/platform-world.ts";
import { numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";
import type { StandInFault, StandInNotice } from "../../support/platforms/stand-in.ts";

// What every platform's carrier does, before the stand-in of each.

let open: PlatformWorld | undefined;
afterEach(() => open?.close());

/** The next requests that make a call go wrong like this, those after them well. */
function nextFaults(world: PlatformWorld, ...faults: (StandInFault | undefined)[]): void {
  world.standIn.createFault = () => faults.shift();
}

/** Those that tell how many calls the account may have. */
const tellLines = new Set<PlatformName>(["retell", "vapi"]);
/** Those that know nothing of what was said: their agent is a program of the operator's. */
const knowNoTalk = new Set<PlatformName>(["twilio"]);
/** Those whose notices are signed without a time. */
const signNoTime = new Set<PlatformName>(["twilio"]);
/** Those that take a call out of their queue. */
const takeBack = new Set<PlatformName>(["twilio"]);

describe.each(platformNames)("%s", (name) => {
  async function start(setup: Parameters<typeof PlatformWorld.open>[1] = {}): Promise<PlatformWorld> {
    open = await PlatformWorld.open(name, setup);
    return open;
  }

  test("a call is created once, and its outcome, times and talk are kept", async () => {
    const world = await start();
    world.standIn.custom = { confirmed: true };
    const batchId = await world.addBatch({ tasks: [{ toNumber: numberOf(1), variables: { first_name: "Zoë" } }] });
    await world.clock.advance({ minutes: 2 });
    expect(world.standIn.creates).toHaveLength(1);
    expect(world.standIn.rings).toMatchObject([
      { toNumber: numberOf(1), fromNumber: "+14155550100", agentId: "agent_1", variables: { first_name: "Zoë" } },
    ]);
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
    expect((await world.attempts(batchId))[0]).toMatchObject({
      talkMs: 30_000,
      ...(!knowNoTalk.has(name) && {
        summary: "They said hello.",
        answers: [{ name: "confirmed", value: "yes" }],
      }),
    });
    expect((await world.batch(batchId)).status).toBe("completed");
  });

  test("a call to another number that it answers with is somebody else's: nothing of it is acted upon, and it is told", async () => {
    const world = await start();
    world.standIn.custom = { opt_out: true };
    const batchId = await world.addBatch();
    const [call] = world.standIn.calls;
    if (!call) throw new Error("No call");
    Object.assign(call, { toNumber: numberOf(77) });
    await world.clock.advance({ minutes: 9 });
    expect((await world.task(batchId)).status).toBe("calling");
    await world.clock.advance({ minutes: 3 });
    expect((await world.task(batchId)).status).toBe("unknown");
    expect((await world.task(batchId)).reason).toMatch(/answered with the call of somebody else.*not repeated/);
    expect((await world.store.listDoNotCall(organizationId, { page: 0 })).rows).toEqual([]);
    Object.assign(call, { toNumber: numberOf(1) });
    await world.clock.advance({ hours: 2 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
    expect(world.standIn.creates).toHaveLength(1);
  });

  test("each outcome is told, and the retry rules decide what follows", async () => {
    const world = await start();
    world.standIn.script(numberOf(1), "busy", "answered");
    world.standIn.script(numberOf(2), "no_answer");
    world.standIn.script(numberOf(3), "voicemail");
    world.standIn.script(numberOf(4), "failed");
    const batchId = await world.addBatch({ recipients: 5, rules: retryAfter(5) });
    await world.clock.advance({ minutes: 3 });
    const outcomes = (await world.tasks(batchId)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["busy", "no_answer", "voicemail", "failed", "answered"]);
    await world.clock.advance({ minutes: 10 });
    expect((await world.tasks(batchId))[0]).toMatchObject({ status: "completed", attemptCount: 2 });
    expect(world.standIn.rungTwice).toEqual([]);
  });

  test("what is known only after the end, the analysis or the price, is waited for, and not for long", async () => {
    const world = await start();
    world.standIn.analysisMs = 20_000;
    const batchId = await world.addBatch();
    await world.clock.advance({ seconds: 40 });
    expect((await world.task(batchId)).status).toBe("calling");
    await world.clock.advance({ minutes: 1 });
    expect((await world.attempts(batchId))[0]).toMatchObject(
      knowNoTalk.has(name) ? { details: { cost: 0.013, costUnit: "USD" } } : { summary: "They said hello." },
    );
    world.standIn.analysisMs = 24 * 3_600_000;
    const another = await world.addBatch({ firstNumber: 2 });
    await world.clock.advance({ minutes: 3 });
    expect(await world.task(another)).toMatchObject({ status: "completed", outcome: "answered" });
  });

  test.each<StandInFault>(["lost_answer", "silent_after", "500_after"])(
    "a call whose answer was lost (%s) is found by its token and followed to its end",
    async (fault) => {
      const world = await start();
      nextFaults(world, fault);
      world.standIn.listedAfterMs = 50_000;
      world.standIn.callMs = 120_000;
      const batchId = await world.addBatch();
      await world.clock.advance({ seconds: 40 });
      expect((await world.task(batchId)).status).toBe("calling");
      await world.clock.advance({ minutes: 5 });
      expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
      expect(world.standIn.creates).toHaveLength(1);
    },
  );

  test.each<StandInFault>(["lost_request", "silent_before", 500, 503, 408, 409, 302, "bare_403"])(
    "of a request that may have arrived (%s) nobody says that no phone rang: it is unknown after ten minutes",
    async (fault) => {
      const world = await start();
      nextFaults(world, fault);
      const batchId = await world.addBatch();
      await world.clock.advance({ minutes: 9 });
      expect((await world.task(batchId)).status).toBe("calling");
      await world.clock.advance({ minutes: 3 });
      expect((await world.task(batchId)).status).toBe("unknown");
      await world.clock.advance({ hours: 4 });
      expect(world.standIn.creates).toHaveLength(1);
    },
  );

  test("a request that arrives after it was given up rings once, and is found", async () => {
    const world = await start();
    nextFaults(world, "late");
    const batchId = await world.addBatch();
    await world.clock.advance({ minutes: 4 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
    expect(world.standIn.rungTwice).toEqual([]);
    expect(world.rung).toHaveLength(1);
  });

  test("a call that is listed later than it is waited for is unknown until it is, and is not made again", async () => {
    const world = await start();
    nextFaults(world, "lost_answer");
    world.standIn.listedAfterMs = 30 * 60_000;
    const batchId = await world.addBatch({ rules: retryAfter(5) });
    await world.clock.advance({ minutes: 20 });
    expect((await world.task(batchId)).status).toBe("unknown");
    await world.startProcess();
    await world.clock.advance({ hours: 4 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
    expect(world.rung).toHaveLength(1);
  });

  test("what was said on such a call is acted upon when it is listed", async () => {
    if (knowNoTalk.has(name)) return;
    const world = await start();
    nextFaults(world, "lost_answer");
    world.standIn.listedAfterMs = 30 * 60_000;
    world.standIn.custom = { opt_out: true };
    const batchId = await world.addBatch();
    await world.clock.advance({ hours: 4 });
    const { rows } = await world.store.listDoNotCall(organizationId, { page: 0 });
    expect(rows).toMatchObject([{ phoneNumber: numberOf(1), addedBy: expect.stringContaining(batchId) }]);
  });

  test("a platform that cannot be reached has not been told: the call is made when it can be", async () => {
    const world = await start();
    const batchId = await world.addBatch({ recipients: 1 });
    await world.clock.advance({ minutes: 2 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed" });
    const port = Number(new URL(world.standIn.url).port);
    await world.standIn.stop();
    const next = await world.addBatch({ firstNumber: 2 });
    await world.clock.advance({ seconds: 20 });
    expect((await world.task(next)).status).toBe("pending");
    await world.standIn.listen(port);
    await world.clock.advance({ minutes: 5 });
    expect(await world.task(next)).toMatchObject({ status: "completed", attemptCount: 1 });
    expect(world.standIn.rungTwice).toEqual([]);
  });

  test("one that has no room now gets it later, and no attempt is used up", async () => {
    const world = await start();
    nextFaults(world, 429, 429);
    const batchId = await world.addBatch();
    expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0 });
    await world.clock.advance({ minutes: 5 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
    expect(world.standIn.creates).toHaveLength(3);
  });

  test("a call that ended for want of a line never rang: it is made again, and no attempt is used up", async () => {
    const world = await start();
    nextFaults(world, "no_room", "no_room");
    const batchId = await world.addBatch();
    await world.clock.advance({ minutes: 5 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
    expect(world.standIn.calls).toHaveLength(3);
    expect(new Set(world.standIn.calls.map(({ reference }) => reference)).size).toBe(3);
    expect(world.rung).toHaveLength(1);
  });

  test("the same is found when the process was killed meanwhile", async () => {
    const world = await start();
    nextFaults(world, "no_room");
    const batchId = await world.addBatch();
    await world.startProcess();
    await world.clock.advance({ minutes: 5 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
    expect(world.rung).toHaveLength(1);
  });

  test.each([401, 402, 422])("a refusal of the account (%i) holds the batch and says what to do", async (status) => {
    const world = await start();
    nextFaults(world, status);
    const batchId = await world.addBatch({ recipients: 3 });
    const batch = await world.batch(batchId);
    expect(batch.isPaused).toBe(true);
    expect(batch.heldReason).toMatch(
      /takes no calls of this batch: .* Nobody was called by it\. .* resume the batch\.$/,
    );
    expect((await world.facts(batchId)).counts.pending).toBeGreaterThan(0);
    await world.resume(batchId);
    await world.clock.advance({ minutes: 5 });
    expect(new Set((await world.tasks(batchId)).map(({ status: now }) => now))).toEqual(new Set(["completed"]));
  });

  test("a refusal of one call fails that attempt, and the others go on", async () => {
    const world = await start();
    nextFaults(world, 400);
    const batchId = await world.addBatch({ recipients: 2 });
    await world.clock.advance({ minutes: 3 });
    const tasks = await world.tasks(batchId);
    expect(tasks.map(({ status }) => status).toSorted()).toEqual(["completed", "failed"]);
    expect(tasks.find(({ status }) => status === "failed")?.reason).toContain("failed");
    expect((await world.batch(batchId)).isPaused).toBe(false);
  });

  test.skipIf(takeBack.has(name))(
    "calls that wait in the platform's queue are followed, and a pause says that they are with it",
    async () => {
      const world = await start({ settings: { maxConcurrent: 2 } });
      world.standIn.queueMs = 40_000;
      const batchId = await world.addBatch({ recipients: 4 });
      await world.clock.advance({ seconds: 10 });
      expect(world.rung).toEqual([]);
      await world.pause(batchId);
      expect((await world.facts(batchId)).counts.calling).toBe(2);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toHaveLength(2);
      await world.resume(batchId);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toHaveLength(4);
      expect(world.standIn.rungTwice).toEqual([]);
    },
  );

  test.runIf(takeBack.has(name))(
    "calls that wait in the platform's queue are taken back by a pause, and none of them rings",
    async () => {
      const world = await start({ settings: { maxConcurrent: 2 } });
      world.standIn.queueMs = 1_500;
      const batchId = await world.addBatch({ recipients: 4 });
      await world.pause(batchId);
      expect((await world.facts(batchId)).counts).toMatchObject({ calling: 0, pending: 4 });
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([]);
      world.standIn.queueMs = 0;
      await world.resume(batchId);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toHaveLength(4);
      expect(world.standIn.rungTwice).toEqual([]);
      expect((await world.tasks(batchId)).map(({ attemptCount }) => attemptCount)).toEqual([1, 1, 1, 1]);
    },
  );

  test("a batch that is cancelled calls nobody more, and what is with the platform keeps its outcome", async () => {
    const world = await start({ settings: { maxConcurrent: 2 } });
    const batchId = await world.addBatch({ recipients: 4 });
    await world.clock.advance({ seconds: 10 });
    await world.cancel(batchId);
    await world.clock.advance({ hours: 1 });
    expect(world.rung).toHaveLength(2);
    expect((await world.facts(batchId)).counts).toMatchObject({ completed: 2, cancelled: 2 });
  });

  test("whoever is killed amid a request finds what became of it", async () => {
    const world = await start();
    nextFaults(world, "silent_after", "silent_before");
    const batchId = await world.addBatch({ recipients: 2 });
    await world.startProcess();
    await world.clock.advance({ minutes: 15 });
    const statuses = (await world.tasks(batchId)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual(["completed", "unknown"]);
    expect(world.standIn.creates).toHaveLength(2);
  });

  test("a caller id that the account does not have any more holds the batch, and nobody is called", async () => {
    const world = await start();
    world.standIn.numbers = [];
    const batchId = await world.addBatch({ recipients: 2 });
    expect(await world.batch(batchId)).toMatchObject({
      isPaused: true,
      heldReason: expect.stringContaining("caller id"),
    });
    expect(world.rung).toEqual([]);
  });

  test.runIf(tellLines.has(name))(
    "no more calls are made than the account has lines, those of others counted",
    async () => {
      const world = await start();
      world.standIn.lineLimit = 5;
      world.standIn.foreignCalls = 3;
      const batchId = await world.addBatch({ recipients: 6 });
      await world.clock.advance({ seconds: 25 });
      expect(world.rung).toHaveLength(2);
      world.standIn.foreignCalls = 0;
      await world.clock.advance({ minutes: 10 });
      expect(world.rung).toHaveLength(6);
      expect((await world.batch(batchId)).status).toBe("completed");
    },
  );

  test("each call is created over a connection of its own", async () => {
    // One after the other, so that one connection could serve them all.
    const world = await start({ settings: { maxConcurrent: 1 } });
    world.standIn.callMs = 1;
    await world.addBatch({ recipients: 4 });
    await world.clock.advance({ minutes: 4 });
    expect(world.standIn.createPorts).toHaveLength(4);
    expect(new Set(world.standIn.createPorts).size).toBe(4);
  });

  test("what was paused before it was sent is not sent, however late it gets that far", async () => {
    const world = await start();
    let reads = 0;
    // How many lines there are is asked first, and not answered for 25 s.
    world.standIn.readFault = () => (reads++ === 0 ? "silent_before" : undefined);
    const batchId = await world.addBatch();
    const paused = world.pause(batchId);
    await world.clock.advance({ minutes: 2 });
    await paused;
    expect(world.standIn.creates).toEqual([]);
    expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0 });
    await world.resume(batchId);
    await world.clock.advance({ minutes: 2 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
  });

  test("a notice says that the platform is to be asked, and nothing else", async () => {
    const world = await start();
    world.standIn.callMs = 20_500;
    const fates: string[] = [];
    const take = async ({ bodyText, headers, search }: StandInNotice): Promise<string> => {
      const { notices } = world.placing;
      if (!notices) throw new Error("This carrier takes no notices");
      const { store, clock, dialer: dialing } = world;
      const parts = { store, clock, dialing, guard: noDialGuard, log: silentLog, observer: nobody, notices };
      const taken = createCallNotices({ ...parts, noticed: (fate) => fates.push(fate) });
      const sent = { bodyText, header: (header: string) => headers[header], ...(search !== undefined && { search }) };
      const fate = taken.take(sent);
      await clock.settle();
      return fate;
    };
    const batchId = await world.addBatch();
    const [call] = world.standIn.calls;
    if (!call) throw new Error("No call was made");
    const ended = { ...call, endedAt: world.clock.now() };
    // The platform itself says that it goes on.
    expect(await take(world.standIn.notice(ended, "ended"))).toBe("not_ended");
    expect((await world.task(batchId)).status).toBe("calling");
    await world.clock.advance({ seconds: 21 });
    expect(await take(world.standIn.notice(call, "ended", { key: "another" }))).toBe("not_genuine");
    const old = new Date(world.clock.now().getTime() - 6 * 60_000);
    const isTimed = !signNoTime.has(name);
    if (isTimed) {
      expect(await take(world.standIn.notice(call, "ended", { at: old }))).toBe("not_genuine");
      expect((await world.task(batchId)).status).toBe("calling");
    }
    expect(await take(world.standIn.notice(call, "ended"))).toBe("recorded");
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
    expect(await take(world.standIn.notice(call, "ended"))).toBe("known_before");
    const refused = isTimed ? ["not_genuine", "not_genuine"] : ["not_genuine"];
    expect(fates).toEqual(["not_ended", ...refused, "recorded", "known_before"]);
  });
});
