import { expect, it } from "vitest";
import { Problem } from "../../src/domain/problem.ts";
import type { ReadContext, Resource } from "../../src/resources/resource.ts";
import { ResourceWatch } from "../../src/resources/resource-watch.ts";
import { absent } from "../mcp/example-tools.ts";
import { TestClock } from "../support/test-clock.ts";

/** One kind of thing with two addresses, whose states the test sets, and a watch of them. */
function start() {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const states = new Map([["a", "1"]]);
  const reads: string[] = [];
  const context: ReadContext = { ...absent<ReadContext>("context"), clock };
  const base = {
    name: "thing",
    title: "A thing",
    description: "A thing.",
    toolset: "campaigns",
    mimeType: "application/json",
    read: async () => "",
    state: async (id: string) => {
      reads.push(id);
      const state = states.get(id);
      if (state === "away") throw new Problem("unavailable", "Not now.");
      if (state === undefined) throw new Problem("not_found", "No.");
      return state;
    },
  } as const;
  const resources: Resource[] = [
    { ...base, uriTemplate: "thing://{id}", list: async () => [...states.keys()].map((id) => ({ id, name: id })) },
    { ...base, uriTemplate: "thing://{id}/part" },
  ];
  const heard: string[] = [];
  const watch = new ResourceWatch(resources, () => context);
  const listen = (...uris: string[]) =>
    watch.watch({ uris, isListWatched: false }, (change) => void heard.push("uri" in change ? change.uri : "list"));
  return { clock, states, reads, heard, watch, listen };
}

it("all addresses of one thing are told by one look at it", async () => {
  const { clock, states, reads, heard, listen } = start();
  expect(await listen("thing://a", "thing://a/part", "thing://%61").isThere).toBe(true);
  reads.length = 0;
  states.set("a", "2");
  await clock.advance({ seconds: 1 });
  expect(heard).toEqual(["thing://a", "thing://a/part", "thing://%61"]);
  expect(reads).toEqual(["a", "a"]);
});

it("what changes all the time is told once a second", async () => {
  const { clock, states, heard, watch, listen } = start();
  await listen("thing://a").isThere;
  for (let n = 0; n < 40; n++) {
    states.set("a", `n${n}`);
    watch.nudge();
    await clock.advance({ ms: 100 });
  }
  expect(heard).toHaveLength(4);
});

it("what has been quiet is looked at less often, every 15 seconds at last, and within a second of a nudge", async () => {
  const { clock, states, reads, heard, watch, listen } = start();
  await listen("thing://a").isThere;
  await clock.advance({ minutes: 10 });
  reads.length = 0;
  await clock.advance({ minutes: 1 });
  expect(reads).toHaveLength(4);
  states.set("a", "2");
  watch.nudge();
  await clock.advance({ seconds: 1 });
  expect(heard).toEqual(["thing://a"]);
});

it("nothing is told of what did not change, was away for a while or is not there", async () => {
  const { clock, states, heard, listen } = start();
  await listen("thing://a").isThere;
  expect(await listen("thing://none").isThere).toBe(false);
  expect(await listen("other://a").isThere).toBe(false);
  states.set("a", "away");
  await clock.advance({ seconds: 10 });
  states.set("a", "1");
  await clock.advance({ seconds: 30 });
  expect(heard).toEqual([]);
});

it("what was deleted is told once", async () => {
  const { clock, states, heard, listen } = start();
  await listen("thing://a").isThere;
  states.delete("a");
  await clock.advance({ minutes: 1 });
  expect(heard).toEqual(["thing://a"]);
});

it("nothing runs before somebody watches, and after the last has ended that", async () => {
  const { clock, reads, listen } = start();
  expect(clock.nextTimerAt).toBeUndefined();
  const [first, second] = [listen("thing://a"), listen("thing://a")];
  await first.isThere;
  await clock.settle();
  first.stop();
  first.stop();
  await clock.advance({ seconds: 2 });
  expect(reads.length).toBeGreaterThan(1);
  second.stop();
  await clock.settle();
  expect(clock.nextTimerAt).toBeUndefined();
  await listen("thing://a").isThere;
  await clock.settle();
  expect(clock.nextTimerAt).toBeDefined();
});

it("the list is told when something comes or goes", async () => {
  const { clock, states, heard, watch } = start();
  await watch.watch({ uris: [], isListWatched: true }, ({ kind }) => void heard.push(kind)).isThere;
  await clock.advance({ seconds: 2 });
  states.set("b", "1");
  await clock.advance({ seconds: 2 });
  expect(heard).toEqual(["listed"]);
});
