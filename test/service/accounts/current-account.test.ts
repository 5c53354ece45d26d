import { expect, test } from "vitest";
import { silentLog } from "../../../src/lib/log.ts";
import { createCurrentAccount } from "../../../src/service/accounts/current-account.ts";
import type { CarrierAccount } from "../../../src/service/accounts/simulated-account.ts";
import { TestClock } from "../../support/test-clock.ts";

const of = (...numbers: string[]): CarrierAccount => ({
  agents: [],
  phoneNumbers: numbers.map((phoneNumber) => ({ phoneNumber, nickname: "" })),
});
const first = of("+14155550100");
const later = of("+14155550101");

function open(read: () => Promise<CarrierAccount>) {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  let reads = 0;
  const counted = () => {
    reads += 1;
    return read();
  };
  const account = createCurrentAccount({ first, read: counted, clock, log: silentLog });
  return { clock, account, reads: () => reads };
}

test("it is read again once a minute, once for all who ask", async () => {
  const { clock, account, reads } = open(async () => later);
  await clock.advance({ seconds: 59 });
  expect(await account()).toBe(first);
  await clock.advance({ seconds: 1 });
  expect(await Promise.all([account(), account(), account()])).toEqual([later, later, later]);
  expect(reads()).toBe(1);
});

test("while it cannot be read, what is known holds, and it is asked for again after a minute", async () => {
  let isAway = true;
  const { clock, account } = open(async () => (isAway ? Promise.reject(new Error("away")) : later));
  await clock.advance({ minutes: 2 });
  expect(await account()).toBe(first);
  isAway = false;
  expect(await account()).toBe(first);
  await clock.advance({ minutes: 1 });
  expect(await account()).toBe(later);
});

test("nobody waits longer than 5 s for it, and what comes after that is known", async () => {
  let answer: (account: CarrierAccount) => void = () => {};
  const { clock, account } = open(() => new Promise((resolve) => (answer = resolve)));
  await clock.advance({ minutes: 2 });
  const asked = account();
  await clock.advance({ seconds: 5 });
  expect(await asked).toBe(first);
  answer(later);
  await clock.settle();
  expect(await account()).toBe(later);
});
