import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Keyset } from "../../../src/contract/paging.ts";
import type { NewTask, UnstoredBatch } from "../../../src/service/store/records.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { numberOf } from "../../support/service-world.ts";

const now = new Date("2026-02-02T15:00:00Z");
const later = new Date("2026-02-02T15:05:00Z");
const org = "org_1";
const all = { page: 0 };
const byName = { by: "name", order: "ascending" } as const;

export function storedBatch(overrides: Partial<UnstoredBatch> = {}): UnstoredBatch {
  return {
    id: `batch_call_${randomBytes(16).toString("hex")}`,
    organizationId: org,
    name: "Reminders",
    fromNumber: "+14155550100",
    agentId: "agent_1",
    timezone: "America/New_York",
    status: "draft",
    isPaused: false,
    rules: {},
    duplicatesRemoved: 0,
    createdAt: now,
    updatedAt: now,
    ...overrides,
  };
}

/** `first` is the number of the first; batches that run side by side have numbers of their own. */
export function newTasks(count: number, first = 1): NewTask[] {
  return Array.from({ length: count }, (_, n) => ({ row: n + 1, toNumber: numberOf(n + first), variables: { n } }));
}

function afterOf({ next }: { readonly next?: Keyset }): { readonly after: Keyset } {
  if (!next) throw new Error("It was the last page");
  return { after: next };
}

