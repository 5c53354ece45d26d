import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../../bench/median.ts";
import { type DatabaseSync, openDatabase, type SqlValue } from "../../src/lib/sqlite.ts";
import { openSqliteStore } from "../../src/service/store/sqlite/store.ts";
import { dialSome, fill } from "./dialing-path.ts";
import { type SeenStatements, seenAs } from "./seen-statements.ts";

type Given = readonly (SqlValue | Readonly<Record<string, SqlValue>>)[];

/** Whether the driver lets its statements be watched: Node's own does, that of Node 20 does not. */
export const canWatchSqlite = process.getBuiltinModule("node:sqlite") !== undefined;

/** The statements that dial on a file with so many tasks. Their cost is the median time of one, in µs. */
export async function explainSqlite(seen: SeenStatements, tasks: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "batch-call-explain-"));
  const path = join(folder, "store.sqlite");
  const filled = openSqliteStore(path);
  await fill(filled, tasks);
  await filled.close();
  const watch = watchStatements();
  try {
    const store = openSqliteStore(path);
    watch.begin();
    await dialSome(store);
    watch.note(seen);
    await store.close();
  } finally {
    watch.end();
    await rm(folder, { recursive: true });
  }
}

type Watched = { readonly database: DatabaseSync; readonly us: number[]; given: Given };

/** Every database of this process is watched until the end: they share the class of the driver. */
function watchStatements() {
  const some = openDatabase(":memory:");
  const driver = Object.getPrototypeOf(some) as DatabaseSync;
  some.close();
  const { prepare } = driver;
  const watched = new Map<string, Watched>();

  driver.prepare = function (this: DatabaseSync, text) {
    const statement = prepare.call(this, text);
    const one: Watched = watched.get(text) ?? { database: this, us: [], given: [] };
    watched.set(text, one);
    const timed =
      <Result>(run: (...given: Given) => Result) =>
      (...given: Given): Result => {
        const startedAt = performance.now();
        try {
          return Reflect.apply(run, statement, given);
        } finally {
          one.us.push((performance.now() - startedAt) * 1000);
          one.given = given;
        }
      };
    return { run: timed(statement.run), get: timed(statement.get), all: timed(statement.all) };
  };

  return {
    /** Forgets what was run until now: a store is opened once. */
    begin(): void {
      for (const { us } of watched.values()) us.length = 0;
    },
    /** Before the store is closed: its temporary tables are those of its connection. */
    note(seen: SeenStatements): void {
      driver.prepare = prepare;
      for (const [text, { database, us, given }] of watched) {
        if (us.length === 0 || !/^\s*(WITH|SELECT|INSERT|UPDATE|DELETE)/.test(text)) continue;
        const statement = seenAs(seen, text);
        const steps = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...given);
        statement.plan = planOf(steps.map(({ detail }) => String(detail)));
        statement.times = us.length;
        statement.costs.push(median(us));
      }
    },
    end(): void {
      driver.prepare = prepare;
    },
  };
}

/** sqlite.org/eqp.html: SEARCH goes along an index, SCAN over all rows. */
function planOf(steps: readonly string[]): string {
  return [...new Set(steps.filter((step) => /^(SEARCH|SCAN)/.test(step)))].join("; ");
}
