import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Problem } from "../../../src/domain/problem.ts";
import { openPostgresLedger } from "../../../src/service/carriers/simulated/postgres-ledger.ts";
import { createSimulatedCarrier } from "../../../src/service/carriers/simulated/simulated-carrier.ts";
import type { Claim } from "../../../src/service/store/dial-store.ts";
import { introduceProcess } from "../../../src/service/store/postgres/processes.ts";
import { postgresSchemaSteps } from "../../../src/service/store/postgres/schema.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../../../src/service/store/postgres/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { openPglite } from "../../support/process/pglite.ts";
import {
  createDatabase,
  givenTime,
  openEmptied,
  openViews,
  type TestDatabase,
  testServerUrl,
} from "../../support/process/postgres.ts";
import { TestClock } from "../../support/test-clock.ts";
import { describeAnswers } from "./answers-suite.ts";
import { describeCallerIds } from "./caller-ids-suite.ts";
import { describeDialStore } from "./dialing-suite.ts";
import { describeEvents } from "./events-suite.ts";
import { describeExclusions } from "./exclusion-suite.ts";
import { describeFallbacks } from "./fallback-suite.ts";
import { describeOtherCalls } from "./other-calls-suite.ts";
import { describeSharedStore } from "./postgres-workers-suite.ts";
import { describeRecentCalls } from "./recent-calls-suite.ts";
import { describeRecipientClocks } from "./recipient-clock-suite.ts";
import { describeSaid } from "./said-suite.ts";
import { describeSends } from "./sends-suite.ts";
import { describeSteering } from "./steering-suite.ts";
import { describeBatchStore, newTasks, storedBatch } from "./store-suite.ts";

