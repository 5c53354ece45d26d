import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { explainStorageError, inTransaction, openDatabase } from "../../src/lib/sqlite.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "batch-call-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
});

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("a transaction that fills the disk keeps nothing, says that the disk is full, and the next one works", () => {
  const database = openDatabase(join(dir, "x.sqlite"));
  onTestFinished(() => database.close());
  database.exec("CREATE TABLE t (x TEXT); PRAGMA max_page_count = 20");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  const fill = () => {
    for (let row = 0; row < 100; row++) insert.run("y".repeat(5000));
  };
  const error = caught(() => inTransaction(database, fill));
  expect(explainStorageError(error)).toMatch(/^the disk is full\. Free some space/);
  expect(database.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 0 });
  inTransaction(database, () => insert.run("small"));
  expect(database.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 1 });
});

test("the reason is kept when SQLite has rolled back by itself", () => {
  const database = openDatabase(join(dir, "x.sqlite"));
  onTestFinished(() => database.close());
  const work = () => {
    database.exec("ROLLBACK");
    throw new Error("database or disk is full");
  };
  expect(caught(() => inTransaction(database, work))).toMatchObject({ message: "database or disk is full" });
});

test("a damaged file is named, with what to do", async () => {
  const path = join(dir, "x.sqlite");
  await writeFile(path, "this is no database ".repeat(100));
  const words = explainStorageError(caught(() => openDatabase(path)));
  expect(words).toMatch(/^a database file is damaged\..*backup/);
  expect(words).toContain(path);
});

test("a file that another process holds is named as held", () => {
  const path = join(dir, "x.sqlite");
  const holder = openDatabase(path);
  holder.exec("BEGIN IMMEDIATE");
  const second = openDatabase(path);
  onTestFinished(() => {
    second.close();
    holder.close();
  });
  second.exec("PRAGMA busy_timeout = 0");
  expect(explainStorageError(caught(() => inTransaction(second, () => {})))).toMatch(/^another program holds/);
});

test("a mistake in a statement is no trouble of the disk", () => {
  const database = openDatabase(join(dir, "x.sqlite"));
  onTestFinished(() => database.close());
  expect(explainStorageError(caught(() => database.exec("SELECT nothing FROM nowhere")))).toBeUndefined();
});
