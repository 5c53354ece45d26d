import assert from "node:assert/strict";
import { callerIdsFor, callerIdsOf } from "../../../src/domain/batch/caller-ids.ts";
import type { CallingRules } from "../../../src/domain/batch/plan.ts";
import { isQuiet } from "../../../src/domain/time/quiet-hours.ts";
import type { StoredAttempt, StoredTask } from "../../../src/service/store/records.ts";
import type { Dial } from "../carriers/scripted-carrier.ts";
import { DialingWorld, numberOf, organizationId } from "./dialing-world.ts";
import { dyingAt, slowly } from "./gated-store.ts";
import { type Event, type Scenario, scenarioOf } from "./simulation-scenario.ts";

const timezone = "America/New_York";
const maxAttempts = 3;
const rules: CallingRules = {
  retryConfig: { enabled: true, maxAttempts },
  retryRules: [
    { condition: "busy", enabled: true, timing: { kind: "after", minutes: 7 } },
    { condition: "no_answer", enabled: true, timing: { kind: "at", time: "13:00" } },
  ],
  quietHours: { enabled: true, start: "21:00", end: "08:00" },
};

/**
 * Plays the scenario of a seed, from the first dial to the end of every batch, and throws when somebody is lost, called
 * twice or too often, when a limit is exceeded, or when a phone rings at the wrong hour or after a pause. The same seed
 * is the same play.
 */
export async function simulate(seed: number): Promise<void> {
  const play = await createPlay(scenarioOf(seed));
  const watch = watchSteering(play);
  for (const event of play.scenario.events) {
    await perform(play, event);
    await watch.look(event.kind === "resume");
  }
  // What a clock that was set forward skipped is held by now, and somebody lets it go on; the second time, what a canary held.
  for (const _round of play.scenario.steering.canary ? [1, 2] : [1]) {
    play.world.dialer.wake();
    await play.world.clock.advance({ minutes: 1 });
    for (const batchId of play.batchIds) await play.world.resume(batchId);
    await play.world.clock.advance({ days: 4 });
    await watch.look(true);
  }
  judgeDials(play);
  for (const [index, batchId] of play.batchIds.entries()) await judgeBatch(play, index, batchId);
}

type Play = {
  readonly scenario: Scenario;
  readonly world: DialingWorld;
  readonly batchIds: readonly string[];
  /** Where in the list of dials the clock was set to another time. */
  readonly steps: number[];
};

async function createPlay(scenario: Scenario): Promise<Play> {
  const { settings, callMs, acceptMs, batches, storeMoments, steering, moreFromNumbers, passRestMs } = scenario;
  const world = new DialingWorld({ settings, passRestMs });
  Object.assign(world.carrier, { callMs, acceptMs });
  await world.start({ gate: slowly(storeMoments) });
  const batchIds: string[] = [];
  for (const [index, courses] of batches.entries()) {
    const tasks = courses.map(({ own, fallback }, n) => {
      const [toNumber, fallbackNumber] = [recipient(index, n + 1), fallbackOf(index, n + 1)];
      world.carrier.script(toNumber, ...own);
      if (!fallback) return { toNumber, variables: {} };
      world.carrier.script(fallbackNumber, ...fallback);
      return { toNumber, fallbackNumber, variables: {} };
    });
    const more = moreFromNumbers[index] ?? [];
    const callerIds = more.length > 0 ? { moreFromNumbers: more } : {};
    const own = { tasks, rules: { ...rules, ...callerIds, ...steeringRules(scenario) }, timezone };
    const batchId = await world.addBatch({ ...own, ...(steering.isCampaign && { campaignId: "campaign_1" }) });
    const { atOnce } = steering;
    if (atOnce !== undefined) await world.store.setPace(organizationId, batchId, { atOnce }, world.clock.now());
    batchIds.push(batchId);
  }
  return { scenario, world, batchIds, steps: [] };
}

function steeringRules({ steering: { canary, budget } }: Scenario): CallingRules {
  return {
    ...(canary && { canary: { ...canary, pauseIf: [] } }),
    ...(budget !== undefined && { stopWhen: { calls: budget } }),
  };
}

/**
 * Looks after each event at what is steered as one, a batch or all of them: nobody beyond a canary rings before it was judged, nor,
 * where it held, before somebody resumed a batch; no call is made beyond the budget, and none once it ended.
 */
