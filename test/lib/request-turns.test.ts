import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { RequestTurns } from "../../src/lib/request-turns.ts";

it("serves at once where nobody has connected for long", () => {
  const turns = new RequestTurns();
  let isServed = false;
  turns.take(() => {
    isServed = true;
  });
  expect(isServed).toBe(true);
});

it("while others connect serves one request a turn of the loop, in the order in which they came", async () => {
  const turns = new RequestTurns();
  turns.connected();
  const served: number[] = [];
  for (const n of [1, 2, 3]) turns.take(() => void served.push(n));
  expect(served).toEqual([]);
  const seen: number[] = [];
  while (served.length < 3) {
    await nextTurn();
    seen.push(served.length);
  }
  expect(served).toEqual([1, 2, 3]);
  expect(seen.every((count, turn) => count - (seen[turn - 1] ?? 0) <= 1)).toBe(true);
});

it("serves each in the context of its own, never in that of the one before", async () => {
  const turns = new RequestTurns();
  turns.connected();
  const whose = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  await new Promise<void>((resolve) => {
    whose.run("ana", () => turns.take(() => void seen.push(whose.getStore())));
    turns.take(() => void seen.push(whose.getStore()));
    whose.run("bo", () =>
      turns.take(() => {
        seen.push(whose.getStore());
        resolve();
      }),
    );
  });
  expect(seen).toEqual(["ana", undefined, "bo"]);
});

it("lets in who connects before it serves, and makes nobody wait for ever for that", async () => {
  const turns = new RequestTurns();
  let isServed = false;
  turns.connected();
  turns.take(() => {
    isServed = true;
  });
  await nextTurn();
  expect(isServed).toBe(false);
  // Connections without end.
  let turnsTaken = 0;
  while (!isServed) {
    turns.connected();
    turnsTaken++;
    await nextTurn();
  }
  expect(turnsTaken).toBeGreaterThan(0);
});

it("serves all at once again when nobody has connected for a while, however many go on asking", async () => {
  let nowMs = 0;
  const turns = new RequestTurns(() => nowMs);
  turns.connected();
  const served: number[] = [];
  for (const n of [1, 2, 3]) turns.take(() => void served.push(n));
  nowMs = 1001;
  await nextTurn();
  expect(served).toEqual([1, 2, 3]);
  turns.take(() => void served.push(4));
  expect(served).toEqual([1, 2, 3, 4]);
});
