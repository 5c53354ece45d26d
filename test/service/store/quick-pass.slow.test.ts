import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CallingRules } from "../../../src/domain/batch/plan.ts";
import { openDatabase } from "../../../src/lib/sqlite.ts";
import { createOpenHours } from "../../../src/service/dialing/open-hours.ts";
import type { Claim } from "../../../src/service/store/dial-store.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { type BatchSetup, DialingWorld, numberOf } from "../../support/dialing/dialing-world.ts";
import { PlainPass } from "../../support/dialing/plain-pass.ts";

const minuteMs = 60_000;
const quiet = (start: string, end: string, zone: string) => ({ quietHours: { enabled: true, start, end, zone } });
/** About the time at which the histories begin: 15:00 UTC. */
const manyRules: readonly CallingRules[] = [
  {},
  {},
  quiet("15:05", "16:30", "Etc/UTC"),
  quiet("12:00", "15:10", "Etc/UTC"),
  quiet("21:00", "09:00", "America/New_York"),
  { quietHours: { enabled: true, start: "00:00", end: "06:00", notOn: ["2026-03-02"] } },
  { canary: { count: 1, pauseIf: [], afterwards: "pause" } },
  { stopWhen: { calls: 3 } },
  { stopWhen: { atMs: Date.parse("2026-03-02T15:20:00Z") }, ...quiet("15:10", "17:00", "Europe/Berlin") },
];

const some = fc.nat(1000);
const elsewhere = fc.nat(9).map((n) => n === 0);
const minutes = fc.integer({ min: -1, max: 20 });
const adding = fc.record({
  kind: fc.constant("add"),
  rules: some,
  hour: some,
  of: some,
  people: fc.integer({ min: 1, max: 5 }),
});
const step = fc.oneof(
  { weight: 1, arbitrary: adding },
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant("claim"), limit: fc.integer({ min: 1, max: 6 }), isUndone: elsewhere }),
  },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant("dial"), of: some }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant("end"), of: some, minutes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release"), of: some, minutes }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant("time"), seconds: fc.integer({ min: -10, max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("time"), seconds: fc.integer({ min: -400, max: 600 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause"), of: some, elsewhere }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("resume"), of: some, elsewhere }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rules"), of: some, rules: some, elsewhere }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("redate"), of: some, minutes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("steps") }) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.record({ kind: fc.constant("cancel"), of: some, elsewhere }),
      fc.record({ kind: fc.constant("switch"), of: some, isOn: fc.boolean(), elsewhere }),
      fc.record({ kind: fc.constant("delete"), of: some, elsewhere }),
      fc.record({ kind: fc.constant("end_grant"), of: some, elsewhere }),
      fc.record({ kind: fc.constant("people"), of: some, people: fc.integer({ min: 1, max: 4 }), elsewhere }),
      fc.record({ kind: fc.constant("caller"), of: some, number: fc.nat(3), elsewhere }),
      fc.record({ kind: fc.constant("pace"), of: some, number: fc.nat(3), elsewhere }),
      fc.record({ kind: fc.constant("time"), seconds: fc.integer({ min: -80_000, max: 80_000 }) }),
    ),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type NotAnEdit = "add" | "claim" | "time" | "steps" | "switch" | "dial" | "end" | "release";

/** A store that keeps the batches in memory, another one on the same file, and what looks at all of it each time. */
class Twice {
  readonly #home = mkdtempSync(join(tmpdir(), "quick-pass-"));
  readonly #path = join(this.#home, "store.sqlite");
  readonly store: Store = openSqliteStore(this.#path);
  readonly #elsewhere: Store = openSqliteStore(this.#path);
  readonly #world: DialingWorld;
  readonly #hours;
  readonly #plainDatabase = openDatabase(this.#path);
  readonly #plain = new PlainPass(this.#plainDatabase);
  readonly #watcher = openDatabase(this.#path);
  readonly #version = this.#watcher.prepare("PRAGMA data_version");
  readonly #ids: { id: string; organizationId: string }[] = [];
  #open: Claim[] = [];
  #numbers = 1;

  constructor(
    settings: { maxConcurrent: number; maxConcurrentPerBatch: number; startsPerSecond: number },
    ringsWithinMs: number,
  ) {
    this.#world = new DialingWorld({ store: this.store, settings });
    this.#hours = createOpenHours(ringsWithinMs);
  }

  get #now(): Date {
    return this.#world.clock.now();
  }