describe("on PGlite", () => {
  let sql: Sql;
  beforeAll(async () => {
    sql = await openPglite();
  });
  afterAll(() => sql.close());

  // Where there is a server, it is asked the same below.
  if (!testServerUrl) {
    describeBatchStore("PostgreSQL store", () => openEmptied(sql));
    describeDialStore("PostgreSQL store, dialing", () => openEmptied(sql), 5);
    describeFallbacks("PostgreSQL store, fallback numbers", () => openEmptied(sql));
    describeSaid("PostgreSQL store, what people say", () => openEmptied(sql));
    describeRecipientClocks("PostgreSQL store, recipients' clocks", () => openEmptied(sql));
    describeOtherCalls("PostgreSQL store, other calls to a number", () => openEmptied(sql));
    describeSends("PostgreSQL store, sends", () => openEmptied(sql));
    describeEvents("PostgreSQL store, events", () => openEmptied(sql));
    describeAnswers("PostgreSQL store, answers", () => openEmptied(sql));
    describeExclusions("PostgreSQL store, exclusions", () => openEmptied(sql));
    describeSteering("PostgreSQL store, steering", () => openEmptied(sql));
    describeCallerIds("PostgreSQL store, caller ids", () => openEmptied(sql));
    describeRecentCalls("PostgreSQL store, recent calls", () => openEmptied(sql));
    describeSharedStore("PostgreSQL store, shared", (processes) => openViews(sql, processes), 2);
  }

  test("today's form of an entry that an older schema kept in another one is listed beside it, once", async () => {
    await openEmptied(sql);
    await sql.query(`
      INSERT INTO batch_call.do_not_call (organization_id, phone_number, reason, added_at, is_read)
      VALUES ('org_1', '+5215512345678', 'asked', 1000, 0), ('org_1', '+15555550123', NULL, 2000, 0)`);
    const store = await openPostgresStore(sql, "worker_1");
    const { rows } = await store.listDoNotCall("org_1", { page: 0 });
    expect(rows.map(({ phoneNumber, reason, addedAt }) => [phoneNumber, reason, addedAt.getTime()])).toEqual([
      ["+15555550123", undefined, 2000],
      ["+5215512345678", "asked", 1000],
      ["+525512345678", "asked", 1000],
    ]);
    await store.removeDoNotCall("org_1", ["+525512345678"]);
    const again = await openPostgresStore(sql, "worker_2");
    expect(await again.findDoNotCall("org_1", ["+525512345678"])).toEqual(new Set());
  });

  test("keys of creates that are 30 days old are deleted by a later create, and no other ones", async () => {
    const store = await openEmptied(sql);
    const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));
    const create = (key: string, createdAt: Date) =>
      store.createBatch({ ...storedBatch(), createdAt }, newTasks(1), { key, bodyHash: "aa" });
    for (const n of [0, 10, 29, 31]) await create(`day_${n}`, day(n));
    const keys = await sql.query("SELECT key FROM batch_call.idempotent_requests ORDER BY created_at");
    expect(keys.map(({ key }) => key)).toEqual(["day_10", "day_29", "day_31"]);
  });

  test("calls of the simulated carrier that ended 30 days ago are deleted when others are placed", async () => {
    const clock = new TestClock("2026-03-02T15:00:00Z");
    const ledger = await openPostgresLedger(sql);
    const carrier = createSimulatedCarrier({ ledger, clock, seed: 1, speed: 1 });
    const dial = (token: string) =>
      carrier.dial({
        token,
        callId: token,
        fromNumber: "+14155550100",
        toNumber: "+14155550123",
        agentId: "a",
        variables: {},
      });
    await dial("first");
    await clock.advance({ days: 29 });
    await dial("in_time");
    expect(await carrier.lookUp("first")).toMatchObject({ state: "ended" });
    await clock.advance({ days: 2 });
    await dial("late");
    expect(await carrier.lookUp("first")).toEqual({ state: "not_placed" });
    expect(await carrier.lookUp("in_time")).toMatchObject({ state: "ended" });
    carrier.close();
  });

  test("of processes that are gone for a day nothing is left, but of one whose calls are open", async () => {
    await openEmptied(sql);
    const ago = (hours: number) => Date.now() - hours * 3_600_000;
    for (const [id, until] of [
      ["gone", ago(25)],
      ["calls_open", ago(25)],
      ["lately", ago(1)],
    ] as const)
      await sql.query("INSERT INTO batch_call.workers (id, lease_until) VALUES ($1, $2)", [id, until]);
    const store = await openPostgresStore({ ...sql, close: async () => {} }, "calls_open");
    await store.createBatch({ ...storedBatch(), status: "sent" }, newTasks(1), undefined, agreed);
    await sql.query(`
      INSERT INTO batch_call.attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number,
        to_number, agent_id, state, claimed_at, owner, fence)
      SELECT 'token', id, batch_id, 'org_1', 1, 'call', '+14155550100', to_number, 'agent_1', 'placed', 0, 'calls_open', 1
      FROM batch_call.tasks`);
    await introduceProcess(sql, "new", { version: "1.0.0", command: "worker", limits: {} });
    const left = await sql.query("SELECT id FROM batch_call.workers ORDER BY id");
    expect(left.map(({ id }) => id)).toEqual(["calls_open", "lately"]);
  });

  test("a database of a newer copy is refused and left as it is", async () => {
    await openEmptied(sql);
    await sql.query("UPDATE batch_call.schema_version SET version = version + 1");
    const refusal = await openPostgresStore(sql, "worker_1").catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        new RegExp(`newer copy.*schema ${postgresSchemaSteps.length + 1}.*Update this copy`),
      ),
    });
    expect(await sql.query("SELECT version FROM batch_call.schema_version")).toEqual([
      { version: postgresSchemaSteps.length + 1 },
    ]);
    await sql.query("UPDATE batch_call.schema_version SET version = version - 1");
  });
});

