import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";

const start = new Date("2026-03-02T08:00:00Z");
const inHours = (hours: number): Date => new Date(start.getTime() + hours * 3_600_000);

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a callback comes at its instant, also months ahead", () => {
  const callback = vi.fn();
  systemClock.at(inHours(24 * 60), callback);
  vi.advanceTimersByTime(24 * 60 * 3_600_000 - 1);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledTimes(1);
});

test("one for an instant that has passed comes soon, but not inside the call", () => {
  const callback = vi.fn();
  systemClock.at(inHours(-1), callback);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledTimes(1);
});

test("a clock that was put forward, or a machine that slept, is noticed within half a minute", () => {
  const callback = vi.fn();
  systemClock.at(inHours(1), callback);
  vi.setSystemTime(inHours(2));
  vi.advanceTimersByTime(30_000);
  expect(callback).toHaveBeenCalledTimes(1);
});

test("after the clock was put back the callback still comes at its instant", () => {
  const callback = vi.fn();
  systemClock.at(inHours(1), callback);
  vi.advanceTimersByTime(3_599_000);
  vi.setSystemTime(start);
  vi.advanceTimersByTime(3_599_000);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(callback).toHaveBeenCalledTimes(1);
});

test("what was cancelled does not come, however many steps its wait had taken", () => {
  const callback = vi.fn();
  const cancel = systemClock.at(inHours(1), callback);
  vi.advanceTimersByTime(1_800_000);
  cancel();
  vi.advanceTimersByTime(7_200_000);
  expect(callback).not.toHaveBeenCalled();
});