/** What every store must do for the REST half, whatever it keeps its rows in. */
export function describeBatchStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    async function add(overrides: Partial<UnstoredBatch> = {}, tasks = newTasks(3)): Promise<string> {
      const batch = storedBatch(overrides);
      await store.createBatch(batch, tasks, undefined, batch.status === "draft" ? undefined : agreed);
      return batch.id;
    }

    async function counts(id: string) {
      return (await store.facts([id], now)).get(id)?.counts;
    }

    /** Ends the next attempt of the one batch that runs. */
    async function endNext(outcome: "answered" | "failed" | "unknown"): Promise<void> {
      const request = { now, isOpen: () => true, maxConcurrent: 10, startsPerSecond: 100, limit: 1 };
      const [claim] = (await store.claim(request)).claims;
      if (!claim) throw new Error("Nothing was due");
      await store.markDialing(claim, now, 1000);
      await store.markPlaced(claim, now);
      const result = outcome === "unknown" ? outcome : { outcome, startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 };
      const status = outcome === "answered" ? "completed" : outcome;
      await store.complete(claim, result, { kind: "final", status, reason: outcome }, now);
    }

    test("a batch comes back as it was stored, with and without its optional fields", async () => {
      const bare = storedBatch();
      const full = storedBatch({
        name: 'Ünï\'code "name"; --',
        isPaused: true,
        status: "scheduled",
        pausedAt: later,
        heldReason: "missed",
        scheduledAt: later,
        startedAt: later,
        duplicatesRemoved: 2,
        rules: {
          retryConfig: { enabled: true, maxAttempts: 3 },
          retryRules: [{ condition: "busy", enabled: true, timing: { kind: "at", time: "13:00" } }],
          quietHours: { enabled: true, start: "22:00", end: "08:00", zone: "Asia/Calcutta" },
        },
      });
      for (const batch of [bare, full]) {
        expect(await store.createBatch(batch, newTasks(1))).toMatchObject({ kind: "created", batch });
        expect(await store.getBatch(org, batch.id)).toMatchObject(batch);
      }
    });

    test("tasks come back in the order of the list, with their rows and variables", async () => {
      const tasks = [
        { row: 1, toNumber: numberOf(1), variables: { name: "Zoë", nested: { a: [1, null] } }, maxRetries: 2 },
        { row: 4, toNumber: numberOf(2), variables: {} },
      ];
      const id = await add({}, tasks);
      const { rows, totalCount } = await store.listTasks(org, id, {}, all);
      expect(totalCount).toBe(2);
      expect(rows).toMatchObject(
        tasks.map((task) => ({ ...task, batchId: id, status: "pending", attemptCount: 0, createdAt: now })),
      );
      expect(rows[1]).not.toHaveProperty("maxRetries");
    });

    test("nothing of another organization can be read or changed", async () => {
      const id = await add({ status: "scheduled", scheduledAt: later });
      const before = await store.getBatch(org, id);
      const any = { status: ["draft", "scheduled", "sent", "completed"] } as const;
      expect(await store.getBatch("org_2", id)).toBeUndefined();
      expect(await store.changeBatch("org_2", id, any, () => ({ name: "x" }), now)).toBeUndefined();
      expect(await store.cancelBatch("org_2", id, any, now)).toBeUndefined();
      expect(await store.deleteBatch("org_2", id, any)).toBe(false);
      expect(await store.redialUnknown("org_2", id, () => ({}), now)).toBeUndefined();
      expect(await store.listTasks("org_2", id, {}, all)).toEqual({ rows: [], totalCount: 0 });
      expect((await store.listBatches("org_2", {}, byName, all)).totalCount).toBe(0);
      expect(await store.getBatch(org, id)).toEqual(before);
    });

    test("a change is made only in the expected state", async () => {
      const id = await add();
      expect(await store.changeBatch(org, id, { status: ["sent"] }, () => ({ name: "x" }), later)).toBeUndefined();
      expect(
        await store.changeBatch(org, id, { status: ["draft"], isPaused: true }, () => ({ name: "x" }), later),
      ).toBeUndefined();
      expect(
        await store.changeBatch(org, id, { status: ["draft"], isPaused: false }, () => ({ name: "x" }), later),
      ).toMatchObject({ name: "x", updatedAt: later });
      expect(
        await store.changeBatch(org, "batch_call_none", { status: ["draft"] }, () => ({ name: "x" }), later),
      ).toBeUndefined();
    });

    test("of changes at once that expect the same state one is made", async () => {
      const id = await add();
      const start = () =>
        store.changeBatch(org, id, { status: ["draft"] }, () => ({ status: "sent", startedAt: now }), now);
      const results = await Promise.all(Array.from({ length: 20 }, start));
      expect(results.filter((batch) => batch !== undefined)).toHaveLength(1);
    });

    test("undefined clears an optional field, and what is not named stays", async () => {
      const id = await add({
        status: "scheduled",
        scheduledAt: later,
        isPaused: true,
        pausedAt: now,
        heldReason: "missed",
      });
      const cleared = { pausedAt: undefined, heldReason: undefined, scheduledAt: undefined, isPaused: false };
      const batch = await store.changeBatch(org, id, { status: ["scheduled"] }, () => cleared, now);
      expect(batch).toMatchObject(storedBatch({ id, status: "scheduled" }));
      for (const field of ["pausedAt", "heldReason", "scheduledAt"]) expect(batch).not.toHaveProperty(field);
    });

    test("of two changes at once none is lost: each is made of the batch as it is then", async () => {
      for (let round = 0; round < 20; round += 1) {
        const id = await add({ scheduledAt: now });
        await Promise.all([
          store.changeBatch(org, id, { status: ["draft", "scheduled"] }, () => ({ scheduledAt: later }), now),
          store.changeBatch(
            org,
            id,
            { status: ["draft", "scheduled"] },
            ({ scheduledAt }) => ({ ...(scheduledAt && { scheduledAt }), status: "scheduled" }),
            now,
          ),
        ]);
        expect(await store.getBatch(org, id)).toMatchObject({ status: "scheduled", scheduledAt: later });
      }
    });

    test("a change that throws changes nothing", async () => {
      const id = await add();
      const refused = new Error("refused");
      const throwing = (): never => {
        throw refused;
      };
      await expect(store.changeBatch(org, id, { status: ["draft"] }, throwing, later, newTasks(1))).rejects.toBe(
        refused,
      );
      expect((await store.listTasks(org, id, {}, all)).rows).toHaveLength(3);
    });

    test("with tasks a change replaces the whole list", async () => {
      const id = await add();
      await store.changeBatch(org, id, { status: ["draft"] }, () => ({}), later, [
        { row: 2, toNumber: numberOf(9), variables: {} },
      ]);
      const { rows } = await store.listTasks(org, id, {}, all);
      expect(rows).toMatchObject([{ row: 2, toNumber: numberOf(9), createdAt: later }]);
      expect(rows).toHaveLength(1);
    });

    test("a batch with nobody left to call is completed as soon as it would run", async () => {
      await store.addDoNotCall(org, [{ phoneNumber: numberOf(1) }], now);
      const id = await add({}, newTasks(1));
      expect(await store.changeBatch(org, id, { status: ["draft"] }, () => ({ status: "sent" }), now)).toMatchObject({
        status: "completed",
      });
    });

    test("cancelling ends waiting tasks with their reason and leaves finished ones", async () => {
      const id = await add({ status: "sent" });
      await endNext("answered");
      expect(await store.cancelBatch(org, id, { status: ["sent"] }, later)).toMatchObject({
        status: "cancelled",
        updatedAt: later,
      });
      expect(await counts(id)).toMatchObject({ total: 3, completed: 1, cancelled: 2, pending: 0 });
      const { rows } = await store.listTasks(org, id, { status: "cancelled" }, all);
      expect(rows.map(({ reason }) => reason)).toEqual(["batch_cancelled", "batch_cancelled"]);
      expect(await store.cancelBatch(org, id, { status: ["sent"] }, later)).toBeUndefined();
    });

    test("deleting takes the tasks and calls along", async () => {
      const id = await add({ status: "sent" }, newTasks(1));
      await endNext("answered");
      const [task] = (await store.listTasks(org, id, {}, all)).rows;
      expect(await store.deleteBatch(org, id, { status: ["draft"] })).toBe(false);
      expect(await store.deleteBatch(org, id, { status: ["completed"] })).toBe(true);
      expect(await store.getAttemptByCallId(org, task?.callId ?? "")).toBeUndefined();
      expect(await store.listCalls(org, {}, all)).toEqual({ rows: [], totalCount: 0 });
      expect(await counts(id)).toMatchObject({ total: 0 });
    });

    test("unknown tasks are due again when asked for, and their batch runs again", async () => {
      const id = await add({ status: "sent" }, newTasks(2));
      await endNext("unknown");
      await endNext("answered");
      expect(await store.getBatch(org, id)).toMatchObject({ status: "completed" });
      const redial = () => store.redialUnknown(org, id, () => ({ grant: agreed }), later);
      expect(await redial()).toMatchObject({ status: "sent" });
      expect(await store.getBatch(org, id)).toMatchObject({ status: "sent", updatedAt: later });
      expect((await store.listTasks(org, id, { status: "pending" }, all)).rows).toMatchObject([
        { dueAt: later, attemptCount: 1 },
      ]);
      expect(await redial()).toBeUndefined();
    });

    test("a batch fails when the carrier could place none of its attempts", async () => {
      const failed = await add({ status: "sent" }, newTasks(2));
      await endNext("failed");
      await endNext("failed");
      expect((await store.getBatch(org, failed))?.status).toBe("failed");
      const mixed = await add({ status: "sent" }, newTasks(2, 11));
      await endNext("failed");
      await endNext("answered");
      expect((await store.getBatch(org, mixed))?.status).toBe("completed");
    });

    test("facts count every batch that was asked for, also one without tasks", async () => {
      const running = await add({ status: "sent" });
      await endNext("answered");
      const draft = await add({}, newTasks(2));
      const facts = await store.facts([running, draft, "batch_call_none"], new Date(now.getTime() + 59_999));
      expect(facts.get(running)).toMatchObject({
        counts: { total: 3, pending: 2, calling: 0, completed: 1, failed: 0, unknown: 0, cancelled: 0 },
        outcomes: { answered: 1, no_answer: 0, busy: 0, voicemail: 0, failed: 0 },
        sent: 1,
        callsPerMinute: 1,
        nextDueAt: new Date(0),
      });
      expect(facts.get(draft)?.counts.total).toBe(2);
      expect(facts.get("batch_call_none")?.counts.total).toBe(0);
      expect((await store.facts([running], new Date(now.getTime() + 60_001))).get(running)?.callsPerMinute).toBe(0);
    });

    test("calls a minute are the attempts handed to the carrier in the last minute, whenever they were claimed", async () => {
      const id = await add({ status: "sent" });
      const request = { now, isOpen: () => true, maxConcurrent: 10, startsPerSecond: 100, limit: 3 };
      const [placed, begun] = (await store.claim(request)).claims;
      if (!placed || !begun) throw new Error("Nothing was due");
      await store.markDialing(placed, later, 1000);
      await store.markPlaced(placed, later);
      await store.markDialing(begun, later, 1000);
      const callsPerMinuteAt = async (secondsLater: number) =>
        (await store.facts([id], new Date(later.getTime() + secondsLater * 1000))).get(id)?.callsPerMinute;
      expect(await callsPerMinuteAt(59)).toBe(1);
      expect(await callsPerMinuteAt(61)).toBe(0);
    });

    test("numbers on the do-not-call list of the organization are kept as cancelled", async () => {
      await store.addDoNotCall(org, [{ phoneNumber: numberOf(2), reason: "asked" }], now);
      await store.addDoNotCall("org_2", [{ phoneNumber: numberOf(1) }], now);
      const id = await add();
      expect((await store.listTasks(org, id, { status: "cancelled" }, all)).rows).toMatchObject([
        { toNumber: numberOf(2), reason: "do_not_call" },
      ]);
    });

    test("the do-not-call list remembers what was said first and pages newest first", async () => {
      const asked = { reason: "first", requestedBy: "Ann", requestedAt: "2026-02-28 17:00 CET", addedBy: "api" };
      const first = { phoneNumber: numberOf(1), ...asked };
      const second = [numberOf(2), numberOf(1), numberOf(2)].map((phoneNumber) => ({ phoneNumber, reason: "second" }));
      expect((await store.addDoNotCall(org, [first], now)).added).toBe(1);
      expect((await store.addDoNotCall(org, second, later)).added).toBe(1);
      expect(await store.listDoNotCall(org, all)).toEqual({
        rows: [
          { phoneNumber: numberOf(2), reason: "second", addedAt: later },
          { ...first, addedAt: now },
        ],
        totalCount: 2,
      });
      expect(await store.listDoNotCall(org, { page: 1, limit: 1 })).toEqual({
        rows: [{ ...first, addedAt: now }],
        totalCount: 2,
      });
      expect(await store.findDoNotCall(org, [numberOf(1), numberOf(3)])).toEqual(new Set([numberOf(1)]));
      expect(await store.readDoNotCall(org, [numberOf(3), numberOf(1)])).toEqual([{ ...first, addedAt: now }]);
      expect(await store.removeDoNotCall(org, [numberOf(1), numberOf(3)])).toBe(1);
    });

    test("an entry of which nothing was said takes what is said later, and keeps when it came and which way", async () => {
      const phoneNumber = numberOf(1);
      await store.addDoNotCall(org, [{ phoneNumber, addedBy: "tool: local" }], now);
      const said = { phoneNumber, requestedBy: "Ann", addedBy: "api" };
      expect((await store.addDoNotCall(org, [said], later)).added).toBe(0);
      await store.addDoNotCall(org, [{ phoneNumber, reason: "too late" }], later);
      expect((await store.listDoNotCall(org, all)).rows).toEqual([
        { phoneNumber, requestedBy: "Ann", addedBy: "tool: local", addedAt: now },
      ]);
      expect(await store.readDoNotCall("org_2", [phoneNumber])).toEqual([]);
    });

    test("a key creates once for one body, and answers for 30 days", async () => {
      const key = { key: "k", bodyHash: "aa" };
      const batch = storedBatch();
      expect((await store.createBatch(batch, newTasks(1), key)).kind).toBe("created");
      expect(await store.createBatch(storedBatch(), newTasks(1), key)).toMatchObject({ kind: "replayed", batch });
      expect(await store.createBatch(storedBatch(), newTasks(1), { key: "k", bodyHash: "bb" })).toEqual({
        kind: "key_reused",
      });
      expect((await store.listBatches(org, {}, byName, all)).totalCount).toBe(1);
      const afterDays = (days: number) => new Date(now.getTime() + days * 24 * 3_600_000);
      expect(await store.findReplay(org, key, afterDays(29.9))).toMatchObject({ kind: "replayed", batch });
      expect(await store.findReplay(org, key, afterDays(30.1))).toBeUndefined();
      expect(await store.findReplay("org_2", key, now)).toBeUndefined();
      await store.deleteBatch(org, batch.id, { status: ["draft"] });
      expect(await store.findReplay(org, key, now)).toEqual({ kind: "deleted" });
    });

    test("batches are filtered, sorted and paged", async () => {
      const [b, a, c] = [
        await add({ name: "Bravo" }),
        await add({ name: "alpha", status: "scheduled" }),
        await add({ name: "Çedilla", agentId: "agent_2" }),
      ];
      const idsOf = async (
        filter: Parameters<Store["listBatches"]>[1],
        page: Parameters<Store["listBatches"]>[3] = all,
      ) => (await store.listBatches(org, filter, byName, page)).rows.map(({ id }) => id);
      expect(await idsOf({})).toEqual([a, b, c]);
      expect(await idsOf({}, { page: 1, limit: 2 })).toEqual([c]);
      expect(await idsOf({ status: ["draft"] })).toEqual([b, c]);
      expect(await idsOf({ agentId: ["agent_2", "agent_3"] })).toEqual([c]);
      expect(await idsOf({ name: ["çED"] })).toEqual([c]);
      expect(await idsOf({ name: [] })).toEqual([]);
      expect(await idsOf({ name: ["%"] })).toEqual([]);
    });

    test("by cursor nobody is passed over who matches all along, while others leave and join the list", async () => {
      const id = await add({ status: "sent" }, newTasks(7));
      const pending = { status: "pending" } as const;
      const first = await store.listTasks(org, id, pending, { page: 0, limit: 3 });
      expect(first.rows.map(({ row }) => row)).toEqual([1, 2, 3]);
      await endNext("answered");
      await endNext("answered");
      const byNumber = await store.listTasks(org, id, pending, { page: 1, limit: 3 });
      expect(byNumber.rows.map(({ row }) => row)).toEqual([6, 7]);
      const second = await store.listTasks(org, id, pending, { page: 1, limit: 3, ...afterOf(first) });
      expect(second.rows.map(({ row }) => row)).toEqual([4, 5, 6]);
      const third = await store.listTasks(org, id, pending, { page: 2, limit: 3, ...afterOf(second) });
      expect([third.rows.map(({ row }) => row), third.next]).toEqual([[7], undefined]);
    });

    test.each(["created_at", "updated_at", "scheduled_timestamp", "name", "status", "total_task_count"] as const)(
      "by cursor every batch comes once, sorted by %s, with and without a value, in both directions",
      async (by) => {
        const at = (n: number) => new Date(now.getTime() + n);
        for (const [n, name] of ["b", "a", "a", "Ç", "b", "a"].entries()) {
          const time = at(Math.floor(n / 2));
          const status = n % 2 ? "scheduled" : "draft";
          const scheduled = n % 3 ? { scheduledAt: time } : {};
          await add({ name, status, createdAt: time, updatedAt: at(n % 2), ...scheduled }, newTasks(1 + (n % 2)));
        }
        for (const order of ["ascending", "descending"] as const) {
          const whole = (await store.listBatches(org, {}, { by, order }, all)).rows.map(({ id }) => id);
          const seen: string[] = [];
          let page = await store.listBatches(org, {}, { by, order }, { page: 0, limit: 2 });
          seen.push(...page.rows.map(({ id }) => id));
          while (page.next) {
            page = await store.listBatches(org, {}, { by, order }, { page: 0, limit: 2, ...afterOf(page) });
            seen.push(...page.rows.map(({ id }) => id));
          }
          expect(seen).toEqual(whole);
          expect(new Set(seen).size).toBe(6);
        }
      },
    );

    test("calls come once each by cursor, of all batches and of one, also those of one moment", async () => {
      const id = await add({ status: "sent" }, newTasks(5));
      for (let n = 0; n < 5; n++) await endNext("answered");
      for (const filter of [{}, { batchId: id }, { agentIds: ["agent_1"] }, { batchId: id, agentIds: ["agent_1"] }]) {
        const first = await store.listCalls(org, filter, { page: 0, limit: 3 });
        const second = await store.listCalls(org, filter, { page: 1, limit: 3, ...afterOf(first) });
        expect([first.totalCount, first.rows.length, second.rows.length, second.next]).toEqual([5, 3, 2, undefined]);
        expect(new Set([...first.rows, ...second.rows].map(({ callId }) => callId)).size).toBe(5);
      }
    });

    test("tasks are filtered by status and by outcome", async () => {
      const id = await add({ status: "sent" });
      await endNext("answered");
      await endNext("failed");
      const rowsOf = async (filter: Parameters<Store["listTasks"]>[2]) =>
        (await store.listTasks(org, id, filter, all)).rows.map(({ row }) => row);
      expect(await rowsOf({ status: "completed" })).toEqual([1]);
      expect(await rowsOf({ outcome: "failed" })).toEqual([2]);
      expect(await rowsOf({ status: "completed", outcome: "failed" })).toEqual([]);
    });

    test("calls are found by task, by id, by batch and by agent", async () => {
      const id = await add({ status: "sent" }, newTasks(2));
      await endNext("answered");
      const [task] = (await store.listTasks(org, id, {}, all)).rows;
      const [attempt] = await store.listAttempts(org, [task?.id ?? "", "task_none"]);
      expect(attempt).toMatchObject({ token: `${task?.id}:1`, batchId: id, outcome: "answered", state: "ended" });
      expect(await store.getAttemptByCallId(org, attempt?.callId ?? "")).toEqual(attempt);
      expect(await store.listAttempts("org_2", [task?.id ?? ""])).toEqual([]);
      expect((await store.listCalls(org, { batchId: id }, all)).rows).toEqual([attempt]);
      expect((await store.listCalls(org, { agentIds: ["agent_2"] }, all)).totalCount).toBe(0);
      expect((await store.listCalls(org, {}, { page: 1, limit: 1 })).rows).toEqual([]);
    });
  });
}
