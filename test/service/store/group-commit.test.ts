import { beforeEach, expect, test } from "vitest";
import { type DatabaseSync, openDatabase } from "../../../src/lib/sqlite.ts";
import { createGroupCommit } from "../../../src/service/store/sqlite/run-work.ts";

let database: DatabaseSync;
beforeEach(() => {
  database = openDatabase(":memory:");
  database.exec("CREATE TABLE words (word TEXT PRIMARY KEY)");
});

const insert = (word: string) => () => database.prepare("INSERT INTO words VALUES (?)").run(word);
const words = () =>
  database
    .prepare("SELECT word FROM words ORDER BY word")
    .all()
    .map(({ word }) => word);

test("what is asked for together is done together, in order, and each gets its own answer", async () => {
  const { run } = createGroupCommit(database);
  const counted = () => words().length;
  const answers = Promise.all([run(insert("a")), run(counted), run(insert("b")), run(counted)]);
  expect(words()).toEqual([]);
  expect((await answers).filter((answer) => typeof answer === "number")).toEqual([1, 2]);
});

test("work that fails leaves nothing behind and takes nobody along", async () => {
  const { run } = createGroupCommit(database);
  const half = () => {
    insert("half")();
    throw new Error("broken");
  };
  const answers = await Promise.allSettled([run(insert("a")), run(half), run(insert("b")), run(insert("a"))]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
  expect(words()).toEqual(["a", "b"]);
});

test("what still waits is done when the store closes", async () => {
  const { run, flush } = createGroupCommit(database);
  const answer = run(insert("a"));
  flush();
  expect(words()).toEqual(["a"]);
  await answer;
});
