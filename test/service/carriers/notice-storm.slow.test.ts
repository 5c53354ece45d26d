import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { stormNotices } from "../../support/carriers/notice-storm.ts";
import { createDatabase, openEmptied, type TestDatabase, testServerUrl } from "../../support/process/postgres.ts";

const notices = 1_500;
const seed = Math.floor(Math.random() * 1e9);
const title = `${notices} forged, doubled, late and reordered notices leave no wrong outcome (seed ${seed})`;
const clean = { notices, wrongOutcomes: 0, wrongAnswers: 0, rungTwice: 0 };

describe("on SQLite", () => {
  test(title, { timeout: 600_000 }, async () => {
    expect(await stormNotices(notices, seed)).toMatchObject(clean);
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

  test(title, { timeout: 600_000 }, async () => {
    expect(await stormNotices(notices, seed, await openEmptied(sql))).toMatchObject(clean);
  });
});
