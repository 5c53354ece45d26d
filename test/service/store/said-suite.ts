import { describe, expect, test } from "vitest";
import type { CallResult } from "../../../src/contract/records.ts";
import type { CallingRules } from "../../../src/domain/batch/plan.ts";
import type { Said } from "../../../src/domain/said.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { type DialGuard, noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { recordOutcome } from "../../../src/service/dialing/record-outcome.ts";
import type { NewTask } from "../../../src/service/store/records.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";
import { failing } from "../../support/dialing/gated-store.ts";

const mobile = numberOf(1);
const home = numberOf(2);
const other = numberOf(3);
const person: Omit<NewTask, "row"> = { toNumber: mobile, variables: {} };
const ofTwo: Omit<NewTask, "row"> = { ...person, fallbackNumber: home };
const another: Omit<NewTask, "row"> = { toNumber: other, variables: {} };
const later = new Date("2026-03-09T15:00:00Z");
/** After an answer nobody is called again by these; they leave three attempts. */
const thrice = retryAfter(10);

/** What every store must do with what people say on the phone, as the dialer asks for it. */
export function describeSaid(name: string, openStore: () => Promise<Store>): void {
  async function start(said: Said, number = mobile): Promise<DialingWorld> {
    // One process dials, so nobody has to be told every other second, for days, that it lives.
    const { leases: _, ...store } = await openStore();
    const world = new DialingWorld({ store });
    world.carrier.say(number, said);
    await world.start();
    return world;
  }

  const listed = async (world: DialingWorld) =>
    (await world.store.listDoNotCall(organizationId, { page: 0 })).rows
      .map(({ phoneNumber }) => phoneNumber)
      .toSorted();

  /** Lets the first call end, and the moments pass that may lie until what follows of it. */
  const endFirst = (world: DialingWorld) => world.clock.advance({ seconds: 32 });

  describe(name, () => {
    test("an opt-out drops a number from twenty waiting batches within five seconds of its notice", async () => {
      const world = await start({ optOut: true });
      const called = await world.addBatch({ tasks: [person] });
      const waiting: string[] = [];
      for (let n = 0; n < 20; n++) {
        const isScheduled = n % 2 === 0;
        const batch = { tasks: [another, person], rules: isScheduled ? {} : { quietHours: allDay } };
        waiting.push(await world.addBatch({ ...batch, ...(isScheduled && { scheduledAt: later }) }));
        if (n % 3 === 0) await world.pause(waiting.at(-1) ?? "");
      }
      await world.clock.advance({ seconds: 34 });
      const { callId } = await world.task(called);
      for (const id of waiting) {
        const [neighbour, dropped] = await world.tasks(id);
        expect(neighbour?.status).toBe("pending");
        expect(dropped).toMatchObject({ status: "cancelled", attemptCount: 0 });
        expect(dropped?.reason).toContain(`do_not_call: asked on the phone not to be called again, in ${callId}`);
        expect(await world.facts(id)).toMatchObject({ doNotCall: 1, optedOut: 0 });
      }
      expect(await world.facts(called)).toMatchObject({ doNotCall: 0, optedOut: 1 });
      await world.clock.advance({ days: 10 });
      expect(world.rung.filter((number) => number === mobile)).toEqual([mobile]);
    });

    test("a number that is listed by hand drops whoever waits under it, at once and with what was said of it, and taking it off brings nobody back", async () => {
      const world = await start({});
      const rules = { quietHours: allDay };
      const ids = [
        await world.addBatch({ tasks: [another, person], rules }),
        await world.addBatch({ tasks: [another, person], scheduledAt: later }),
      ];
      const foreign = await world.addBatch({ tasks: [person], rules, organizationId: "org_2" });
      const list = (phoneNumber: string, said: object) =>
        world.store.addDoNotCall(organizationId, [{ phoneNumber, ...said }], world.clock.now());
      const done = await list(mobile, { reason: "wrote to us", requestedBy: "Ann", addedBy: "tool: local" });
      expect({ ...done, batchIds: done.batchIds.toSorted() }).toEqual({ added: 1, batchIds: ids.toSorted() });
      for (const id of ids) {
        const [neighbour, dropped] = await world.tasks(id);
        expect(neighbour?.status).toBe("pending");
        const reason = "do_not_call: wrote to us, asked by Ann, added with update_do_not_call_list";
        expect(dropped).toMatchObject({ status: "cancelled", reason, attemptCount: 0 });
        expect(await world.facts(id)).toMatchObject({ doNotCall: 1, optedOut: 0 });
      }
      expect((await world.tasks(foreign, "org_2"))[0]?.status).toBe("pending");
      await world.store.removeDoNotCall(organizationId, [mobile]);
      expect(await list(mobile, {})).toEqual({ added: 1, batchIds: [] });
      expect((await world.tasks(ids[0] ?? ""))[1]?.reason).toContain("wrote to us");
    });

    test("a fallback number that is listed by hand drops who waits for that call, and nobody whose first number is called next", async () => {
      const world = await start({});
      world.carrier.script(other, "no_answer");
      const rules = { quietHours: allDay };
      const fallbackNumber = numberOf(77);
      const id = await world.addBatch({ tasks: [{ ...another, fallbackNumber }] });
      await world.pause(id);
      await world.clock.advance({ seconds: 31 });
      const waiting = await world.addBatch({ tasks: [{ ...another, fallbackNumber }], rules });
      const { fallbackAfter, status } = await world.task(id);
      expect({ fallbackAfter, status }).toEqual({ fallbackAfter: 1, status: "pending" });
      const entry = { phoneNumber: fallbackNumber, reason: "wrote to us" };
      expect((await world.store.addDoNotCall(organizationId, [entry], world.clock.now())).batchIds).toEqual([id]);
      expect(await world.task(id)).toMatchObject({ status: "cancelled", reason: "do_not_call: wrote to us" });
      expect((await world.task(waiting)).status).toBe("pending");
    });

    test("an answer by one of these names is acted upon as if it had been told", async () => {
      const world = await start({});
      world.carrier.answers.set(mobile, [{ name: "Opt-Out", value: "yes, please take me off" }]);
      world.carrier.answers.set(other, [{ name: "opt_out", value: "no" }]);
      const called = await world.addBatch({ tasks: [person, another], rules: thrice });
      await endFirst(world);
      expect(await listed(world)).toEqual([mobile]);
      expect(await world.facts(called)).toMatchObject({ optedOut: 1 });
    });

    test("the entry names the call, the batch and the time", async () => {
      const world = await start({ optOut: true });
      const batchId = await world.addBatch({ tasks: [person] });
      await endFirst(world);
      const { callId } = await world.task(batchId);
      const { rows } = await world.store.listDoNotCall(organizationId, { page: 0 });
      expect(rows).toMatchObject([
        {
          phoneNumber: mobile,
          reason: "asked on the phone not to be called again",
          requestedAt: "2026-03-02T15:00:30.000Z",
          addedBy: `${callId} of ${batchId}`,
        },
      ]);
      expect(await world.task(batchId)).toMatchObject({
        status: "completed",
        outcome: "answered",
        reason: "answered; asked not to be called again",
      });
    });

    test("a person with two numbers is dropped with both, and others of the organization's batches with them", async () => {
      const world = await start({ optOut: true });
      world.carrier.script(mobile, "no_answer");
      const batchId = await world.addBatch({ tasks: [ofTwo], rules: thrice });
      const atHome = await world.addBatch({ tasks: [{ toNumber: home, variables: {} }], scheduledAt: later });
      const foreign = await world.addBatch({ tasks: [person], scheduledAt: later, organizationId: "org_2" });
      await world.clock.advance({ days: 1 });
      expect(world.rung).toEqual([mobile]);
      expect(await listed(world)).toEqual([mobile, home].toSorted());
      expect(await world.task(batchId)).toMatchObject({ status: "failed", outcome: "no_answer" });
      expect((await world.task(atHome)).status).toBe("cancelled");
      expect((await world.tasks(foreign, "org_2"))[0]?.status).toBe("pending");
    });

    test("a batch in which nobody is left after an opt-out is over", async () => {
      const world = await start({ optOut: true });
      await world.addBatch({ tasks: [person] });
      const emptied = await world.addBatch({ tasks: [person], rules: { quietHours: allDay } });
      await endFirst(world);
      expect((await world.batch(emptied)).status).toBe("completed");
    });

    test("a doubled notice acts once: who is taken off the list since stays off it", async () => {
      const world = await start({ optOut: true });
      world.carrier.endFaults = ["twice"];
      const batchId = await world.addBatch({ tasks: [person] });
      await endFirst(world);
      expect(await listed(world)).toEqual([mobile]);
      await world.store.removeDoNotCall(organizationId, [mobile]);
      const claim = await world.store.getClaim(`${(await world.task(batchId)).id}:1`);
      if (!claim) throw new Error("No such call");
      const parts = { store: world.store, guard: noDialGuard, log: silentLog };
      expect(await recordOutcome(parts, claim, ended(world, { optOut: true }), world.clock.now())).toBe(false);
      expect(await listed(world)).toEqual([]);
    });

    test("an opt-out that is told after the end of the call counts, and changes nothing else", async () => {
      const world = await start({});
      const batchId = await world.addBatch({ tasks: [person] });
      await endFirst(world);
      const before = await world.task(batchId);
      const claim = await world.store.getClaim(`${before.id}:1`);
      if (!claim) throw new Error("No such call");
      const said = { optOut: true, callBackAt: "2026-03-03T10:00:00Z" } as const;
      const parts = { store: world.store, guard: noDialGuard, log: silentLog };
      expect(await recordOutcome(parts, claim, ended(world, said), world.clock.now())).toBe(false);
      expect(await listed(world)).toEqual([mobile]);
      expect(await world.task(batchId)).toEqual(before);
    });

    const saidLate: readonly [what: string, said: Said, becomes: object, reason: RegExp, numbers: readonly string[]][] =
      [
        [
          "an opt-out",
          { optOut: true },
          { status: "completed" },
          /^answered; asked not to be called again$/,
          [mobile, home],
        ],
        [
          "a wrong number",
          { wrongNumber: true },
          { status: "failed" },
          /a wrong number, which is not called again$/,
          [],
        ],
        [
          "a wrong number whose owner wants no calls",
          { wrongNumber: true, optOut: true },
          { status: "completed" },
          /asked not to be called again$/,
          [mobile],
        ],
        [
          "a call-back",
          { callBackAt: "2026-03-04T14:00:00-05:00" },
          { status: "completed" },
          /^answered; asked to be called back at 2026-03-04 14:00 .*not called again by itself$/,
          [],
        ],
      ];
    test.each(saidLate)(
      "%s on a call that was given up as unknown is acted upon, and no phone rings because of it",
      async (_what, said, becomes, reason, numbers) => {
        const world = await start({});
        world.carrier.faults = ["lost_for_good"];
        const batchId = await world.addBatch({ tasks: [ofTwo], rules: thrice });
        const waiting = await world.addBatch({ tasks: [person], scheduledAt: later });
        await world.clock.advance({ minutes: 20 });
        const { id } = await world.task(batchId);
        expect(await world.task(batchId)).toMatchObject({ status: "unknown" });
        const rung = world.rung.length;
        const claim = await world.store.getClaim(`${id}:1`);
        if (!claim) throw new Error("No such call");
        const parts = { store: world.store, guard: noDialGuard, log: silentLog };
        expect(await recordOutcome(parts, claim, ended(world, said), world.clock.now())).toBe(true);
        expect(await recordOutcome(parts, claim, ended(world, said), world.clock.now())).toBe(false);
        expect(await listed(world)).toEqual(numbers.toSorted());
        expect((await world.task(waiting)).status).toBe(numbers.includes(mobile) ? "cancelled" : "pending");
        const task = await world.task(batchId);
        expect(task).toMatchObject({ ...becomes, outcome: "answered", attemptCount: 1 });
        expect(task.reason).toMatch(reason);
        await world.clock.advance({ days: 5 });
        expect(world.rung).toHaveLength(rung);
      },
    );

    test("the opt-out of a call that nobody knows changes nothing", async () => {
      const world = await start({});
      const request = { token: "task_none:1", numbers: [mobile], askedAt: world.clock.now() };
      expect(await world.store.optOut(request, world.clock.now())).toBeUndefined();
      expect(await listed(world)).toEqual([]);
    });

    test("an opt-out holds where recording the outcome fails and is done again", async () => {
      const world = await start({ optOut: true });
      const notes: unknown[] = [];
      world.guard = { ...noDialGuard, noteOptOut: (note) => notes.push(note) } satisfies DialGuard;
      await world.start({ gate: failing("complete", 1, "before") });
      const batchId = await world.addBatch({ tasks: [person] });
      const waiting = await world.addBatch({ tasks: [person], scheduledAt: later });
      await world.clock.advance({ minutes: 5 });
      expect(await world.task(batchId)).toMatchObject({ status: "completed" });
      expect(await world.task(waiting)).toMatchObject({ status: "cancelled" });
      expect(notes).toMatchObject([{ batchId, added: 1, batchIds: [waiting] }]);
    });

    test("people who opt out at once in batches that have each other do not block one another", async () => {
      const world = await start({ optOut: true });
      const numbers = Array.from({ length: 8 }, (_, n) => numberOf(n + 1));
      for (const number of numbers) world.carrier.say(number, { optOut: true });
      const tasks = numbers.map((toNumber) => ({ toNumber, variables: {} }));
      const batches: string[] = [];
      for (const _ of numbers)
        batches.push(await world.addBatch({ tasks, rules: { quietHours: allDay }, scheduledAt: later }));
      const called: string[] = [];
      for (const task of tasks) called.push(await world.addBatch({ tasks: [task] }));
      await world.clock.advance({ seconds: 2 });
      const tokens = await Promise.all(called.map(async (id) => `${(await world.task(id)).id}:1`));
      const now = world.clock.now();
      const optOut = (token: string, number: string) =>
        world.store.optOut({ token, numbers: [number], askedAt: now }, now);
      const done = await Promise.all(tokens.map((token, n) => optOut(token, numbers[n] ?? "")));
      expect(done.map((one) => one?.batchIds.length)).toEqual(numbers.map(() => batches.length));
      for (const id of batches)
        expect((await world.tasks(id)).map(({ status }) => status)).toEqual(numbers.map(() => "cancelled"));
    });

    test("a wrong number is final: no rule calls it again", async () => {
      const world = await start({ wrongNumber: true });
      world.carrier.script(mobile, "busy");
      const batchId = await world.addBatch({ tasks: [person], rules: thrice });
      await world.clock.advance({ days: 2 });
      expect(world.rung).toEqual([mobile]);
      expect(await world.task(batchId)).toMatchObject({ status: "failed", attemptCount: 1 });
      expect((await world.task(batchId)).reason).toContain("a wrong number");
      expect(await listed(world)).toEqual([]);
    });

    test("a wrong number leaves the other number of the same row", async () => {
      const world = await start({ wrongNumber: true });
      const batchId = await world.addBatch({ tasks: [ofTwo], rules: thrice });
      await world.clock.advance({ days: 2 });
      expect(world.rung).toEqual([mobile, home]);
      expect(await world.task(batchId)).toMatchObject({ status: "completed", fallbackAfter: 1 });
    });

    test("a stranger at a wrong number who opts out is listed with that number alone, and nobody else is called", async () => {
      const world = await start({ wrongNumber: true, optOut: true });
      await world.addBatch({ tasks: [ofTwo], rules: thrice });
      await world.clock.advance({ days: 2 });
      expect(world.rung).toEqual([mobile]);
      expect(await listed(world)).toEqual([mobile]);
    });

    test.each([
      ["with an offset", "2026-03-03T14:00:00-05:00"],
      ["on the recipient's own clock", "2026-03-03T14:00"],
    ])("a call back %s is the next attempt, once", async (_what, callBackAt) => {
      const world = await start({});
      world.carrier.say(mobile, { callBackAt });
      world.carrier.endFaults = ["twice"];
      const batchId = await world.addBatch({ tasks: [person], rules: thrice });
      await endFirst(world);
      world.carrier.say(mobile, {});
      expect(await world.task(batchId)).toMatchObject({ status: "pending", outcome: "answered" });
      await world.clock.advance({ days: 2 });
      expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual([
        "2026-03-02T15:00:00.000Z",
        "2026-03-03T19:00:00.000Z",
      ]);
      expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 2 });
    });

    test.each([
      ["in 30 seconds", "2026-03-02T10:00:30-05:00"],
      ["at the very time of the call's end", "2026-03-02T15:00Z"],
      ["at a time that passed four minutes ago", "2026-03-02T14:56Z"],
    ])("a call back %s comes at once", async (_when, callBackAt) => {
      const world = await start({ callBackAt });
      const batchId = await world.addBatch({ tasks: [person], rules: thrice });
      world.carrier.say(mobile, {});
      await world.clock.advance({ minutes: 2 });
      expect(world.rung).toEqual([mobile, mobile]);
      expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 2 });
    });

    test("a call back waits for the hours in which the batch may call", async () => {
      const rules = { ...thrice, quietHours: { enabled: true, start: "20:00", end: "09:00" } };
      const world = await start({ callBackAt: "2026-03-02T22:30:00-05:00" });
      const batchId = await world.addBatch({ tasks: [person], rules });
      await endFirst(world);
      world.carrier.say(mobile, {});
      await world.clock.advance({ days: 2 });
      expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual([
        "2026-03-02T15:00:00.000Z",
        "2026-03-03T14:00:00.000Z",
      ]);
      expect((await world.task(batchId)).status).toBe("completed");
    });

    const refused: readonly [why: string, callBackAt: string, rules: CallingRules, reason: RegExp][] = [
      ["no attempt is left", "2026-03-03T14:00:00-05:00", {}, /no attempt is left of those that were agreed to/],
      ["nobody agreed to calls so late", "2100-01-02T00:00:00Z", thrice, /nobody agreed to calls after 2099-12-31/],
      [
        "the time has passed",
        "2025-03-03T14:00:00Z",
        thrice,
        /that time had passed when the call ended, at 2026-03-02 10:00/,
      ],
      ["it passed six minutes ago", "2026-03-02T14:54Z", thrice, /that time had passed when the call ended/],
      ["the time cannot be read", "next Tuesday, about tea", thrice, /no time that can be read/],
      ["there is no such day", "2026-02-30T14:00:00Z", thrice, /no time that can be read/],
    ];
    test.each(refused)(
      "there is no call back where %s, and the reason says so",
      async (_why, callBackAt, rules, reason) => {
        const world = await start({ callBackAt });
        const batchId = await world.addBatch({ tasks: [person], rules });
        await world.clock.advance({ days: 3 });
        expect(world.rung).toEqual([mobile]);
        const task = await world.task(batchId);
        expect(task).toMatchObject({ status: "completed", outcome: "answered" });
        expect(task.reason).toMatch(reason);
        expect(task.reason).toContain(callBackAt);
      },
    );

    test("each call back uses up an attempt, so that they end", async () => {
      const world = await start({ callBackAt: "2026-03-03T14:00:00Z" });
      await world.addBatch({ tasks: [person], rules: thrice });
      await endFirst(world);
      world.carrier.say(mobile, { callBackAt: "2026-03-04T14:00:00Z" });
      await world.clock.advance({ days: 1, minutes: 1 });
      world.carrier.say(mobile, { callBackAt: "2026-03-05T14:00:00Z" });
      await world.clock.advance({ days: 5 });
      expect(world.rung).toEqual([mobile, mobile, mobile]);
    });

    test("who asked to be called back and is dropped by another call's opt-out is not called back", async () => {
      const world = await start({ callBackAt: "2026-03-03T14:00:00Z" });
      const batchId = await world.addBatch({ tasks: [person], rules: thrice });
      await endFirst(world);
      world.carrier.say(mobile, { optOut: true });
      await world.addBatch({ tasks: [person] });
      await world.clock.advance({ days: 3 });
      expect(world.rung).toEqual([mobile, mobile]);
      expect(await world.task(batchId)).toMatchObject({ status: "cancelled", attemptCount: 1 });
    });
  });
}

/** On the clocks of the batch's zone nobody is called but in the first minute after midnight. */
const allDay = { enabled: true, start: "00:01", end: "00:00" };

function ended({ clock }: DialingWorld, said: Said): CallResult {
  const at = clock.now();
  return { outcome: "answered", startedAt: at, endedAt: at, ringMs: 0, talkMs: 0, said };
}
