import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CallResult, DialRequest } from "../../../src/contract/records.ts";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import { openDatabase } from "../../../src/lib/sqlite.ts";
import type { DirectCarrier } from "../../../src/service/carriers/carrier.ts";
import { openSimulatedLedger } from "../../../src/service/carriers/simulated/ledger.ts";
import { createSimulatedCarrier } from "../../../src/service/carriers/simulated/simulated-carrier.ts";
import { numberOf } from "../../support/dialing/dialing-world.ts";
import { TestClock } from "../../support/test-clock.ts";

const directories: string[] = [];
let clock: TestClock;
let path: string;
let told: [string, CallResult][];
let open: DirectCarrier[];

beforeEach(async () => {
  clock = new TestClock("2026-03-02T15:00:00Z");
  path = await newPath();
  told = [];
  open = [];
});

afterEach(async () => {
  for (const carrier of open) carrier.close();
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

async function newPath(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "batch-call-carrier-"));
  directories.push(directory);
  return join(directory, "carrier.sqlite");
}

function openCarrier({
  path: at = path,
  ...setup
}: {
  path?: string;
  seed?: number;
  speed?: number;
} = {}): DirectCarrier {
  const carrier = createSimulatedCarrier({ ledger: openSimulatedLedger(at), clock, seed: 1, speed: 1, ...setup });
  carrier.onEnded((token, result) => {
    if (result === "unknown" || result === "not_now") throw new Error(`The simulated carrier gave ${token} up`);
    told.push([token, result]);
  });
  open.push(carrier);
  return carrier;
}

/** Ends a carrier without a goodbye; its ledger stays as it is. */
function kill(carrier: DirectCarrier): void {
  carrier.close();
  open = open.filter((other) => other !== carrier);
}

function request(toNumber: string, token = `task_${toNumber}:1`, variables = {}): DialRequest {
  return { token, callId: `call_${token}`, fromNumber: "+14155550100", toNumber, agentId: "agent_1", variables };
}

async function resultsOf(count: number, setup: { seed?: number; speed?: number } = {}): Promise<CallResult[]> {
  told = [];
  const carrier = openCarrier({ path: await newPath(), ...setup });
  for (let n = 1; n <= count; n += 1) await carrier.dial(request(numberOf(n)));
  await clock.advance({ minutes: 3 });
  return told.sort(([a], [b]) => a.localeCompare(b)).map(([, result]) => result);
}

const shape = ({ outcome, ringMs, talkMs }: CallResult): unknown => [outcome, ringMs, talkMs];

test("a call ends after its ring and talk time, and is told once", async () => {
  const carrier = openCarrier();
  await carrier.dial(request("+12025550101"));
  expect(await carrier.lookUp("task_+12025550101:1")).toEqual({ state: "ongoing" });
  await clock.advance({ hours: 1 });
  expect(told).toHaveLength(1);
  const [token, result] = told[0] ?? [];
  expect(token).toBe("task_+12025550101:1");
  expect(result && result.endedAt.getTime() - result.startedAt.getTime()).toBe(
    (result?.ringMs ?? 0) + (result?.talkMs ?? 0),
  );
  expect(await carrier.lookUp("task_+12025550101:1")).toEqual({ state: "ended", result });
});

test.each<[string, Outcome]>([
  ["+12025550101", "answered"],
  ["+12025550102", "no_answer"],
  ["+12025550103", "busy"],
  ["+12025550104", "voicemail"],
  ["+12025550105", "failed"],
])("%s always ends as %s", async (toNumber, outcome) => {
  const carrier = openCarrier();
  for (let n = 1; n <= 20; n += 1) await carrier.dial(request(toNumber, `task_${n}:1`));
  await clock.advance({ minutes: 3 });
  expect(new Set(told.map(([, result]) => result.outcome))).toEqual(new Set([outcome]));
});

test("outcomes and durations are as in life", async () => {
  const results = await resultsOf(3000);
  const share = (outcome: Outcome): number =>
    results.filter((result) => result.outcome === outcome).length / results.length;
  for (const [outcome, expected] of [
    ["answered", 0.55],
    ["no_answer", 0.25],
    ["voicemail", 0.09],
    ["busy", 0.08],
    ["failed", 0.03],
  ] as const) {
    expect(Math.abs(share(outcome) - expected)).toBeLessThan(0.03);
  }
  for (const { outcome, ringMs, talkMs } of results) {
    expect(ringMs === 0 || (ringMs >= 4_000 && ringMs <= 25_000)).toBe(true);
    expect(outcome === "answered" ? talkMs >= 15_000 && talkMs <= 90_000 : talkMs === 0).toBe(true);
  }
});