function watchSteering({ world, batchIds, scenario }: Play) {
  const { isCampaign, canary, budget } = scenario.steering;
  const units = (isCampaign ? [batchIds] : batchIds.map((id) => [id])).map((ids) => ({
    ids,
    isResumed: false,
    ringsAtEnd: Number.NaN,
  }));
  return {
    async look(isResumed: boolean): Promise<void> {
      for (const unit of units) {
        unit.isResumed ||= isResumed;
        const batches = await Promise.all(unit.ids.map((id) => world.batch(id)));
        const tasks = new Set((await Promise.all(unit.ids.map((id) => world.tasks(id)))).flat().map(({ id }) => id));
        const called = world.carrier.rings.map(({ token }) => token.split(":")[0] ?? "").filter((id) => tasks.has(id));
        const verdict = batches.find(({ steering }) => steering?.canary)?.steering?.canary?.state;
        if (canary && (verdict === undefined || (verdict === "held" && !unit.isResumed)))
          assert.ok(new Set(called).size <= canary.count, `a canary of ${canary.count} was exceeded`);
        if (budget !== undefined) assert.ok(called.length <= budget, `${called.length} calls of a budget of ${budget}`);
        if (!batches.some(({ steering }) => steering?.stopped)) continue;
        if (Number.isNaN(unit.ringsAtEnd)) unit.ringsAtEnd = called.length;
        assert.equal(called.length, unit.ringsAtEnd, "called after the end of its campaign");
      }
    },
  };
}

/** The n-th recipient of a batch. */
function recipient(batch: number, n: number): string {
  return numberOf(100 * batch + n);
}

/** Their fallback number, where they have one; two batches have some of these in common. */
function fallbackOf(batch: number, n: number): string {
  return numberOf(50 + (n === 1 ? 0 : 100 * batch) + n);
}

async function perform(play: Play, event: Event): Promise<void> {
  const { world, batchIds } = play;
  switch (event.kind) {
    case "advance":
      return world.clock.advance({ seconds: event.seconds });
    case "pause":
      return pause(play, event.batch % batchIds.length);
    case "resume":
      return world.resume(batchIds[event.batch % batchIds.length] ?? "");
    case "do_not_call": {
      const number = (event.isFallback ? fallbackOf : recipient)(event.batch, event.recipient);
      await world.store.addDoNotCall(organizationId, [{ phoneNumber: number }], world.clock.now());
      await world.store.completeFinished(world.clock.now());
      return;
    }
    case "dial_fault":
      world.carrier.faults.push(event.fault);
      return;
    case "end_fault":
      world.carrier.endFaults.push(event.fault);
      return;
    case "look_ups_fail":
      world.carrier.failingLookUps = event.times;
      return;
    case "told_again":
      world.carrier.tellEnd(world.carrier.rings[event.ring]?.token ?? "");
      return world.clock.settle();
    case "clock_step":
      play.steps.push(world.carrier.dials.length);
      return world.clock.step(event.seconds);
    case "crash":
      await world.startUnawaited(dyingAt(event.atCall, event.when));
      await world.clock.advance({ seconds: event.downSeconds });
      return world.start();
  }
}

/** After the answer of a pause no dial of the batch starts. */
async function pause({ world, batchIds }: Play, index: number): Promise<void> {
  const ids = new Set((await world.tasks(batchIds[index] ?? "")).map(({ id }) => id));
  const ofBatch = (dials: readonly Dial[]): readonly Dial[] =>
    dials.filter(({ token }) => ids.has(token.split(":")[0] ?? ""));
  let isAnswered = false;
  const answer = world.pause(batchIds[index] ?? "").finally(() => {
    isAnswered = true;
  });
  // The answer waits for the dials on their way, which a clock that is set back holds up.
  for (await world.clock.settle(); !isAnswered; ) await world.clock.advance({ seconds: 10 });
  await answer;
  const before = ofBatch(world.carrier.dials).length;
  await world.clock.advance({ minutes: 20 });
  assert.equal(ofBatch(world.carrier.dials).length, before, "dialed after the answer of a pause");
}

/** Each call is from a caller id of its batch, and a person sees the same one again. */
async function judgeCallerIds(world: DialingWorld, batchId: string, attempts: readonly StoredAttempt[]): Promise<void> {
  const { fromNumber, rules: own } = await world.batch(batchId);
  const seen = new Map<string, string>();
  for (const { toNumber, fromNumber: calledFrom } of attempts) {
    assert.ok(
      callerIdsFor(toNumber, callerIdsOf(fromNumber, own.moreFromNumbers)).includes(calledFrom),
      "called from abroad",
    );
    assert.equal(calledFrom, seen.get(toNumber) ?? calledFrom, "called from another number than before");
    seen.set(toNumber, calledFrom);
  }
}