  #later(minutes: number): Date {
    return new Date(this.#now.getTime() + minutes * minuteMs);
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.#elsewhere.close();
    this.#plainDatabase.close();
    this.#watcher.close();
    rmSync(this.#home, { recursive: true });
  }

  async do(asked: Step): Promise<void> {
    await this.#change(asked);
    await this.#compare();
  }

  async #compare(): Promise<void> {
    const now = this.#now;
    const query = { now, opensAt: this.#hours.opensAt };
    const { left: _, ...steps } = await this.store.dueSteps(now);
    expect(steps).toEqual(this.#plain.dueSteps(now));
    const due = await this.store.batchesDue(now, this.#hours.isOpen);
    expect(due.map(({ id }) => id)).toEqual(this.#plain.batchesDue(now, this.#hours.isOpen));
    expect(await this.store.nextDueAt(query)).toEqual(this.#plain.nextDueAt(query));
  }

  async #claim(limit: number, isUndone: boolean): Promise<void> {
    const request = { now: this.#now, isOpen: this.#hours.isOpen, ...this.#world.settings, limit };
    const version = this.#version.get();
    const expected = this.#plain.claim(request);
    // What was undone is no change that another connection sees, or the memory would be read again each time.
    expect(this.#version.get()).toEqual(version);
    const claiming = this.store.claim(request);
    // In the same transaction, which is undone for it; what the other one asked for is done again.
    if (isUndone) await expect(this.store.markDialing({} as Claim, this.#now, 1)).rejects.toThrow();
    const { claims, ...rest } = await claiming;
    const calls = claims.map(({ attempt }) => [attempt.token, attempt.fromNumber]);
    expect({ ...rest, calls }).toEqual(expected);
    this.#open.push(...claims);
  }

  async #change(asked: Step): Promise<void> {
    const { kind } = asked;
    if (kind === "add") await this.#add(asked);
    else if (kind === "claim") await this.#claim(asked.limit, asked.isUndone);
    else if (kind === "time") await this.#world.clock.step(asked.seconds);
    else if (kind === "steps") await this.#startAndHold();
    else if (kind === "switch") {
      const whose = asked.of % 5 === 0 ? "*" : `org_${asked.of % 2}`;
      await (asked.elsewhere ? this.#elsewhere : this.store).setKillSwitch(whose, asked.isOn, "stopped", this.#now);
    } else if (kind === "dial" || kind === "end" || kind === "release") await this.#goOn(asked);
    else await this.#edit(asked);
  }

  async #add({ rules, hour, of, people }: Extract<Step, { kind: "add" }>): Promise<void> {
    const organizationId = `org_${of % 2}`;
    const setup: BatchSetup = {
      organizationId,
      recipients: people,
      firstNumber: this.#numbers,
      rules: manyRules[rules % manyRules.length] ?? {},
      timezone: of % 2 === 0 ? "America/New_York" : "Asia/Tokyo",
      fromNumber: `+1415555010${of % 4}`,
      ...(of % 7 === 0 && { campaignId: `campaign_${organizationId}` }),
      ...(hour % 5 === 0 && { scheduledAt: this.#later((hour % 30) + 1) }),
      ...(hour % 4 === 0 && { agreedUntil: this.#later((hour % 40) + 1) }),
    };
    this.#numbers += people;
    this.#ids.push({ organizationId, id: await this.#world.addBatch(setup) });
  }

  /** As a pass does. */
  async #startAndHold(): Promise<void> {
    const { toStartOrHold, steered } = await this.store.dueSteps(this.#now);
    for (const batch of toStartOrHold) {
      if (batch.status === "scheduled") await this.store.startScheduled(batch.id, this.#now);
      else await this.store.hold(batch, () => "held", this.#now);
    }
    for (const batch of steered) await this.store.steer(batch, this.#now);
  }

  async #goOn(asked: Extract<Step, { kind: "dial" | "end" | "release" }>): Promise<void> {
    const claim = this.#open[asked.of % this.#open.length];
    if (!claim) return;
    const now = this.#now;
    if (asked.kind === "dial") return void (await this.store.markDialing(claim, now, 100));
    this.#open = this.#open.filter((other) => other !== claim);
    const dueAt = this.#later(asked.minutes);
    if (asked.kind === "release") return this.store.release(claim, "not_now", now, dueAt);
    const result = { outcome: "busy", startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 } as const;
    const next = asked.of % 2 === 0 ? ({ kind: "retry", dueAt, reason: "busy" } as const) : final;
    await this.store.complete(claim, result, next, now);
  }

  async #edit(asked: Exclude<Step, { kind: NotAnEdit }>): Promise<void> {
    const one = this.#ids[asked.of % this.#ids.length];
    if (!one) return;
    const { organizationId, id } = one;
    const now = this.#now;
    if (asked.kind === "redate") {
      const dueMs = now.getTime() + asked.minutes * minuteMs;
      const redate = this.#plainDatabase.prepare(
        "UPDATE tasks SET due_at = ? WHERE batch_id = ? AND status = 'pending'",
      );
      redate.run(dueMs, id);
      return;
    }
    const store = asked.elsewhere ? this.#elsewhere : this.store;
    const expected = { status: ["scheduled", "sent"] } as const;
    if (asked.kind === "cancel") return void (await store.cancelBatch(organizationId, id, expected, now));
    if (asked.kind === "delete") return void (await store.deleteBatch(organizationId, id, expected));
    if (asked.kind === "pace")
      return store.setPace(organizationId, id, { perSecond: asked.number + 1, atOnce: 2 }, now);
    if (asked.kind === "people") {
      const tasks = Array.from({ length: asked.people }, (_, n) => ({
        toNumber: numberOf(this.#numbers + n),
        variables: {},
        row: n + 1,
      }));
      this.#numbers += asked.people;
      return void (await store.changeBatch(organizationId, id, expected, () => ({ grant: agreed }), now, tasks));
    }
    const change = {
      end_grant: { grant: { kind: "end", why: "over" } },
      caller: { fromNumber: `+1415555010${"number" in asked ? asked.number : 0}`, grant: agreed },
      pause: { isPaused: true, pausedAt: now, grant: { kind: "suspend", why: "paused" } },
      resume: { isPaused: false, pausedAt: undefined, grant: agreed },
      rules: { rules: manyRules["rules" in asked ? asked.rules % manyRules.length : 0] ?? {}, grant: agreed },
    } as const;
    await store.changeBatch(organizationId, id, expected, () => change[asked.kind], now);
  }
}

const final = { kind: "final", status: "failed", reason: "busy" } as const;

test("what a pass is told quickly is what looking at everything tells, whatever happened", async () => {
  const settings = fc.record({
    maxConcurrent: fc.integer({ min: 1, max: 6 }),
    maxConcurrentPerBatch: fc.integer({ min: 1, max: 3 }),
    startsPerSecond: fc.integer({ min: 1, max: 4 }),
  });
  const history = fc
    .tuple(fc.array(adding, { minLength: 6, maxLength: 14 }), fc.array(step, { minLength: 20, maxLength: 80 }))
    .map(([first, others]) => [...first, ...others]);
  await fc.assert(
    fc.asyncProperty(settings, fc.constantFrom(0, minuteMs), history, async (limits, ringsWithinMs, steps) => {
      const twice = new Twice(limits, ringsWithinMs);
      try {
        for (const one of steps) await twice.do(one);
      } finally {
        await twice.close();
      }
    }),
    // A history takes long to make smaller; the seed is told.
    { numRuns: Number(process.env["QUICK_PASS_RUNS"] ?? 25), endOnFailure: true },
  );
});