test("the same seed gives the same list the same calls, another seed others", async () => {
  const first = (await resultsOf(60)).map(shape);
  expect((await resultsOf(60)).map(shape)).toEqual(first);
  expect((await resultsOf(60, { seed: 2 })).map(shape)).not.toEqual(first);
});

test("a number that is called again can end otherwise", async () => {
  const carrier = openCarrier();
  for (let n = 1; n <= 20; n += 1) await carrier.dial(request(numberOf(1), `task_1:${n}`));
  await clock.advance({ minutes: 3 });
  expect(new Set(told.map(([, { outcome }]) => outcome)).size).toBeGreaterThan(1);
});

test("speed divides ring and talk times", async () => {
  const slow = await resultsOf(30);
  const fast = await resultsOf(30, { speed: 100 });
  expect(fast.map(({ ringMs, talkMs }) => [ringMs, talkMs])).toEqual(
    slow.map(({ ringMs, talkMs }) => [Math.round(ringMs / 100), Math.round(talkMs / 100)]),
  );
});

test("a message is left on a voicemail, and is known as left after a restart", async () => {
  const dial = { token: "a:1", callId: "call_a", fromNumber: "+14155550100", agentId: "agent_1", variables: {} };
  const carrier = openCarrier();
  await carrier.dial({ ...dial, toNumber: "+12025550104", voicemailMessage: "Please call back." });
  await carrier.dial({ ...dial, token: "b:1", toNumber: "+12025550104" });
  kill(carrier);
  await clock.advance({ minutes: 2 });
  const after = openCarrier();
  const left = { details: { messageLeft: true }, transcript: "Agent, to a voicemail: Please call back." };
  expect(await after.lookUp("a:1")).toMatchObject({ result: left });
  expect(await after.lookUp("b:1")).not.toMatchObject({ result: { details: {} } });
});

test("only an answered call has a transcript, which uses what the list says of the person, and a summary", async () => {
  const carrier = openCarrier();
  const variables = { first_name: "Ana", appointment_date: "March 4", seats: 2, nested: { deep: true }, empty: "" };
  await carrier.dial(request("+12025550101", "a:1", variables));
  await carrier.dial(request("+12025550103", "b:1", variables));
  await clock.advance({ minutes: 3 });
  const results = new Map(told);
  expect(results.get("a:1")?.transcript).toContain("Agent: Hello Ana,");
  expect(results.get("a:1")?.transcript).toContain("appointment date March 4, seats 2.");
  expect(results.get("a:1")?.summary).toContain("Ana answered");
  expect(results.get("b:1")).not.toHaveProperty("transcript");
  expect(results.get("b:1")).not.toHaveProperty("summary");
});

test("a second dial of a token is accepted and rings nobody", async () => {
  const carrier = openCarrier();
  await carrier.dial(request("+12025550101"));
  await carrier.dial(request("+12025550101"));
  await clock.advance({ minutes: 3 });
  expect(told).toHaveLength(1);
  const database = openDatabase(path);
  expect(database.prepare("SELECT count(*) AS calls, max(dials) AS dials FROM calls").get()).toMatchObject({
    calls: 1,
    dials: 2,
  });
  database.close();
});

test("a token that was never dialed is not placed", async () => {
  expect(await openCarrier().lookUp("task_x:1")).toEqual({ state: "not_placed" });
});

test("after a restart it still knows its calls and tells of those that went on", async () => {
  const killed = openCarrier();
  await killed.dial(request("+12025550101"));
  await killed.dial(request("+12025550105"));
  kill(killed);

  const carrier = openCarrier();
  expect(await carrier.lookUp("task_+12025550101:1")).toEqual({ state: "ongoing" });
  expect(await carrier.lookUp("task_+12025550105:1")).toMatchObject({ state: "ended", result: { outcome: "failed" } });
  await clock.advance({ minutes: 3 });
  expect(told.map(([token]) => token)).toEqual(["task_+12025550101:1"]);
});

test("a call that ended while the carrier was down is looked up with its result", async () => {
  const killed = openCarrier();
  await killed.dial(request("+12025550101"));
  kill(killed);
  await clock.advance({ hours: 1 });
  const known = await openCarrier().lookUp("task_+12025550101:1");
  expect(known).toMatchObject({
    state: "ended",
    result: { outcome: "answered", startedAt: new Date("2026-03-02T15:00:00Z") },
  });
  expect(told).toEqual([]);
});

test("a closed carrier tells nothing", async () => {
  const carrier = openCarrier();
  await carrier.dial(request("+12025550101"));
  kill(carrier);
  await clock.advance({ hours: 1 });
  expect(told).toEqual([]);
});

