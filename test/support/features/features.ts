import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createKillSwitch } from "../../../src/campaigns/records/kill-switch.ts";
import type { ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import { longFile, longRequest } from "../campaigns/long-list.ts";
import { usNumber } from "../us-numbers.ts";
import { certain, type Scene, testNumber, type Way } from "./scene.ts";

export type Feature = {
  readonly name: string;
  readonly service?: Partial<ServiceSettings>;
  /** Rejects where it does not hold. */
  readonly holds: (scene: Scene) => Promise<void>;
  /** Fields of the create that tell the API about it: where it is told, it is the API's to do. */
  readonly told?: readonly string[];
  /** In a few words, why it does not hold that way. */
  readonly why?: Partial<Record<Way, string>>;
  /** Where it holds, with what limit. */
  readonly but?: Partial<Record<Way, string>>;
};

const people = (count: number, first = 0): readonly string[] =>
  Array.from({ length: count }, (_, n) => usNumber(first + n));
const retryAfter = (minutes: number) => ({
  retry_config: { enabled: true, max_attempts: 2 },
  retry_rules: ["BUSY", "NO_ANSWER"].map((condition) => ({
    condition,
    enabled: true,
    retry_timing: { type: "AFTER", duration_minutes: minutes },
  })),
});
const numbersOf = (scene: Scene) => scene.rings().map(({ toNumber }) => toNumber);
const hourOf = (scene: Scene, number: string) =>
  scene
    .rings()
    .find(({ toNumber }) => toNumber === number)
    ?.at.toISOString()
    .slice(0, 16);
const few = { maxConcurrent: 3 } as const;
const noBrake = "no documented route stops a batch that runs: the answer says `unsupported` and names `hosted`";
const withTheProvider = "calls that are with the provider can still ring, and the answer says how many";
const callsAll = "refused: the API calls everybody at its own pace";
const oneClock = "the API has one clock for all, so it is refused";

async function started(scene: Scene, numbers: readonly string[], changes: object = {}): Promise<string> {
  const id = await scene.create(numbers, changes);
  await scene.start(id);
  await scene.world.clock.advance({ seconds: 1 });
  return id;
}

/** Nothing rings any more; who waited still waits. */
async function staysQuiet(scene: Scene, id: string): Promise<number> {
  const before = scene.rings().length;
  await scene.world.clock.advance({ hours: 1 });
  assert.equal(scene.rings().length, before, "phones rang after the answer");
  return (await scene.status(id)).counts.pending;
}

export const features: readonly Feature[] = [
  {
    name: "pause",
    service: few,
    async holds(scene) {
      const id = await started(scene, people(9));
      await scene.world.whileTimePasses(scene.world.tool("pause_batch", { batch_id: id }));
      assert.ok((await staysQuiet(scene, id)) > 0);
    },
    but: { hosted: withTheProvider },
    why: { direct: noBrake },
  },
  {
    name: "resume",
    service: few,
    async holds(scene) {
      const id = await started(scene, people(9));
      await scene.world.whileTimePasses(scene.world.tool("pause_batch", { batch_id: id }));
      await scene.world.clock.advance({ hours: 1 });
      await scene.world.whileTimePasses(scene.world.tool("resume_batch", { batch_id: id }));
      await scene.world.clock.advance({ hours: 1 });
      assert.deepEqual(numbersOf(scene).toSorted(), people(9).toSorted());
    },
    why: { direct: "nothing is paused" },
  },
  {
    name: "cancel",
    service: few,
    async holds(scene) {
      const id = await started(scene, people(9));
      await scene.world.whileTimePasses(scene.world.tool("cancel_batch", { batch_id: id }));
      await staysQuiet(scene, id);
      assert.equal((await scene.status(id)).status, "cancelled");
    },
    but: { hosted: withTheProvider },
    why: { direct: noBrake },
  },
  {
    name: "`stop-all`, of a batch that runs",
    service: few,
    async holds(scene) {
      const id = await started(scene, people(9));
      createKillSwitch(scene.world.database).set(true, "operator", scene.world.clock.now());
      await scene.world.clock.advance({ seconds: 1 });
      await staysQuiet(scene, id);
    },
    why: { direct: "nothing more is started, and drafts are held; what runs at the provider goes on" },
  },
  {
    name: "start at a time",
    async holds(scene) {
      const id = await scene.create(people(2));
      const at = { batch_id: id, start: "at_time", start_at: "2026-03-02T16:00", timezone: "America/New_York" };
      await scene.world.whileTimePasses(scene.world.tool("start_batch", at));
      await scene.world.clock.advance({ hours: 3 });
      assert.equal(scene.rings().length, 0);
      await scene.world.clock.advance({ hours: 2 });
      assert.equal(hourOf(scene, usNumber(0)), "2026-03-02T21:00");
      assert.equal(scene.rings().length, 2);
    },
  },
  {
    name: "a schedule that is changed or taken back",
    async holds(scene) {
      const id = await scene.create(people(2));
      const at = { batch_id: id, start: "at_time", start_at: "2026-03-02T16:00", timezone: "America/New_York" };
      await scene.world.whileTimePasses(scene.world.tool("start_batch", at));
      await scene.world.whileTimePasses(scene.world.tool("pause_batch", { batch_id: id }));
      await scene.world.clock.advance({ hours: 6 });
      assert.equal(scene.rings().length, 0);
    },
  },
  {
    name: "retries by outcome",
    told: ["retry_config", "retry_rules"],
    async holds(scene) {
      await started(scene, [certain.busy, certain.noAnswer, certain.voicemail, certain.answers], retryAfter(5));
      await scene.world.clock.advance({ minutes: 30 });
      const wanted = [
        certain.busy,
        certain.busy,
        certain.noAnswer,
        certain.noAnswer,
        certain.voicemail,
        certain.answers,
      ];
      assert.deepEqual(numbersOf(scene).toSorted(), wanted.toSorted());
    },
  },
  {
    name: "`voicemail`, taken as done",
    async holds(scene) {
      const rules = { voicemail: { mode: "accept" }, retry_config: { enabled: true, max_attempts: 2 } };
      const id = await started(scene, [certain.voicemail, certain.busy], rules);
      await scene.world.clock.advance({ hours: 3 });
      assert.deepEqual(numbersOf(scene).toSorted(), [certain.busy, certain.busy, certain.voicemail]);
      assert.equal((await scene.results(id))[0]?.["status"], "completed");
    },
    why: { direct: "refused where its retry rules would call again after one" },
  },
  {
    name: "`voicemail`, a message that is left",
    async holds(scene) {
      const rules = { voicemail: { mode: "leave_message", message: "Please call us back." } };
      const id = await started(scene, [certain.voicemail], rules);
      await scene.world.clock.advance({ minutes: 10 });
      assert.equal((await scene.results(id))[0]?.["message_left"], true);
    },
    why: {
      hosted: "refused before anything is made: the message is set at the agent",
      direct: "the same",
    },
  },
  {
    name: "quiet hours of the batch",
    told: ["quiet_hours"],
    async holds(scene) {
      const quiet = { enabled: true, start_time: "11:00", end_time: "14:00", timezone: "America/New_York" };
      await started(scene, people(1), { quiet_hours: quiet });
      await scene.world.clock.advance({ hours: 4 });
      assert.equal(hourOf(scene, usNumber(0)), "2026-03-02T19:00");
    },
  },
  {
    name: "each recipient's own hours",
    async holds(scene) {
      const [newYork, losAngeles] = [usNumber(0), "+12135550102"];
      const theirTime = { start: "at_time", start_at: "2026-03-03T10:00", timezone: "recipient" };
      await scene.world.whileTimePasses(scene.create([newYork, losAngeles], theirTime));
      await scene.world.clock.advance({ days: 2 });
      const hours = [hourOf(scene, newYork), hourOf(scene, losAngeles)];
      assert.deepEqual(hours, ["2026-03-03T15:00", "2026-03-03T18:00"]);
    },
    why: { direct: oneClock },
  },
  {
    name: "a do-not-call entry drops who waits",
    service: few,
    async holds(scene) {
      const id = await started(scene, people(9));
      const listed = people(9).find((number) => !numbersOf(scene).includes(number)) ?? usNumber(8);
      const entry = { action: "add", numbers: [listed] };
      await scene.world.whileTimePasses(scene.world.tool("update_do_not_call_list", entry));
      await scene.world.clock.advance({ hours: 2 });
      assert.ok(!numbersOf(scene).includes(listed), "the listed number rang");
      assert.equal((await scene.status(id)).counts.cancelled, 1);
    },
    why: { direct: "listed numbers are left out of new batches; the API has no such list" },
  },
  {
    name: "an opt-out on the phone",
    async holds(scene) {
      const other = await scene.create([certain.optsOut, usNumber(1)], { name: "Other" });
      await started(scene, [certain.optsOut]);
      await scene.world.clock.advance({ minutes: 5 });
      assert.equal((await scene.status(other)).counts.cancelled, 1);
      const { listed } = await scene.world.tool("check_do_not_call", { numbers: [certain.optsOut] });
      assert.equal(listed.length, 1);
    },
    why: { direct: "shown among the answers; nobody acts on it" },
    but: { hosted: "as an answer `opt_out` of the agent's own analysis" },
  },
  {
    name: "a call-back time",
    async holds(scene) {
      await started(scene, [certain.callBack], retryAfter(5));
      await scene.world.clock.advance({ hours: 4 });
      assert.equal(scene.rings().length, 2);
      const [first, second] = scene.rings();
      const hours = ((second?.at.getTime() ?? 0) - (first?.at.getTime() ?? 0)) / 3_600_000;
      assert.ok(hours > 1, `called back after ${hours} h`);
    },
    why: { direct: "shown among the answers; nobody acts on it" },
    but: { hosted: "as an answer `call_back_at` of the agent's own analysis" },
  },
  {
    name: "a wrong number is final, its fallback number is called",
    async holds(scene) {
      const tasks = [{ to_number: certain.wrongNumber, fallback_number: certain.answers }];
      await started(scene, [], { tasks, ...retryAfter(5) });
      await scene.world.clock.advance({ hours: 2 });
      assert.deepEqual(numbersOf(scene), [certain.wrongNumber, certain.answers]);
    },
    why: { direct: "shown among the answers; fallback numbers are not sent" },
    but: { hosted: "as an answer `wrong_number` of the agent's own analysis" },
  },
  {
    name: "a fallback number",
    async holds(scene) {
      const tasks = [{ to_number: certain.noAnswer, fallback_number: certain.answers }];
      const id = await started(scene, [], { tasks });
      await scene.world.clock.advance({ hours: 2 });
      assert.deepEqual(numbersOf(scene), [certain.noAnswer, certain.answers]);
      assert.equal((await scene.results(id))[0]?.["fallback_attempts"], 1);
    },
    why: { direct: "left out with a warning: no page documents it" },
  },
  {
    name: "calls at once, and calls a second",
    service: { maxConcurrent: 2, startsPerSecond: 1 },
    async holds(scene) {
      await started(scene, people(6));
      assert.ok(scene.rings().length <= 2, `${scene.rings().length} at once`);
      await scene.world.clock.advance({ hours: 1 });
      const times = scene.rings().map(({ at }) => at.getTime());
      assert.equal(times.length, 6);
      const closest = Math.min(...times.slice(1).map((at, n) => at - (times[n] ?? 0)));
      assert.ok(closest >= 900, `${closest} ms apart`);
    },
    why: { direct: "the provider's own pace" },
  },
  {
    name: "a canary: few people first, the others when a person resumes",
    async holds(scene) {
      const id = await started(scene, people(6), { canary: { count: 2 } });
      await scene.world.clock.advance({ hours: 1 });
      assert.equal(scene.rings().length, 2);
      await scene.world.whileTimePasses(scene.world.tool("resume_batch", { batch_id: id }));
      await scene.world.clock.advance({ hours: 1 });
      assert.deepEqual(numbersOf(scene).toSorted(), people(6).toSorted());
    },
    why: { direct: callsAll },
  },
  {
    name: "`stop_when`: an end after so many calls, at a time, or by outcomes",
    service: few,
    async holds(scene) {
      const left = async (name: string, first: number, stop_when: object): Promise<number> => {
        const id = await started(scene, [certain.answers, ...people(8, first)], { name, stop_when });
        await scene.world.clock.advance({ hours: 1 });
        const { is_final: isFinal, counts } = await scene.status(id);
        assert.ok(isFinal, JSON.stringify(counts));
        return counts.cancelled;
      };
      assert.equal(await left("By calls", 20, { calls: 2 }), 7);
      assert.ok((await left("By outcome", 40, { outcome: "answered", count: 1 })) > 0);
      const soon = new Date(scene.world.clock.now().getTime() + 10_000).toISOString();
      assert.ok((await left("By time", 60, { at: soon })) > 0);
    },
    why: { direct: callsAll },
  },
  {
    name: "a pace of the batch's own, also while it runs",
    service: few,
    async holds(scene) {
      const id = await scene.create(people(6));
      await scene.world.tool("update_batch", { batch_id: id, pace: { at_once: 1 } });
      await scene.start(id);
      await scene.world.clock.advance({ seconds: 1 });
      assert.equal(scene.rings().length, 1);
      await scene.world.tool("update_batch", { batch_id: id, pace: { at_once: 3 } });
      await scene.world.clock.advance({ seconds: 1 });
      assert.ok(scene.rings().length > 1);
    },
    why: { direct: callsAll },
  },
  {
    name: "results: row, outcome, reason",
    async holds(scene) {
      const all = [certain.answers, certain.noAnswer, certain.busy, certain.voicemail];
      const id = await started(scene, all);
      await scene.world.clock.advance({ minutes: 10 });
      const rows = await scene.results(id);
      assert.deepEqual(
        rows.map(({ row, outcome }) => [row, outcome]),
        [
          [1, "answered"],
          [2, "no_answer"],
          [3, "busy"],
          [4, "voicemail"],
        ],
      );
      assert.match(String(rows[1]?.["reason"]), /no.answer/);
    },
  },
  {
    name: "results of a call that could not be placed",
    async holds(scene) {
      const id = await started(scene, [certain.failed]);
      await scene.world.clock.advance({ minutes: 10 });
      const [row] = await scene.results(id);
      assert.equal(row?.["status"], "failed");
      assert.ok(row?.["reason"]);
      assert.equal(row?.["outcome"], "failed");
    },
    why: { direct: "status and reason; no outcome, since there is no call that tells one" },
  },
  {
    name: "results: attempts, and each of them",
    told: [],
    async holds(scene) {
      const id = await started(scene, [certain.busy], retryAfter(5));
      await scene.world.clock.advance({ minutes: 30 });
      assert.equal((await scene.results(id))[0]?.["attempts"], 2);
    },
    why: { direct: "no field tells them: the last call is shown" },
  },
  {
    name: "answers, counted and in results",
    async holds(scene) {
      const asked = { answers_wanted: [{ name: "confirmed", meaning: "Do they come?", choices: ["yes"] }] };
      const id = await started(scene, [certain.answers], scene.way === "simulated" ? asked : {});
      await scene.world.clock.advance({ minutes: 10 });
      assert.equal((await scene.status(id)).answers?.[0]?.name, "confirmed");
      assert.ok((await scene.results(id))[0]?.["answers"]);
    },
  },
  {
    name: "`answers_wanted`",
    async holds(scene) {
      await scene.create(people(1), { answers_wanted: [{ name: "confirmed", meaning: "Do they come?" }] });
    },
    why: {
      hosted: "refused before anything is made: answers are what the agent's own analysis is set to find",
      direct: "the same",
    },
  },
  {
    name: "export",
    async holds(scene) {
      const id = await started(scene, [certain.answers, certain.busy]);
      await scene.world.clock.advance({ minutes: 10 });
      const { path, rows } = await scene.world.tool("export_batch_results", { batch_id: id });
      assert.equal(rows, 2);
      const text = await readFile(path, "utf8");
      assert.match(text, /answered/);
      assert.match(text, /busy/);
    },
  },
  {
    name: "transcript and summary",
    async holds(scene) {
      const id = await started(scene, [certain.answers]);
      await scene.world.clock.advance({ minutes: 10 });
      const [row] = await scene.results(id);
      const { call } = await scene.world.tool("get_call", { call_id: row?.["call_id"] });
      assert.ok(call.transcript && call.summary);
    },
  },
  {
    name: "recording",
    async holds(scene) {
      const id = await started(scene, [certain.answers]);
      await scene.world.clock.advance({ minutes: 10 });
      const [row] = await scene.results(id);
      const { call } = await scene.world.tool("get_call", { call_id: row?.["call_id"] });
      assert.ok(call.recording_url);
    },
    why: { simulated: "nobody speaks" },
  },
  {
    name: "a test call",
    async holds(scene) {
      const id = await scene.create(people(2));
      const test = { batch_id: id, row: 1, to_number: testNumber };
      await scene.world.whileTimePasses(scene.world.tool("test_call", test));
      await scene.world.clock.advance({ minutes: 5 });
      assert.deepEqual(numbersOf(scene), [testNumber]);
    },
  },
  {
    name: "more than 1,000 people as one campaign",
    service: { maxConcurrent: 500, startsPerSecond: 500 },
    async holds(scene) {
      await scene.world.file("long.csv", longFile(1005));
      const { batch } = await scene.world.tool("create_batch_call", longRequest());
      assert.equal(batch.parts.length, 2);
      assert.equal((await scene.status(batch.batch_id)).counts.total, 1005);
    },
  },
  {
    name: "more people or other rules, while it runs",
    service: few,
    async holds(scene) {
      const id = await started(scene, people(4));
      const longer = { batch_id: id, retry_config: { enabled: true, max_attempts: 3 } };
      await scene.world.whileTimePasses(scene.world.tool("pause_batch", { batch_id: id }));
      await scene.world.whileTimePasses(scene.world.tool("update_batch", longer));
    },
    why: { direct: "nothing is paused; drafts can be changed" },
  },
  {
    name: "`purpose` and `consent_basis`, kept",
    async holds(scene) {
      const said = { purpose: "reminders", consent_basis: "agreed on the form" };
      const id = await scene.create(people(1), said);
      const { purpose, consent_basis } = await scene.status(id);
      assert.deepEqual({ purpose, consent_basis }, said);
    },
  },
  {
    name: "who was not reached, as the next batch",
    async holds(scene) {
      const id = await started(scene, [certain.answers, certain.busy, certain.noAnswer]);
      await scene.world.clock.advance({ minutes: 10 });
      const again = { tasks: undefined, from_batch: { batch_id: id } };
      const next = await scene.create([], { name: "Again", ...again });
      assert.equal((await scene.status(next)).counts.total, 2);
    },
  },
  {
    name: "a number is called by one batch at a time, hours apart",
    service: { minHoursBetweenBatches: 24 },
    async holds(scene) {
      await started(scene, [certain.answers], { name: "First" });
      await scene.world.clock.advance({ hours: 1 });
      await started(scene, [certain.answers], { name: "Second" });
      await scene.world.clock.advance({ hours: 1 });
      assert.equal(scene.rings().length, 1);
      await scene.world.clock.advance({ hours: 24 });
      assert.equal(scene.rings().length, 2);
    },
    why: { direct: "the second start is refused, and waits for nothing" },
  },
];