function judgeDials({ world, scenario, steps }: Play): void {
  const { rings, dials, mostOngoing } = world.carrier;
  const { settings } = scenario;
  assert.equal(new Set(rings.map(({ token }) => token)).size, rings.length, "an attempt rang twice");
  assert.ok(mostOngoing <= settings.maxConcurrent, `${mostOngoing} calls at once`);
  const atNight = dials.filter(({ at }) => isQuiet(rules.quietHours, timezone, at));
  assert.deepEqual(atNight, [], "dialed in quiet hours");
  // Seconds can only be compared between two settings of the clock.
  const bounds = [0, ...steps, dials.length];
  for (const [n, from] of bounds.entries()) {
    const starts = dials
      .slice(from, bounds[n + 1])
      .filter(({ fault }) => fault === undefined || fault === "lost_answer");
    for (const callerId of new Set(starts.map(({ fromNumber }) => fromNumber))) {
      const fastest = fastestSecond(starts.filter(({ fromNumber }) => fromNumber === callerId));
      assert.ok(fastest <= settings.startsPerSecond, `${fastest} starts within a second from ${callerId}`);
    }
  }
}

/** Most dials that fall into any window of one second. */
function fastestSecond(dials: readonly Dial[]): number {
  const times = dials.map(({ at }) => at.getTime());
  return Math.max(0, ...times.map((start) => times.filter((at) => at >= start && at < start + 1000).length));
}

async function judgeBatch({ world, scenario }: Play, index: number, batchId: string): Promise<void> {
  const total = scenario.batches[index]?.length ?? 0;
  const lostForGood = scenario.events.filter((event) => event.kind === "dial_fault" && event.fault === "lost_for_good");
  const { counts } = await world.facts(batchId);
  assert.deepEqual([counts.total, counts.pending, counts.calling], [total, 0, 0], "somebody was lost");
  assert.equal(counts.completed + counts.failed + counts.unknown + counts.cancelled, total, "the counts do not add up");
  assert.ok(counts.unknown <= lostForGood.length, "somebody is unknown whom the carrier knows");
  assert.match((await world.batch(batchId)).status, /^(completed|failed)$/);

  const attempts = await world.attempts(batchId);
  await judgeCallerIds(world, batchId, attempts);
  for (const task of await world.tasks(batchId)) {
    const own = attempts.filter(({ taskId }) => taskId === task.id);
    const rang = world.carrier.rings.filter(({ token }) => token.split(":")[0] === task.id).length;
    assert.equal(own.length, task.attemptCount, "an attempt was lost");
    await judgeNumbers(world, task, own);
    assert.equal(
      rang,
      own.filter(({ outcome }) => outcome !== undefined).length,
      "rang without a record, or not at all",
    );
    const answered = own.some(({ outcome }) => outcome === "answered");
    assert.equal(task.status === "completed", answered, "an answer was lost");
  }
}

/** Each number gets its attempts by the rules, the fallback number only after the first was not reached, and then it does. */
async function judgeNumbers(world: DialingWorld, task: StoredTask, own: readonly StoredAttempt[]): Promise<void> {
  const { toNumber, fallbackNumber, status } = task;
  const isFirst = own.map((attempt) => attempt.toNumber === toNumber);
  const first = own.filter((_attempt, n) => isFirst[n]);
  const second = own.slice(first.length);
  assert.ok(isFirst.lastIndexOf(true) === first.length - 1, "the first number was called after the fallback number");
  assert.ok(
    second.every((attempt) => attempt.toNumber === fallbackNumber),
    "a stranger was called",
  );
  assert.ok(first.length <= maxAttempts && second.length <= maxAttempts, "called too often");
  const last = first.at(-1)?.outcome;
  const isUnreached = last === "failed" || ((last === "busy" || last === "no_answer") && first.length === maxAttempts);
  if (second.length > 0) assert.ok(isUnreached, `the fallback number was called after ${last}`);
  if (fallbackNumber === undefined || !isUnreached || second.length > 0) return;
  if (task.reason?.startsWith("stop_when")) return;
  const listed = await world.store.findDoNotCall(organizationId, [toNumber, fallbackNumber]);
  assert.ok(listed.size > 0 && status !== "pending", "a fallback number was not called");
}
