import fc from "fast-check";
import { expect, test } from "vitest";
import { outcomes } from "../../src/domain/batch.ts";
import type { CallingRules } from "../../src/domain/plan.ts";
import { isQuiet } from "../../src/domain/quiet-hours.ts";
import { DialingWorld, numberOf, organizationId } from "../support/dialing-world.ts";
import { dyingAt, type Gate, slowly } from "../support/gated-store.ts";
import type { Dial, DialFault } from "../support/scripted-carrier.ts";

const timezone = "America/New_York";
const rules = {
  retryConfig: { enabled: true, maxAttempts: 3 },
  retryRules: [
    { condition: "busy", enabled: true, timing: { kind: "after", minutes: 7 } },
    { condition: "no_answer", enabled: true, timing: { kind: "at", time: "13:00" } },
  ],
  quietHours: { enabled: true, start: "21:00", end: "08:00" },
} as const satisfies CallingRules;

type Event =
  | { readonly kind: "advance"; readonly seconds: number }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | { readonly kind: "do_not_call"; readonly recipient: number }
  | { readonly kind: "dial_fault"; readonly fault: DialFault }
  | { readonly kind: "told_again"; readonly ring: number }
  | {
      readonly kind: "crash";
      readonly atCall: number;
      readonly when: "before" | "after";
      readonly downSeconds: number;
    };

const event = fc.oneof<fc.Arbitrary<Event>[]>(
  fc.record({ kind: fc.constant("advance" as const), seconds: fc.nat(3 * 3600) }),
  fc.record({ kind: fc.constant("advance" as const), seconds: fc.nat(20) }),
  fc.record({ kind: fc.constant("pause" as const) }),
  fc.record({ kind: fc.constant("resume" as const) }),
  fc.record({ kind: fc.constant("do_not_call" as const), recipient: fc.integer({ min: 1, max: 20 }) }),
  fc.record({
    kind: fc.constant("dial_fault" as const),
    fault: fc.constantFrom<DialFault[]>("refused", "lost_answer", "lost_for_good"),
  }),
  fc.record({ kind: fc.constant("told_again" as const), ring: fc.nat(30) }),
  fc.record({
    kind: fc.constant("crash" as const),
    atCall: fc.integer({ min: 1, max: 40 }),
    when: fc.constantFrom("before" as const, "after" as const),
    downSeconds: fc.nat(600),
  }),
);

const scenario = fc.record({
  settings: fc.record({
    maxConcurrent: fc.integer({ min: 1, max: 8 }),
    startsPerSecond: fc.integer({ min: 1, max: 4 }),
  }),
  callMs: fc.integer({ min: 0, max: 90_000 }),
  scripts: fc.array(fc.array(fc.constantFrom(...outcomes), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 20,
  }),
  events: fc.array(event, { maxLength: 25 }),
  storeMoments: fc.array(fc.nat(11), { minLength: 1, maxLength: 9 }),
});

/** Most dials that fall into any window of one second. */
function fastestSecond(dials: readonly Dial[]): number {
  const times = dials.map(({ at }) => at.getTime());
  return Math.max(0, ...times.map((start) => times.filter((at) => at >= start && at < start + 1000).length));
}

/** Most calls that were in progress at the same time. */
function mostAtOnce(rings: readonly Dial[], callMs: number): number {
  const starts = rings.map(({ at }) => at.getTime());
  return Math.max(0, ...starts.map((at) => starts.filter((other) => other <= at && at < other + callMs).length));
}

/** Does the event, and checks what must hold while it lasts. */
async function play(world: DialingWorld, batchId: string, event: Event): Promise<void> {
  switch (event.kind) {
    case "advance":
      return world.clock.advance({ seconds: event.seconds });
    case "pause": {
      await world.pause(batchId);
      const rings = world.carrier.rings.length;
      await world.clock.advance({ minutes: 20 });
      return expect(world.carrier.rings.length).toBe(rings);
    }
    case "resume":
      return world.resume(batchId);
    case "do_not_call":
      await world.store.addDoNotCall(organizationId, [numberOf(event.recipient)], undefined, world.clock.now());
      return;
    case "dial_fault":
      world.carrier.faults.push(event.fault);
      return;
    case "told_again":
      world.carrier.tellEnd(world.carrier.rings[event.ring]?.token ?? "");
      return world.clock.settle();
    case "crash":
      return crash(world, dyingAt(event.atCall, event.when), event.downSeconds);
  }
}

async function crash(world: DialingWorld, gate: Gate, downSeconds: number): Promise<void> {
  await world.startUnawaited(gate);
  await world.clock.advance({ seconds: downSeconds });
  await world.start();
}

test("whatever happens, nobody is lost, called twice, called too often, too fast or at the wrong hour", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ settings, callMs, scripts, events, storeMoments }) => {
      const world = new DialingWorld({ settings });
      world.carrier.callMs = callMs;
      for (const [n, script] of scripts.entries()) world.carrier.script(numberOf(n + 1), ...script);
      await world.start({ gate: slowly(storeMoments) });
      const batchId = await world.addBatch({ recipients: scripts.length, rules, timezone });
      const lostForGood = events.filter(
        ({ kind, ...rest }) => kind === "dial_fault" && "fault" in rest && rest.fault === "lost_for_good",
      );

      for (const each of events) await play(world, batchId, each);
      await world.resume(batchId);
      await world.clock.advance({ days: 4 });

      const { rings, dials } = world.carrier;
      expect(new Set(rings.map(({ token }) => token)).size).toBe(rings.length);
      expect(fastestSecond(rings)).toBeLessThanOrEqual(settings.startsPerSecond);
      expect(mostAtOnce(rings, callMs)).toBeLessThanOrEqual(settings.maxConcurrent);
      expect(dials.filter(({ at }) => isQuiet(rules.quietHours, timezone, at))).toEqual([]);

      const tasks = await world.tasks(batchId);
      const attempts = await world.attempts(batchId);
      const { counts } = await world.facts(batchId);
      expect(counts).toMatchObject({ total: scripts.length, pending: 0, calling: 0 });
      expect(counts.completed + counts.failed + counts.unknown + counts.cancelled).toBe(scripts.length);
      expect(counts.unknown).toBeLessThanOrEqual(lostForGood.length);
      for (const task of tasks) {
        const own = attempts.filter(({ taskId }) => taskId === task.id);
        const heard = rings.filter(({ toNumber }) => toNumber === task.toNumber).length;
        expect(own.length).toBe(task.attemptCount);
        expect(task.attemptCount).toBeLessThanOrEqual(rules.retryConfig.maxAttempts);
        expect(heard).toBe(own.filter(({ outcome }) => outcome !== undefined).length);
        expect(task.status === "completed").toBe(own.some(({ outcome }) => outcome === "answered"));
      }
      expect((await world.batch(batchId)).status).toMatch(/^(completed|failed)$/);
    }),
    { numRuns: 300 },
  );
});
