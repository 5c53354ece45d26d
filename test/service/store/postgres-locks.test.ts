import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { agreed } from "../../support/agreed.ts";
import { createDatabase, openEmptied, type TestDatabase, testServerUrl } from "../../support/process/postgres.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { newTasks, storedBatch } from "./store-suite.ts";

/** Two connections, of which one stands still in the middle of its transaction while the other waits for it. */
describe.skipIf(!testServerUrl)("locks on a PostgreSQL server", () => {
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

  /** The connection of the store stands still in a statement, for a lock that another one has. */
  async function waitForLock(): Promise<void> {
    await waitUntil("somebody waits for a lock", async () => {
      const [row] = await sql.query(
        "SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return row?.["waiting"] !== 0;
    });
  }

  const now = new Date("2026-03-02T15:00:00Z");
  const roomy = { now, isOpen: () => true, maxConcurrent: 10, startsPerSecond: 10, limit: 1 };

  test("an opt-out on the phone and a cancel of a batch with both numbers of the person do not wait for each other in a circle", async () => {
    const store = await openEmptied(sql);
    const [first, second] = newTasks(2);
    const [called] = newTasks(1, 3);
    if (!first || !second || !called) throw new Error("No tasks");
    const talking = storedBatch({ id: "batch_1", status: "sent" });
    await store.createBatch(talking, [called], undefined, agreed);
    const waiting = storedBatch({ id: "batch_2", status: "sent" });
    await store.createBatch(waiting, [first, second], undefined, agreed);
    const [claim] = (await store.claim(roomy)).claims;
    if (!claim) throw new Error("Nothing was due");
    const cancel = `
      UPDATE batch_call.tasks SET status = 'cancelled'
      WHERE id = (SELECT id FROM batch_call.tasks WHERE batch_id = 'batch_2' ORDER BY id DESC OFFSET $1 LIMIT 1)`;
    const numbers = [first.toNumber, second.toNumber];
    const optOut = await sql.transaction(async (session) => {
      // As a cancel does, in the order in which it happens to find them.
      await session.query("SELECT id FROM batch_call.batches WHERE id = 'batch_2' FOR NO KEY UPDATE");
      await session.query(cancel, [0]);
      const asked = store.optOut({ token: claim.attempt.token, numbers, askedAt: now }, now);
      await waitForLock();
      await session.query(cancel, [1]);
      return { asked };
    });
    expect(await optOut.asked).toEqual({ added: 2, batchIds: [] });
  });

  test("an opt-out on the phone does not wait in a circle with the end of its call that another process is told of", async () => {
    const store = await openEmptied(sql);
    const batch = storedBatch({ status: "sent" });
    await store.createBatch(batch, newTasks(2), undefined, agreed);
    const [claim] = (await store.claim(roomy)).claims;
    if (!claim) throw new Error("Nothing was due");
    const { token, toNumber } = claim.attempt;
    const [other] = newTasks(1, 2);
    if (!other) throw new Error("No task");
    const optOut = await sql.transaction(async (session) => {
      await session.query("SELECT id FROM batch_call.batches WHERE id = $1 FOR NO KEY UPDATE", [batch.id]);
      const asked = store.optOut({ token, numbers: [toNumber, other.toNumber], askedAt: now }, now);
      await waitForLock();
      await session.query("UPDATE batch_call.attempts SET state = 'ended' WHERE token = $1", [token]);
      return { asked };
    });
    expect(await optOut.asked).toMatchObject({ added: 2, batchIds: [batch.id] });
  });

  test("a last check that waited for an entry on the do-not-call list goes by the batch as it was claimed", async () => {
    const store = await openEmptied(sql);
    const batch = storedBatch({ status: "sent" });
    await store.createBatch(batch, newTasks(1), undefined, agreed);
    const [claim] = (await store.claim(roomy)).claims;
    if (!claim) throw new Error("Nothing was due");
    const { organizationId, toNumber } = { ...batch, ...claim.attempt };
    const late = await sql.transaction(async (session) => {
      // As an entry by hand does: the number, and then the batches in which somebody has it in hand.
      await session.query(
        "INSERT INTO batch_call.do_not_call (organization_id, phone_number, added_at) VALUES ($1, $2, 0)",
        [organizationId, toNumber],
      );
      await session.query("UPDATE batch_call.batches SET updated_at = updated_at + 1 WHERE id = $1", [batch.id]);
      const check = store.markDialing(claim, now, 10);
      await waitForLock();
      return { check };
    });
    expect(await late.check).toBe("do_not_call");
  });

  test("a last check that waited for a change of its batch lets nobody be called by what was claimed before it", async () => {
    const store = await openEmptied(sql);
    const batch = storedBatch({ status: "sent" });
    await store.createBatch(batch, newTasks(1), undefined, agreed);
    const [claim] = (await store.claim(roomy)).claims;
    if (!claim) throw new Error("Nothing was due");
    const late = await sql.transaction(async (session) => {
      await session.query("UPDATE batch_call.batches SET updated_at = updated_at + 1 WHERE id = $1", [batch.id]);
      const check = store.markDialing(claim, now, 10);
      await waitForLock();
      return { check };
    });
    expect(await late.check).toBe("check_expired");
  });
});
