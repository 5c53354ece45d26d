import { expect, test } from "vitest";
import { createGroups } from "../../../src/service/store/postgres/dialing/groups.ts";
import { StoreUnavailable } from "../../../src/service/store/store.ts";

/** Groups of words that end when the test says so; a word with "!" cannot be done. */
function createWorld(failure: () => Error = () => new Error("broken")) {
  const done: (readonly string[])[] = [];
  let goOn: (() => void)[] = [];
  const ask = createGroups<string, string>({
    namesOf: (word) => [word.toLowerCase()],
    async doTogether(words) {
      done.push(words);
      await new Promise<void>((resolve) => goOn.push(resolve));
      if (words.some((word) => word.includes("!"))) throw failure();
      return words.map((word) => `${word} done`);
    },
  });
  return {
    ask,
    done,
    async finish() {
      await new Promise((resolve) => setImmediate(resolve));
      const waiting = goOn;
      goOn = [];
      for (const go of waiting) go();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("one that is asked for alone is done at once; what is asked for meanwhile is done together, each with its own answer", async () => {
  const { ask, done, finish } = createWorld();
  const first = ask("a");
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([["a"]]);
  const others = [ask("b"), ask("c")];
  await finish();
  expect(await first).toBe("a done");
  expect(done).toEqual([["a"], ["b", "c"]]);
  await finish();
  expect(await Promise.all(others)).toEqual(["b done", "c done"]);
  const last = ask("d");
  await finish();
  expect(await last).toBe("d done");
});

test("of jobs with the same name the second is in a later group, and nobody overtakes it", async () => {
  const { ask, done, finish } = createWorld();
  const asked = ["a", "A", "b", "a"].map(ask);
  for (let turn = 0; turn < 3; turn += 1) await finish();
  await Promise.all(asked);
  expect(done).toEqual([["a", "b"], ["A"], ["a"]]);
});

test("one that cannot be done fails alone", async () => {
  const { ask, done, finish } = createWorld();
  const asked = Promise.allSettled(["a", "b!", "c"].map(ask));
  for (let turn = 0; turn < 4; turn += 1) await finish();
  expect((await asked).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(done).toEqual([["a", "b!", "c"], ["a"], ["b!"], ["c"]]);
});

test("nothing is tried again by itself where the database is away: it may have been done", async () => {
  const { ask, done, finish } = createWorld(() => new StoreUnavailable("08006", "cut"));
  const asked = Promise.allSettled(["a", "b!", "c"].map(ask));
  await finish();
  expect((await asked).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(done).toHaveLength(1);
});
