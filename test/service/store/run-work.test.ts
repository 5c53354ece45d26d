import { beforeEach, expect, test } from "vitest";
import { type DatabaseSync, openDatabase } from "../../../src/lib/sqlite.ts";
import { query, type SqlWork } from "../../../src/service/store/shared/sql-work.ts";
import { createRunNow, createSqliteRunner } from "../../../src/service/store/sqlite/run-work.ts";

let database: DatabaseSync;
beforeEach(() => {
  database = openDatabase(":memory:");
  database.exec("CREATE TABLE words (word TEXT PRIMARY KEY)");
});

const words = () =>
  database
    .prepare("SELECT word FROM words ORDER BY word")
    .all()
    .map(({ word }) => word);

function* addAll(...list: readonly string[]): SqlWork<number> {
  for (const word of list) yield* query("INSERT INTO words VALUES ($1)", [word]);
  return list.length;
}

test("a transaction on SQLite is committed before anything else can run", async () => {
  const { transaction } = createSqliteRunner(database);
  const answer = transaction(addAll("a", "b", "c"));
  expect(words()).toEqual(["a", "b", "c"]);
  expect(await answer).toBe(3);
});

test("of a transaction that fails half-way nothing stays, and the next one is not touched", async () => {
  const { transaction } = createSqliteRunner(database);
  const answers = await Promise.allSettled([transaction(addAll("a", "b", "a")), transaction(addAll("a"))]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(words()).toEqual(["a"]);
});

test("parameters are taken by their number, more than once and in any order", () => {
  const runNow = createRunNow(database);
  const [row] = runNow(query("SELECT $2 || $1 || $2 AS word, $3 AS list", ["a", "b", ["c", "d"]]));
  expect(row).toEqual({ word: "bab", list: '["c","d"]' });
});

test("a parameter that is named and not given is a fault, not a NULL", () => {
  expect(() => createRunNow(database)(query("SELECT $1, $2", ["a"]))).toThrow(/not given/);
});
