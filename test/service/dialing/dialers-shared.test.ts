import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../../src/lib/log.ts";
import type { Carrier, DirectCarrier } from "../../../src/service/carriers/carrier.ts";
import { openPostgresLedger } from "../../../src/service/carriers/simulated/postgres-ledger.ts";
import { createSimulatedCarrier } from "../../../src/service/carriers/simulated/simulated-carrier.ts";
import { createDialer, type Dialer } from "../../../src/service/dialing/dialer.ts";
import type { DialStore } from "../../../src/service/store/dial-store.ts";
import { throwKillSwitch } from "../../../src/service/store/postgres/kill-switch.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { whole } from "../../../src/service/store/rows.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { ScriptedCarrier } from "../../support/carriers/scripted-carrier.ts";
import { type Gate, gateStore, holding, turns } from "../../support/dialing/gated-store.ts";
import { openPglite } from "../../support/process/pglite.ts";
import { openViews } from "../../support/process/postgres.ts";
import { TestClock } from "../../support/test-clock.ts";
import { newTasks, storedBatch } from "../store/store-suite.ts";

const org = "org_1";
const settings = { maxConcurrent: 20, startsPerSecond: 5 };
let sql: Sql;
let clock: TestClock;
let stores: Store[];
let dialers: Dialer[];
const processes: Process[] = [];

beforeAll(async () => {
  sql = await openPglite();
});
afterAll(() => sql.close());
beforeEach(async () => {
  clock = new TestClock("2026-03-02T15:00:00Z");
  dialers = [];
  stores = await openViews(sql, 2);
  await openPostgresLedger(sql);
  await sql.script("TRUNCATE carrier.calls");
  // What one does can give the other something to do. The work of a process that hangs is never done.
  clock.settleWith(async () => {
    for (const dialer of [...dialers, ...dialers]) await Promise.race([dialer.idle(), turns(400)]);
  });
});
afterEach(async () => {
  await clock.settle();
  // Notices would set them off in the next test as well.
  for (const each of processes.splice(0)) each.kill();
});

async function openCarrier(): Promise<DirectCarrier> {
  return createSimulatedCarrier({ ledger: await openPostgresLedger(sql), clock, seed: 1, speed: 1 });
}

/** One process: a view of the store, a carrier on the shared ledger, a dialer. Returns how to kill it. */
async function startProcess(n: number, parts: { gate?: Gate; carrier?: Carrier } = {}): Promise<Process> {
  let isDead = false;
  const gate = parts.gate ?? ((_method, work) => work());
  const { watch } = storeOf(n);
  const store: DialStore = {
    ...gateStore(storeOf(n), (method, work) => (isDead ? new Promise(() => {}) : gate(method, work))),
    ...(watch && { watch: (onChange) => watch(() => isDead || onChange()) }),
  };
  const carrier = parts.carrier ?? (await openCarrier());
  const dialer = createDialer({ store, carrier, clock, log: silentLog, settings });
  dialers.push(dialer);
  await dialer.start();
  await clock.settle();
  const started = {
    dialer,
    kill() {
      isDead = true;
      carrier.close();
    },
  };
  processes.push(started);
  return started;
}
type Process = { readonly dialer: Dialer; kill(): void };

function storeOf(n: number): Store {
  const store = stores[n];
  if (!store) throw new Error("There are two");
  return store;
}

async function addRunning(recipients: number, firstNumber = 1): Promise<string> {
  const at = clock.now();
  const batch = storedBatch({ status: "sent", createdAt: at, updatedAt: at });
  await storeOf(0).createBatch(batch, newTasks(recipients, firstNumber), undefined, agreed);
  return batch.id;
}

async function counts(batchId: string) {
  return (await storeOf(0).facts([batchId], clock.now())).get(batchId)?.counts;
}

/** As the carrier knows it: calls, and how often somebody asked for them. */
async function ledger(): Promise<{ calls: number; dials: number }> {
  const [sums = {}] = await sql.query("SELECT count(*) AS calls, coalesce(sum(dials), 0) AS dials FROM carrier.calls");
  return { calls: whole(sums, "calls"), dials: whole(sums, "dials") };
}

const pause = (batchId: string) =>
  storeOf(1).changeBatch(org, batchId, { status: ["sent"] }, () => ({ isPaused: true }), clock.now());

test("when a process dies with calls in hand, another one brings them to their end, and nobody is called twice", async () => {
  const batchId = await addRunning(40);
  const first = await startProcess(0);
  await startProcess(1);
  await clock.advance({ seconds: 3 });
  const inHand = first.dialer.standing().inFlight;
  first.kill();
  await clock.advance({ minutes: 10 });
  expect(inHand).toBeGreaterThan(0);
  const { completed = 0, failed = 0 } = (await counts(batchId)) ?? {};
  expect(completed + failed).toBe(40);
  expect(await ledger()).toEqual({ calls: 40, dials: 40 });
});

