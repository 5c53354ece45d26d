import { afterEach, describe, expect, test } from "vitest";
import { silentLog } from "../../../src/lib/log.ts";
import { createCallNotices } from "../../../src/service/dialing/call-notices.ts";
import { nobody, noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { PlatformWorld, platformNames } from "../../support/carriers/platform-world.ts";
import type { StandInCall, StandInFault } from "../../support/platforms/stand-in.ts";

// What an account or a platform that is not as it should be gets: it is named, nobody is called who was not meant to be, and nobody is lost.

let open: PlatformWorld | undefined;
afterEach(() => open?.close());

describe.each(platformNames)("%s", (name) => {
  async function start(setup: Parameters<typeof PlatformWorld.open>[1] = {}): Promise<PlatformWorld> {
    open = await PlatformWorld.open(name, setup);
    return open;
  }

  async function statuses(world: PlatformWorld, batchId: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { status } of await world.tasks(batchId)) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  /** Held with that reason, nobody called, and all of them called once it was put right and resumed. */
  async function expectHeld(
    world: PlatformWorld,
    batchId: string,
    reason: RegExp,
    putRight: () => void,
  ): Promise<void> {
    expect(await world.batch(batchId)).toMatchObject({ isPaused: true, heldReason: expect.stringMatching(reason) });
    expect(await statuses(world, batchId)).toEqual({ pending: 2 });
    expect(world.rung).toEqual([]);
    putRight();
    await world.clock.advance({ minutes: 2 });
    await world.resume(batchId);
    await world.clock.advance({ minutes: 10 });
    expect(await statuses(world, batchId)).toEqual({ completed: 2 });
    expect(world.standIn.rungTwice).toEqual([]);
  }

  test("a key that the platform does not take any more holds the batch", async () => {
    const world = await start();
    const { apiKey } = world.standIn;
    world.standIn.apiKey = "key_another";
    const batchId = await world.addBatch({ recipients: 2 });
    await expectHeld(world, batchId, /BATCH_CALL_CARRIER_KEY.*resume the batch/, () => {
      world.standIn.apiKey = apiKey;
    });
  });

  test("an account that has the agent no more, or whose agent it never was, holds the batch", async () => {
    const world = await start();
    world.standIn.loseAgent();
    const batchId = await world.addBatch({ recipients: 2 });
    await world.clock.advance({ hours: 1 });
    expect(await world.batch(batchId)).toMatchObject({
      isPaused: true,
      heldReason: expect.stringMatching(
        /Look whether the .* account has the batch's agent and caller id\. Then resume/,
      ),
    });
    expect(await statuses(world, batchId)).toEqual({ pending: 2 });
    expect(world.rung).toEqual([]);
  });

  test("a caller id of another account holds the batch", async () => {
    const world = await start();
    const { numbers } = world.standIn;
    world.standIn.numbers = [{ phone_number: "+14155550177", nickname: null }];
    const batchId = await world.addBatch({ recipients: 2 });
    await expectHeld(world, batchId, /caller id.*resume the batch/, () => {
      world.standIn.numbers = numbers;
    });
  });

  test.each<StandInFault>(["html", "nonsense", "lie"])(
    "an answer that is none of the platform's (%s) leaves open whether a phone rings: unknown, and never called again",
    async (fault) => {
      const world = await start();
      const faults = [fault];
      world.standIn.createFault = () => faults.shift();
      const batchId = await world.addBatch();
      await world.clock.advance({ minutes: 13 });
      expect(await statuses(world, batchId)).toEqual({ unknown: 1 });
      await world.clock.advance({ hours: 4 });
      expect(world.standIn.creates).toHaveLength(1);
    },
  );

  test.each(["html", "nonsense"] as const)(
    "a call in progress of which the platform answers %s for a while is followed to its end",
    async (fault) => {
      const world = await start();
      const batchId = await world.addBatch();
      world.standIn.readFault = () => fault;
      await world.clock.advance({ minutes: 3 });
      expect(await statuses(world, batchId)).toEqual({ calling: 1 });
      world.standIn.readFault = () => undefined;
      await world.clock.advance({ minutes: 2 });
      expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
      expect(world.standIn.creates).toHaveLength(1);
    },
  );

  test.each<StandInFault>([500, "html", "lost_answer", "silent_after"])(
    "one that does not say what became of its calls (%s) gets them one at a time, and after three none: the batch is held, and nobody else is lost",
    async (fault) => {
      const world = await start({ settings: { startsPerSecond: 1, maxConcurrent: 1 } });
      world.standIn.createFault = () => fault;
      world.standIn.callMs = 1_000;
      const batchId = await world.addBatch({ recipients: 12 });
      for (let minute = 0; minute < 90; minute += 1) await world.clock.advance({ minutes: 1 });
      expect(world.standIn.creates).toHaveLength(3);
      expect(await world.batch(batchId)).toMatchObject({
        isPaused: true,
        heldReason: expect.stringMatching(/did not say what became of the last 3 calls.* doctor.* resume the batch/),
      });
      expect((await statuses(world, batchId))["pending"]).toBe(9);
      world.standIn.createFault = () => undefined;
      await world.resume(batchId);
      await world.clock.advance({ minutes: 30 });
      expect((await statuses(world, batchId))["pending"]).toBeUndefined();
      expect(world.standIn.creates).toHaveLength(12);
      expect(world.standIn.rungTwice).toEqual([]);
    },
  );

  test("after one call in doubt the next go one at a time, however many are due", async () => {
    const world = await start();
    world.standIn.createFault = () => 500;
    await world.addBatch();
    await world.clock.advance({ seconds: 5 });
    const batchId = await world.addBatch({ recipients: 10, firstNumber: 11 });
    await world.clock.advance({ hours: 1 });
    expect(world.standIn.creates).toHaveLength(3);
    expect((await world.batch(batchId)).isPaused).toBe(true);
    expect(await statuses(world, batchId)).toEqual({ pending: 8, unknown: 2 });
  });

  test("who resumes before it is well again risks one call, and every other batch is held as well", async () => {
    const world = await start({ settings: { startsPerSecond: 1, maxConcurrent: 2 } });
    world.standIn.createFault = () => 500;
    const batchId = await world.addBatch({ recipients: 6 });
    const other = await world.addBatch({ recipients: 6, firstNumber: 11 });
    for (let minute = 0; minute < 60; minute += 1) await world.clock.advance({ minutes: 1 });
    const before = world.standIn.creates.length;
    for (const id of [batchId, other]) expect((await world.batch(id)).isPaused).toBe(true);
    await world.resume(batchId);
    await world.clock.advance({ minutes: 25 });
    expect(world.standIn.creates).toHaveLength(before + 1);
    expect((await world.batch(batchId)).isPaused).toBe(true);
  });

  test("a hold says from when on a batch may be resumed: before that it is held again for the same, in the same words, and then one call is tried", async () => {
    const world = await start({ settings: { startsPerSecond: 1, maxConcurrent: 1 } });
    world.standIn.createFault = () => 429;
    const batchId = await world.addBatch({ recipients: 2 });
    await world.clock.advance({ minutes: 59 });
    for (let n = 0; n < 60 && !(await world.batch(batchId)).isPaused; n += 1)
      await world.clock.advance({ seconds: 10 });
    const { heldReason = "" } = await world.batch(batchId);
    const [, from = ""] = /not before (\S+Z): until then every batch is held for this/.exec(heldReason) ?? [];
    expect(Date.parse(from)).toBeGreaterThan(
      Date.parse(heldReason.slice(heldReason.indexOf("since ") + 6).slice(0, 24)),
    );
    const made = world.standIn.creates.length;
    expect(world.clock.now().getTime()).toBeLessThan(Date.parse(from));
    await world.resume(batchId);
    expect(await world.batch(batchId)).toMatchObject({ isPaused: true, heldReason });
    expect(world.standIn.creates).toHaveLength(made);
    world.standIn.createFault = () => undefined;
    await world.clock.advance({ ms: Date.parse(from) - world.clock.now().getTime() });
    await world.resume(batchId);
    await world.clock.advance({ minutes: 10 });
    expect(await statuses(world, batchId)).toEqual({ completed: 2 });
  });

  test("a limit slows, and after an hour without one call taken it holds; no attempt is used up, and nobody is dropped", async () => {
    const world = await start();
    world.standIn.createFault = () => 429;
    const batchId = await world.addBatch({ recipients: 2 });
    await world.clock.advance({ minutes: 50 });
    expect((await world.batch(batchId)).isPaused).toBe(false);
    expect(world.standIn.creates.length).toBeLessThan(250);
    await world.clock.advance({ minutes: 15 });
    const made = world.standIn.creates.length;
    await world.clock.advance({ minutes: 30 });
    expect(world.standIn.creates).toHaveLength(made);
    await expectHeld(world, batchId, /has taken no call since .*Nobody was called.* resume the batch/, () => {
      world.standIn.createFault = () => undefined;
    });
    expect((await world.tasks(batchId)).map(({ attemptCount }) => attemptCount)).toEqual([1, 1]);
  });

  test("one limit today and one tomorrow are no hour of them", async () => {
    const world = await start();
    const faults: StandInFault[] = [429];
    world.standIn.createFault = () => faults.shift();
    const batchId = await world.addBatch();
    await world.cancel(batchId);
    await world.clock.advance({ hours: 12 });
    faults.push(429);
    const next = await world.addBatch({ recipients: 2 });
    await world.clock.advance({ minutes: 5 });
    expect(await statuses(world, next)).toEqual({ completed: 2 });
  });

  test("one that cannot be reached is tried more slowly, and after an hour the batch is held", async () => {
    const world = await start();
    const port = Number(new URL(world.standIn.url).port);
    await world.standIn.stop();
    const batchId = await world.addBatch({ recipients: 2 });
    await world.clock.advance({ minutes: 65 });
    expect(await world.batch(batchId)).toMatchObject({
      isPaused: true,
      heldReason: expect.stringMatching(/has taken no call since/),
    });
    expect(await statuses(world, batchId)).toEqual({ pending: 2 });
    await world.standIn.listen(port);
    await world.clock.advance({ minutes: 2 });
    await world.resume(batchId);
    await world.clock.advance({ minutes: 10 });
    expect(await statuses(world, batchId)).toEqual({ completed: 2 });
  });

  test("a notice about no call of ours, and one that cannot be read, change nothing and are counted", async () => {
    const world = await start();
    const fates: string[] = [];
    const { store, clock, dialer: dialing } = world;
    const { notices } = world.placing;
    if (!notices) throw new Error("This carrier takes no notices");
    const parts = { store, clock, dialing, guard: noDialGuard, log: silentLog, observer: nobody, notices };
    const taken = createCallNotices({ ...parts, noticed: (fate) => fates.push(fate) });
    const batchId = await world.addBatch();
    const [call] = world.standIn.calls;
    if (!call) throw new Error("No call was made");
    const before = await world.task(batchId);
    const stranger = asAnother(call, "task_of_nobody:1");
    const { bodyText, headers, search = "" } = world.standIn.notice(stranger, "ended");
    const take = (text: string, sent: Readonly<Record<string, string>>) =>
      taken.take({ bodyText: text, search, header: (header) => sent[header] });
    expect(await take(bodyText, headers)).toBe("no_such_call");
    expect(await take("<h1>Hello</h1>", headers)).toBe("not_genuine");
    expect(await take(bodyText, {})).toBe("not_genuine");
    expect(await world.task(batchId)).toEqual(before);
    expect(fates).toEqual(["no_such_call", "not_genuine", "not_genuine"]);
    expect(world.standIn.creates).toHaveLength(1);
  });
});

/** The same call under another token, whatever the platform keeps it in. */
function asAnother(call: StandInCall, token: string): StandInCall {
  const metadata = JSON.parse(JSON.stringify(call.metadata ?? null).replaceAll(call.token, token));
  return { ...call, token, metadata };
}
