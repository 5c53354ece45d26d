import { expect, test } from "vitest";
import { Background } from "../../../src/lib/background.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { createInProcessDispatch } from "../../../src/service/dialing/wake/in-process.ts";
import { TestClock } from "../../support/test-clock.ts";

function startDispatch(restMs?: number) {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const background = new Background(clock, silentLog);
  clock.settleWith(() => background.idle());
  const passes: number[] = [];
  const startedAt = clock.now().getTime();
  const pass = async (): Promise<undefined> => void passes.push(clock.now().getTime() - startedAt);
  const dispatch = createInProcessDispatch({
    clock,
    log: silentLog,
    background,
    pass,
    ...(restMs !== undefined && { restMs }),
  });
  dispatch.start();
  return { clock, background, dispatch, passes };
}

test("ends that come one by one share a pass", async () => {
  const { clock, dispatch, passes } = startDispatch(20);
  await clock.settle();
  for (let n = 0; n < 40; n += 1) {
    dispatch.wakeSoon();
    await clock.advance({ ms: 1 });
  }
  await clock.advance({ ms: 100 });
  expect(passes).toEqual([0, 20, 40]);
});

test("after a rest the next one is looked at without a wait", async () => {
  const { clock, dispatch, passes } = startDispatch(20);
  await clock.advance({ ms: 100 });
  dispatch.wakeSoon();
  await clock.settle();
  expect(passes).toEqual([0, 100]);
});

test("many at once, and whoever asks for something new, wait for nothing", async () => {
  const { clock, dispatch, passes } = startDispatch(20);
  await clock.advance({ ms: 1 });
  for (let n = 0; n < 49; n += 1) dispatch.wakeSoon();
  await clock.settle();
  expect(passes).toEqual([0]);
  dispatch.wakeSoon();
  await clock.settle();
  expect(passes).toEqual([0, 1]);
  await clock.advance({ ms: 1 });
  dispatch.wake();
  await clock.settle();
  expect(passes).toEqual([0, 1, 2]);
  await clock.advance({ ms: 100 });
  expect(passes).toEqual([0, 1, 2]);
});

test("without a rest each of them makes a pass", async () => {
  const { clock, dispatch, passes } = startDispatch();
  await clock.advance({ ms: 1 });
  dispatch.wakeSoon();
  await clock.settle();
  expect(passes).toEqual([0, 1]);
});