test("a process that stops leaves its calls in progress to the other one at once", async () => {
  const batchId = await addRunning(1);
  const first = await startProcess(0);
  await first.dialer.stop();
  expect(await counts(batchId)).toMatchObject({ calling: 1 });
  const second = await startProcess(1);
  expect(second.dialer.standing().inFlight).toBe(1);
  await clock.advance({ minutes: 3 });
  expect(await counts(batchId)).toMatchObject({ calling: 0, pending: 0 });
  expect(await ledger()).toEqual({ calls: 1, dials: 1 });
});

test("a process whose last check was answered after its lease does not dial what another one has dialed", async () => {
  const batchId = await addRunning(1);
  const gate = holding("markDialing");
  const dialed: string[] = [];
  const real = await openCarrier();
  const carrier: Carrier = {
    ...real,
    dial(request) {
      dialed.push(request.token);
      return real.dial(request);
    },
  };
  await startProcess(0, { gate, carrier });
  await storeOf(0).leases?.release();
  await startProcess(1);
  await clock.advance({ minutes: 3 });
  expect(await counts(batchId)).toMatchObject({ calling: 0, pending: 0 });
  gate.letOut();
  await clock.advance({ minutes: 1 });
  expect(dialed).toEqual([]);
  expect(await ledger()).toEqual({ calls: 1, dials: 1 });
});

/** A carrier that takes its time to accept a dial. */
async function hesitating(): Promise<{ carrier: Carrier; accept(): void }> {
  let accept = (): void => {};
  const accepted = new Promise<void>((resolve) => {
    accept = resolve;
  });
  const carrier = await openCarrier();
  return {
    carrier: {
      ...carrier,
      async dial(request) {
        await accepted;
        return carrier.dial(request);
      },
    },
    accept: () => accept(),
  };
}

test("a pause waits for the dial that another process has on its way", async () => {
  const batchId = await addRunning(3);
  const { carrier, accept } = await hesitating();
  await startProcess(0, { carrier });
  const { dialer } = await startProcess(1);
  await pause(batchId);
  let isSettled = false;
  const settled = dialer.stopped(batchId).then(() => {
    isSettled = true;
  });
  await clock.advance({ seconds: 1 });
  expect(isSettled).toBe(false);
  accept();
  await clock.advance({ seconds: 1 });
  await settled;
  expect(await ledger()).toEqual({ calls: 3, dials: 3 });
});

test("a pause does not wait for another process longer than a dial of it could begin", async () => {
  const batchId = await addRunning(1);
  await startProcess(0, { gate: holding("markDialing") });
  const { dialer } = await startProcess(1);
  await pause(batchId);
  const settled = dialer.stopped(batchId);
  await clock.advance({ seconds: 6 });
  await settled;
  expect(await ledger()).toEqual({ calls: 0, dials: 0 });
});

test("a stop that the database alone is told of takes back at once what every process has waiting at its carrier", async () => {
  await addRunning(8);
  const carriers = [new ScriptedCarrier(clock), new ScriptedCarrier(clock)];
  for (const [n, carrier] of carriers.entries()) {
    carrier.queueMs = 1_500;
    await startProcess(n, { carrier });
  }
  await clock.advance({ ms: 1_200 });
  const queued = carriers.reduce((sum, { dials }) => sum + dials.length, 0);
  expect(queued).toBe(8);
  await throwKillSwitch(sql);
  await clock.settle();
  await clock.advance({ minutes: 1 });
  const rung = carriers.flatMap(({ rings }) => rings);
  expect(rung).toEqual([]);
});

test("a carrier that has no room for one process is left alone by all until it said, and by all at half the pace", async () => {
  const carriers = [new ScriptedCarrier(clock), new ScriptedCarrier(clock)];
  for (const [n, carrier] of carriers.entries()) {
    carrier.asksToWait = { retryAfterMs: 60_000 };
    await startProcess(n, { carrier });
  }
  const [first, second] = carriers;
  if (!first || !second) throw new Error("There are two");
  await addRunning(1);
  first.faults = second.faults = ["full"];
  for (const { wake } of dialers) wake();
  await clock.settle();
  const handedIn = () => first.dials.length + second.dials.length;
  expect(handedIn()).toBe(1);
  first.faults = second.faults = [];
  await addRunning(20, 100);
  for (const { wake } of dialers) wake();
  await clock.advance({ seconds: 59 });
  expect(handedIn()).toBe(1);
  await clock.advance({ ms: 1_900 });
  // Five a second are set for both together, and two are left of them.
  expect(handedIn() - 1).toBe(2);
  await clock.advance({ minutes: 2 });
  expect(new Set([...first.rings, ...second.rings].map(({ toNumber }) => toNumber)).size).toBe(21);
});
