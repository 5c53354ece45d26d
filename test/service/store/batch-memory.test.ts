import { afterAll, beforeAll, expect, test } from "vitest";
import { createBatchMemory } from "../../../src/service/store/postgres/dialing/batch-memory.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { DialingWorld, organizationId } from "../../support/dialing/dialing-world.ts";
import { openPglite } from "../../support/process/pglite.ts";
import { openEmptied } from "../../support/process/postgres.ts";

let sql: Sql;

beforeAll(async () => {
  sql = await openPglite();
  await openEmptied(sql);
}, 60_000);

afterAll(() => sql.close());

test("a batch is read in full once, and again when it or its grant changed, whoever changed them", async () => {
  const world = new DialingWorld({ store: await openEmptied(sql) });
  const ids = [await world.addBatch()];
  await world.clock.advance({ ms: 1 });
  ids.push(await world.addBatch({ firstNumber: 11 }));
  const memory = createBatchMemory();
  const before = await memory.readAll(sql);
  expect(before.map(({ id }) => id)).toEqual(ids);
  const again = await memory.readAll(sql);
  expect(again.map((batch, place) => batch === before[place])).toEqual([true, true]);

  const paused = { isPaused: true, pausedAt: world.clock.now() };
  await world.store.changeBatch(organizationId, ids[0] ?? "", { status: ["sent"] }, () => paused, world.clock.now());
  await sql.query("UPDATE batch_call.grants SET why = 'They said so' WHERE batch_id = $1", [ids[1] ?? ""]);
  const [first, second] = await memory.readAll(sql);
  expect(first?.isPaused).toBe(true);
  expect(second?.grant?.why).toBe("They said so");
});

test("a batch that no longer runs is none of them, and one that runs again is read anew", async () => {
  const world = new DialingWorld({ store: await openEmptied(sql) });
  const id = await world.addBatch();
  const memory = createBatchMemory();
  const [before] = await memory.readAll(sql);
  await sql.query("UPDATE batch_call.batches SET status = 'draft' WHERE id = $1", [id]);
  expect(await memory.readAll(sql)).toEqual([]);
  await sql.query("UPDATE batch_call.batches SET status = 'sent' WHERE id = $1", [id]);
  const [after] = await memory.readAll(sql);
  expect(after).toEqual(before);
  expect(after).not.toBe(before);
});

test("one that stops running between the two statements is left out", async () => {
  const world = new DialingWorld({ store: await openEmptied(sql) });
  const id = await world.addBatch();
  const session = {
    ...sql,
    async query(...[statement, values]: Parameters<Sql["query"]>) {
      const rows = await sql.query(statement, values);
      await sql.query("UPDATE batch_call.batches SET status = 'cancelled' WHERE id = $1", [id]);
      return rows;
    },
  };
  expect(await createBatchMemory().readAll(session)).toEqual([]);
});