test("a ledger of a newer copy is refused", () => {
  const database = openDatabase(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  expect(() => openCarrier()).toThrow(/newer copy.*Update this copy/);
});

test.each([
  ["+12025550106", { optOut: true }, /not to be called again/],
  ["+12025550107", { wrongNumber: true }, /wrong number/],
  ["+12025550108", { callBackAt: expect.stringMatching(/^2026-03-02T17:0\dZ$/) }, /called back/],
])("%s always says so, also after a restart", async (toNumber, said, summary) => {
  const killed = openCarrier();
  await killed.dial(request(toNumber));
  kill(killed);
  const carrier = openCarrier();
  expect(await carrier.lookUp(`task_${toNumber}:1`)).toEqual({ state: "ongoing" });
  await clock.advance({ minutes: 3 });
  const [[, result] = []] = told;
  expect(result).toMatchObject({ outcome: "answered", said });
  expect(result?.summary).toMatch(summary);
});

test("who was called back does not ask for it again", async () => {
  const carrier = openCarrier();
  await carrier.dial(request("+12025550108", "task_1:1"));
  await carrier.dial(request("+12025550108", "task_1:2"));
  await clock.advance({ minutes: 3 });
  expect(told.map(([, { said }]) => said !== undefined).toSorted()).toEqual([false, true]);
});

test("few say something that is acted upon, of those who answer, and the same ones with the same seed", async () => {
  const says = (results: readonly CallResult[]) => results.map(({ said }) => Object.keys(said ?? {})[0]);
  const results = await resultsOf(1500);
  const wishes = says(results).filter((wish) => wish !== undefined);
  for (const wish of ["optOut", "wrongNumber", "callBackAt"]) expect(wishes).toContain(wish);
  expect(wishes.length).toBeLessThan(1500 * 0.03);
  expect(results.every(({ said, outcome }) => said === undefined || outcome === "answered")).toBe(true);
  expect(says(await resultsOf(1500))).toEqual(says(results));
});

test("what is wanted is asked, answered by one of the choices or not at all, and the same after a restart", async () => {
  const choices = ["yes", "another day"];
  const answersWanted = [{ name: "confirmed", meaning: "Do you come?", choices }];
  const carrier = openCarrier();
  const dials = Array.from({ length: 60 }, (_, n) => ({ ...request(numberOf(n + 1)), answersWanted }));
  for (const dial of dials) await carrier.dial(dial);
  await clock.advance({ minutes: 3 });
  const answered = told.filter(([, { outcome, said }]) => outcome === "answered" && said === undefined);
  const given = answered.flatMap(([, { answers }]) => answers ?? []);
  for (const { name, value } of given) expect([name, choices.includes(value)]).toEqual(["confirmed", true]);
  expect(new Set(given.map(({ value }) => value)).size).toBe(2);
  expect(given.length).toBeLessThan(answered.length);
  for (const [, { answers = [], transcript = "" }] of answered) {
    expect(transcript).toContain("Agent: Do you come?");
    for (const { quote = "" } of answers) expect(transcript).toContain(`Recipient: ${quote}`);
  }
  expect(told.filter(([, { outcome, answers }]) => outcome !== "answered" && answers)).toEqual([]);
  kill(carrier);
  const [token = "", result] = answered.find(([, { answers }]) => answers) ?? [];
  expect(await openCarrier().lookUp(token)).toEqual({ state: "ended", result });
});

test("a call is known for 30 days after its end, and no longer, while others are placed", async () => {
  const carrier = openCarrier();
  await carrier.dial(request(numberOf(1), "task_1:1"));
  await clock.advance({ days: 29 });
  await placeMany(carrier, "in_time");
  expect(await carrier.lookUp("task_1:1")).toMatchObject({ state: "ended" });
  await clock.advance({ days: 2 });
  await placeMany(carrier, "late");
  expect(await carrier.lookUp("task_1:1")).toEqual({ state: "not_placed" });
  expect(await carrier.lookUp("in_time:0")).toMatchObject({ state: "ended" });
});

test("what nobody asked for since the process before died is known, however long that was ago", async () => {
  const before = openCarrier();
  await before.dial(request(numberOf(1), "task_1:1"));
  kill(before);
  await clock.advance({ days: 400 });
  expect(await openCarrier().lookUp("task_1:1")).toMatchObject({ state: "ended" });
});

/** More than are placed between two looks for what is old. */
async function placeMany(carrier: DirectCarrier, name: string): Promise<void> {
  for (let n = 0; n < 130; n += 1) await carrier.dial(request(numberOf(n + 2), `${name}:${n}`));
}