describe.skipIf(!testServerUrl)("on a PostgreSQL server", () => {
  let database: TestDatabase;
  let sql: Sql;
  beforeAll(async () => {
    database = await createDatabase(testServerUrl ?? "");
    sql = await database.connect();
  });
  afterAll(async () => {
    await sql.close();
    await database.drop();
  });

  describeBatchStore("PostgreSQL store", () => openEmptied(sql));
  describeDialStore("PostgreSQL store, dialing", () => openEmptied(sql), 20);
  describeFallbacks("PostgreSQL store, fallback numbers", () => openEmptied(sql));
  describeSaid("PostgreSQL store, what people say", () => openEmptied(sql));
  describeRecipientClocks("PostgreSQL store, recipients' clocks", () => openEmptied(sql));
  describeOtherCalls("PostgreSQL store, other calls to a number", () => openEmptied(sql));
  describeSends("PostgreSQL store, sends", () => openEmptied(sql));
  describeEvents("PostgreSQL store, events", () => openEmptied(sql));
  describeAnswers("PostgreSQL store, answers", () => openEmptied(sql));
  describeExclusions("PostgreSQL store, exclusions", () => openEmptied(sql));
  describeSteering("PostgreSQL store, steering", () => openEmptied(sql));
  describeCallerIds("PostgreSQL store, caller ids", () => openEmptied(sql));
  describeRecentCalls("PostgreSQL store, recent calls", () => openEmptied(sql));
  describeSharedStore("PostgreSQL store, shared", (processes) => openViews(sql, processes), 30);

  /** Stands still right after a statement with that text, once, from when it is armed. */
  function standingStill(words: string) {
    let isArmed = false;
    let reach = (): void => {};
    const reached = new Promise<void>((resolve) => (reach = resolve));
    let goOn = (): void => {};
    const gone = new Promise<void>((resolve) => (goOn = resolve));
    const slow: Sql = {
      ...sql,
      transaction: (work) =>
        sql.transaction((session) =>
          work({
            ...session,
            async query(text, values) {
              const rows = await session.query(text, values);
              if (isArmed && text.includes(words)) {
                isArmed = false;
                reach();
                await gone;
              }
              return rows;
            },
          }),
        ),
    };
    const arm = () => {
      isArmed = true;
    };
    return { slow, arm, reached, goOn };
  }

  const now = new Date("2026-03-02T15:00:00Z");
  const one = { now, isOpen: () => true, maxConcurrent: 10, startsPerSecond: 10, limit: 1 };
  const final = { kind: "final", status: "completed", reason: "answered" } as const;
  const answered = { outcome: "answered", startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 } as const;

  const later = (ms: number): Date => new Date(now.getTime() + ms);

  async function claimOne(store: Store): Promise<Claim> {
    const [first] = (await store.claim(one)).claims;
    if (!first) throw new Error("Nothing was due");
    return first;
  }

  test("of two attempts that end at once, none of which sees the other, the later one ends the batch", async () => {
    const { slow, arm, reached, goOn } = standingStill("SET state = 'ended'");
    const other = await openEmptied(sql);
    const standing = await openPostgresStore(slow, "worker_slow", givenTime);
    const batch = storedBatch({ status: "sent" });
    await other.createBatch(batch, newTasks(2), undefined, agreed);
    const [first, second] = [await claimOne(standing), await claimOne(other)];
    arm();
    const ended = standing.complete(first, answered, final, now);
    await reached;
    await other.complete(second, answered, final, now);
    expect((await other.getBatch(batch.organizationId, batch.id))?.status).toBe("sent");
    goOn();
    expect(await ended).toBe(true);
    expect((await other.getBatch(batch.organizationId, batch.id))?.status).toBe("completed");
  });

  test("a batch whose last attempt was ended by a process that died right after is ended by the others", async () => {
    const dying: Sql = {
      ...sql,
      query: (text, values) =>
        text.includes("status = 'calling'") ? Promise.reject(new Error("It died")) : sql.query(text, values),
    };
    const other = await openEmptied(sql);
    const store = await openPostgresStore(dying, "worker_dying", givenTime);
    const batch = storedBatch({ status: "sent" });
    await other.createBatch(batch, newTasks(1), undefined, agreed);
    await expect(store.complete(await claimOne(store), answered, final, now)).rejects.toThrow("It died");
    expect((await other.getBatch(batch.organizationId, batch.id))?.status).toBe("sent");
    expect(await other.completeFinished(now)).toEqual([batch.id]);
    expect((await other.getBatch(batch.organizationId, batch.id))?.status).toBe("completed");
    expect(await other.completeFinished(now)).toEqual([]);
  });

  test("of attempts that are dialed together each gets its own answer, and pace lets the first ones through", async () => {
    const store = await openEmptied(sql);
    const batch = storedBatch({ status: "sent" });
    await store.createBatch(batch, newTasks(6), undefined, agreed);
    const { claims } = await store.claim({ ...one, limit: 6 });
    const [listed, taken, , ended] = claims;
    if (!listed || !taken || !ended) throw new Error("Too few were due");
    await sql.query("INSERT INTO batch_call.do_not_call (organization_id, phone_number, added_at) VALUES ($1, $2, 0)", [
      batch.organizationId,
      listed.attempt.toNumber,
    ]);
    await store.complete(ended, answered, final, now);
    const stale = (claim: Claim) => (claim === taken ? { ...claim, fence: claim.fence - 1 } : claim);
    const why = await Promise.all(claims.map((claim) => store.markDialing(stale(claim), now, 2)));
    expect(why).toEqual(["do_not_call", "taken_over", undefined, "batch_not_running", undefined, "pace"]);
    const { rows } = await store.listCalls(batch.organizationId, { batchId: batch.id }, { page: 0 });
    expect(rows.filter(({ state }) => state === "starting")).toHaveLength(2);
    expect(await store.markDialing(taken, later(1000), 2)).toBeUndefined();
  });

  test("a call of a group whose outcome cannot be kept fails by itself, and the others keep theirs", async () => {
    const store = await openEmptied(sql);
    const batch = storedBatch({ status: "sent" });
    await store.createBatch(batch, newTasks(4), undefined, agreed);
    const { claims } = await store.claim({ ...one, limit: 4 });
    // PostgreSQL holds no such character in a text.
    const results = claims.map((_, place) => (place === 1 ? { ...answered, summary: "a\u0000b" } : answered));
    const ended = await Promise.allSettled(
      claims.map((claim, place) => store.complete(claim, results[place] ?? answered, final, now)),
    );
    expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    const { rows } = await store.listCalls(batch.organizationId, { batchId: batch.id }, { page: 0 });
    expect(rows.filter(({ state }) => state === "ended")).toHaveLength(3);
    expect((await store.getBatch(batch.organizationId, batch.id))?.status).toBe("sent");
  });

  test("two outcomes of one attempt that come together: the first counts", async () => {
    const store = await openEmptied(sql);
    const batch = storedBatch({ status: "sent" });
    await store.createBatch(batch, newTasks(1), undefined, agreed);
    const claim = await claimOne(store);
    const busy = { ...answered, outcome: "busy" } as const;
    const outcomes = [answered, busy].map((result) => store.complete(claim, result, final, now));
    expect(await Promise.all(outcomes)).toEqual([true, false]);
    expect((await store.getClaim(claim.attempt.token))?.attempt.outcome).toBe("answered");
  });

  test("of two batches that exclude each other's people, dialed at once by two processes, one rings a person", async () => {
    const { slow, arm, reached, goOn } = standingStill("state = 'starting', begun_at");
    const other = await openEmptied(sql);
    const standing = await openPostgresStore(slow, "worker_slow", givenTime);
    const rules = { exclude: { calledWithinDays: 7 } };
    const [task] = newTasks(1);
    if (!task) throw new Error("No task");
    const [mobile, home] = ["+14155550171", "+14155550172"];
    await other.createBatch(
      storedBatch({ id: "batch_1", status: "sent", rules }),
      [{ ...task, toNumber: mobile, fallbackNumber: home }],
      undefined,
      agreed,
    );
    await other.createBatch(
      storedBatch({ id: "batch_2", status: "sent", rules, fromNumber: "+14155550199" }),
      [{ ...task, toNumber: home, fallbackNumber: mobile }],
      undefined,
      agreed,
    );
    const { claims } = await other.claim({ ...one, limit: 2 });
    const [first, second] = claims;
    if (!first || !second) throw new Error("Nothing was due");
    arm();
    const begun = standing.markDialing(first, now, 10);
    await reached;
    const late = other.markDialing(second, now, 10);
    // The second one gets as far as it can.
    for (let turn = 0; turn < 20; turn++) await sql.query("SELECT 1");
    goOn();
    expect([await begun, await late]).toEqual([undefined, "excluded"]);
  });

  test("of processes that start at once on an empty database, one makes the tables", async () => {
    const empty = await createDatabase(testServerUrl ?? "");
    const connections = await Promise.all(Array.from({ length: 8 }, () => empty.connect()));
    const stores = await Promise.all(connections.map((each, n) => openPostgresStore(each, `worker_${n}`)));
    expect(await stores[7]?.runningBatches()).toEqual([]);
    await Promise.all(stores.map((store) => store.close()));
    await empty.drop();
  });
});
