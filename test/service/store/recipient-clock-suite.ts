import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type CallingRules, recipientClock } from "../../../src/domain/batch/plan.ts";
import { callableFrom } from "../../../src/runtime/operator-dial-guard.ts";
import { noDialGuard } from "../../../src/service/dialing/dialing.ts";
import type { NewTask } from "../../../src/service/store/records.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { DialingWorld, organizationId } from "../../support/dialing/dialing-world.ts";

const newYork = "+12125550101";
const losAngeles = "+12135550102";
const night: CallingRules = { quietHours: { enabled: true, start: "21:00", end: "09:00", zone: recipientClock } };
const at = (iso: string) => new Date(iso);

function person(toNumber: string, own: Partial<NewTask> = {}): Omit<NewTask, "row"> {
  return { toNumber, variables: {}, ...own };
}

/** What every store must do for recipients with a time and a clock of their own. */
export function describeRecipientClocks(name: string, openStore: () => Promise<Store>): void {
  async function start(now: string): Promise<DialingWorld> {
    // One process dials, so nobody has to be told every other second, for hours, that it lives.
    const { leases: _, ...store } = await openStore();
    const world = new DialingWorld({ now, store });
    await world.start();
    return world;
  }

  /** When each number rang, sorted. */
  const rings = (world: DialingWorld) =>
    world.carrier.rings.map((ring) => `${ring.at.toISOString().slice(0, 16)} ${ring.toNumber}`).toSorted();

  describe(name, () => {
    test("nobody is called before their own time, and everybody at it", async () => {
      const world = await start("2026-03-02T15:00:00Z");
      const later = person(losAngeles, { notBefore: at("2026-03-04T18:00:00Z") });
      const batchId = await world.addBatch({ tasks: [person(newYork), later] });
      await world.clock.advance({ hours: 50, minutes: 59, seconds: 59 });
      expect(rings(world)).toEqual([`2026-03-02T15:00 ${newYork}`]);
      await world.clock.advance({ seconds: 1 });
      expect(world.carrier.rings[1]).toMatchObject({ toNumber: losAngeles, at: at("2026-03-04T18:00:00Z") });
      await world.clock.advance({ minutes: 5 });
      expect(await world.batch(batchId)).toMatchObject({ status: "completed" });
    });

    test("those who wait are counted by what decides it, by number only where clocks do", async () => {
      const world = await start("2026-03-02T15:00:00Z");
      const notBefore = at("2026-03-04T18:00:00Z");
      const tasks = [
        person(newYork, { notBefore }),
        person(losAngeles, { notBefore, timezone: "America/Denver" }),
        person("+12125550103"),
      ];
      const batchId = await world.addBatch({ tasks, scheduledAt: at("2026-03-20T15:00:00Z") });
      const timed = { notBefore, dueAt: notBefore, attemptCount: 0 };
      const alike = await world.store.waiting(batchId, false);
      expect(alike.toSorted((a, b) => a.recipients - b.recipients)).toEqual([
        { toNumber: "", attemptCount: 0, recipients: 1 },
        { toNumber: "", ...timed, recipients: 2 },
      ]);
      const apart = await world.store.waiting(batchId, true);
      expect(apart.toSorted((a, b) => a.toNumber.localeCompare(b.toNumber))).toEqual([
        { toNumber: newYork, ...timed, recipients: 1 },
        { toNumber: "+12125550103", attemptCount: 0, recipients: 1 },
        { toNumber: losAngeles, timezone: "America/Denver", ...timed, recipients: 1 },
      ]);
    });

    test("a time of their own goes with the list to its name, and a list without any keeps the name that it had", async () => {
      const world = await start("2026-03-02T15:00:00Z");
      const digestOf = async (...tasks: readonly Omit<NewTask, "row">[]) => {
        const id = await world.addBatch({ tasks, scheduledAt: at("2026-03-20T15:00:00Z") });
        return (await world.batch(id)).listDigest;
      };
      const digests = [
        await digestOf(person(newYork)),
        await digestOf(person(newYork, { timezone: "America/Denver" })),
        await digestOf(person(newYork, { notBefore: at("2026-03-21T15:00:00Z") })),
        await digestOf(person(newYork, { notBefore: at("2026-03-21T15:00:01Z") })),
      ];
      expect(new Set(digests).size).toBe(4);
      expect(digests[0]).toBe(createHash("sha256").update(`1 ${newYork} null {}\n`).digest("hex"));
    });

    test("a claim takes nobody whose own time or clock does not suit, and puts them off until it does", async () => {
      const { leases: _, ...store } = await openStore();
      const world = new DialingWorld({ now: "2026-03-02T14:30:00Z", store });
      const notBefore = at("2026-03-02T16:00:00Z");
      const tasks = [
        person(newYork),
        person(losAngeles),
        person("+12125550103", { notBefore: at("2026-03-02T14:00:00Z") }),
      ];
      const batchId = await world.addBatch({ rules: night, tasks });
      // Due by a list that was changed meanwhile, and not to be called yet.
      const local = await world.addBatch({ tasks: [person("+12125550104")], notBeforeLocal: "2026-03-02T11:00" });
      const request = { now: world.clock.now(), isOpen: () => true, limit: 10, ...world.settings };
      const { claims } = await world.store.claim(request);
      expect(claims.map(({ attempt }) => attempt.toNumber).toSorted()).toEqual([newYork, "+12125550103"]);
      expect((await world.tasks(batchId))[1]).toMatchObject({ status: "pending", dueAt: at("2026-03-02T17:00:00Z") });
      expect(await world.task(local)).toMatchObject({ status: "pending", dueAt: notBefore });
    });

    test("quiet hours on the recipients' clocks end for each of them at that time of theirs", async () => {
      const world = await start("2026-03-02T10:00:00Z");
      const denver = person("+12125550103", { timezone: "America/Denver" });
      await world.addBatch({ rules: night, tasks: [person(newYork), person(losAngeles), denver] });
      await world.clock.advance({ hours: 12 });
      expect(rings(world)).toEqual([
        `2026-03-02T14:00 ${newYork}`,
        `2026-03-02T16:00 ${denver.toNumber}`,
        `2026-03-02T17:00 ${losAngeles}`,
      ]);
    });

    test("days and dates without calls are those of each recipient's own calendar, for first calls and retries", async () => {
      // Friday 22:00 in New York; in Auckland it is Saturday.
      const world = await start("2026-03-07T03:00:00Z");
      const auckland = person("+80012345103", { timezone: "Pacific/Auckland" });
      const kiritimati = person("+80012345104", { timezone: "Pacific/Kiritimati" });
      const rules: CallingRules = {
        retryConfig: { enabled: true, maxAttempts: 2 },
        retryRules: [{ condition: "busy", enabled: true, timing: { kind: "after", minutes: 180 } }],
        quietHours: {
          enabled: true,
          start: "23:30",
          end: "09:00",
          zone: recipientClock,
          days: ["saturday"],
          notOn: ["2026-03-08"],
        },
      };
      world.carrier.script(newYork, "busy", "answered");
      const batchId = await world.addBatch({ rules, tasks: [person(newYork), auckland, kiritimati] });
      await world.clock.advance({ minutes: 5 });
      const dueAt = (await world.tasks(batchId)).map((task) => task.dueAt?.toISOString());
      // Who was put off is due when that is over; of a retry it is found out when it is due.
      expect(dueAt.slice(1)).toEqual(["2026-03-08T20:00:00.000Z", "2026-03-08T19:00:00.000Z"]);
      await world.clock.advance({ days: 4 });
      expect(rings(world)).toEqual([
        `2026-03-07T03:00 ${newYork}`,
        `2026-03-08T19:00 ${kiritimati.toNumber}`,
        `2026-03-08T20:00 ${auckland.toNumber}`,
        `2026-03-09T13:00 ${newYork}`,
      ]);
    });

    test("a claim takes nobody on a day without calls, and its rules come back from the store as they were", async () => {
      const { leases: _, ...store } = await openStore();
      const world = new DialingWorld({ now: "2026-12-24T15:00:00Z", store });
      const quietHours = {
        ...night.quietHours,
        notOn: ["2026-12-24", "2026-12-25"],
        days: ["saturday", "sunday"],
      } as const;
      const rules = { quietHours } as CallingRules;
      const batchId = await world.addBatch({ rules, tasks: [person(newYork)] });
      const request = { now: world.clock.now(), isOpen: () => true, limit: 10, ...world.settings };
      expect((await world.store.claim(request)).claims).toEqual([]);
      expect(await world.task(batchId)).toMatchObject({ status: "pending", dueAt: at("2026-12-28T14:00:00Z") });
      expect((await world.batch(batchId)).rules).toEqual(rules);
    });

    test("a claim takes nobody on a public holiday of their country, and its rules come back from the store as they were", async () => {
      const { leases: _, ...store } = await openStore();
      const world = new DialingWorld({ now: "2026-11-26T15:00:00Z", store });
      const paris = "+33142685300";
      const quietHours = { enabled: true, start: "00:00", end: "00:00", holidays: true } as const;
      const batchId = await world.addBatch({ rules: { quietHours }, tasks: [person(newYork), person(paris)] });
      const request = { now: world.clock.now(), isOpen: () => true, limit: 10, ...world.settings };
      const { claims } = await world.store.claim(request);
      expect(claims.map(({ attempt }) => attempt.toNumber)).toEqual([paris]);
      expect(await world.task(batchId)).toMatchObject({ status: "pending", dueAt: at("2026-11-27T05:00:00Z") });
      expect((await world.batch(batchId)).rules).toEqual({ quietHours });
    });

    test("holidays and the days on which they are made up for are those of each country, for first calls and fallback numbers", async () => {
      // Friday 3 July 2026: Independence Day is a Saturday, and made up for on that Friday.
      const world = await start("2026-07-03T15:00:00Z");
      const quietHours = { enabled: true, start: "20:00", end: "09:00", zone: recipientClock, holidays: true } as const;
      const london = "+442079460958";
      const both = person("+442079460959", { fallbackNumber: losAngeles });
      world.carrier.script(both.toNumber, "busy");
      await world.addBatch({ rules: { quietHours }, tasks: [person(newYork), person(london), both] });
      await world.clock.advance({ days: 3 });
      expect(rings(world)).toEqual([
        `2026-07-03T15:00 ${london}`,
        `2026-07-03T15:00 ${both.toNumber}`,
        `2026-07-05T13:00 ${newYork}`,
        `2026-07-05T16:00 ${losAngeles}`,
      ]);
    });

    test("a claim takes nobody whom the operator's hours hold back, and who may never be called is left to the last check", async () => {
      const { leases: _, ...store } = await openStore();
      // Saturday 16:00 in Paris, 10:00 in New York.
      const world = new DialingWorld({ now: "2026-03-07T15:00:00Z", store });
      const paris = "+33142685300";
      const never = "+88212345678";
      const batchId = await world.addBatch({ tasks: [person(paris), person(newYork), person(never)] });
      const types = ["fixed_line", "fixed_line_or_mobile"] as const;
      const policy = { hours: { start: "08:00", end: "21:00" }, hoursPreset: "marketing", types } as const;
      const mayDialAt = (number: string, from: Date) => callableFrom(number, policy, from);
      const request = { now: world.clock.now(), isOpen: () => true, mayDialAt, limit: 10, ...world.settings };
      const { claims } = await world.store.claim(request);
      expect(claims.map(({ attempt }) => attempt.toNumber)).toEqual([newYork, never]);
      expect(await world.task(batchId)).toMatchObject({ status: "pending", dueAt: at("2026-03-09T09:00:00Z") });
      expect((await world.store.claim(request)).claims).toEqual([]);
    });

    test("who may be in several zones is called when it is no quiet hour in any of them", async () => {
      const world = await start("2026-03-02T00:00:00Z");
      // A mobile phone of Russia: Kaliningrad to Kamchatka are ten hours, so two of twelve are left.
      await world.addBatch({ rules: night, tasks: [person("+79123456789")] });
      await world.clock.advance({ hours: 6, minutes: 59 });
      expect(world.rung).toEqual([]);
      await world.clock.advance({ minutes: 1 });
      expect(rings(world)).toEqual(["2026-03-02T07:00 +79123456789"]);
    });

    test("whom no hour suits on every clock that may be theirs is not called, and does not hold up the end", async () => {
      const world = await start("2026-03-02T00:00:00Z");
      const rules: CallingRules = { quietHours: { enabled: true, start: "17:00", end: "09:00", zone: recipientClock } };
      const batchId = await world.addBatch({ rules, tasks: [person("+79123456789")] });
      await world.clock.advance({ days: 2 });
      expect(world.rung).toEqual([]);
      expect(await world.task(batchId)).toMatchObject({ status: "cancelled", reason: "not_callable" });
      expect(await world.batch(batchId)).toMatchObject({ status: "completed" });
    });

    test("a retry at a time of day is made at that time on the recipient's clock", async () => {
      const world = await start("2026-03-02T15:00:00Z");
      const rules: CallingRules = {
        retryConfig: { enabled: true, maxAttempts: 2 },
        retryRules: [{ condition: "busy", enabled: true, timing: { kind: "at", time: "10:00", zone: recipientClock } }],
      };
      for (const number of [newYork, losAngeles]) world.carrier.script(number, "busy", "answered");
      const batchId = await world.addBatch({ rules, timezone: "UTC", tasks: [person(newYork), person(losAngeles)] });
      await world.clock.advance({ minutes: 2 });
      // It is ten in New York already, and seven in Los Angeles.
      expect((await world.tasks(batchId)).map(({ dueAt }) => dueAt?.toISOString())).toEqual([
        "2026-03-03T15:00:00.000Z",
        "2026-03-02T18:00:00.000Z",
      ]);
      await world.clock.advance({ days: 1 });
      expect(rings(world)).toEqual([
        `2026-03-02T15:00 ${newYork}`,
        `2026-03-02T15:00 ${losAngeles}`,
        `2026-03-02T18:00 ${losAngeles}`,
        `2026-03-03T15:00 ${newYork}`,
      ]);
    });

    test("a later time that a list is given holds back a retry that would be due before", async () => {
      const world = await start("2026-03-02T15:00:00Z");
      world.carrier.script(newYork, "busy", "answered");
      const retryConfig = { enabled: true, maxAttempts: 2 };
      const batchId = await world.addBatch({ rules: { retryConfig }, tasks: [person(newYork)] });
      await world.clock.advance({ minutes: 5 });
      const notBefore = at("2026-03-02T20:00:00Z");
      const changed = (await world.tasks(batchId)).map((task) => ({ ...task, notBefore }));
      const change = {
        plan: () => ({ added: [], changed, removed: [], leaving: [] }),
        change: () => ({ grant: agreed }),
      };
      await world.store.changeList(organizationId, batchId, { status: ["sent"] }, change, world.clock.now());
      await world.clock.advance({ hours: 6 });
      expect(rings(world)).toEqual([`2026-03-02T15:00 ${newYork}`, `2026-03-02T20:00 ${newYork}`]);
    });

    test("whoever waits for the end of quiet hours is called sooner when the rules are changed to other hours", async () => {
      const world = await start("2026-03-02T10:00:00Z");
      const batchId = await world.addBatch({ rules: night, tasks: [person(losAngeles)] });
      expect((await world.task(batchId)).dueAt).toEqual(at("2026-03-02T17:00:00Z"));
      const rules: CallingRules = { quietHours: { enabled: true, start: "21:00", end: "07:00", zone: recipientClock } };
      await world.store.changeBatch(
        organizationId,
        batchId,
        { status: ["sent"] },
        () => ({ rules, grant: agreed }),
        world.clock.now(),
      );
      world.dialer.wake();
      await world.clock.advance({ hours: 7 });
      expect(rings(world)).toEqual([`2026-03-02T15:00 ${losAngeles}`]);
    });

    test("the later of the operator's hours and the recipient's own holds", async () => {
      const world = await start("2026-03-02T10:00:00Z");
      const opensAt = at("2026-03-02T15:30:00Z");
      world.guard = { ...noDialGuard, mayDialAt: (_number, now) => (now < opensAt ? opensAt : now) };
      await world.start();
      await world.addBatch({ rules: night, tasks: [person(newYork), person(losAngeles)] });
      await world.clock.advance({ hours: 8 });
      expect(rings(world)).toEqual([`2026-03-02T15:30 ${newYork}`, `2026-03-02T17:00 ${losAngeles}`]);
    });
  });
}
