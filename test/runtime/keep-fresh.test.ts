import { expect, test } from "vitest";
import { silentLog } from "../../src/lib/log.ts";
import { keepFresh } from "../../src/runtime/platform-carrier.ts";
import type { CarrierAccount } from "../../src/service/accounts/index.ts";
import { TestClock } from "../support/test-clock.ts";

const accountOf = (...ids: string[]): CarrierAccount => ({
  agents: ids.map((agentId) => ({ agentId, name: agentId, language: "en-US", variables: [], createdAt: new Date(0) })),
  phoneNumbers: [],
});

test("an account is read again when somebody looks at an older one, and stays as it was while it cannot be", async () => {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const answers = [
    async () => accountOf("a", "b"),
    () => Promise.reject(new Error("away")),
    async () => accountOf("c"),
  ];
  let reads = 0;
  const read = () => answers[reads++]?.() ?? Promise.reject(new Error("Asked too often"));
  const account = keepFresh(accountOf("a"), { read, clock, log: silentLog });
  const ids = () => account.agents.map(({ agentId }) => agentId);
  const look = async (): Promise<readonly string[]> => {
    ids();
    await clock.settle();
    await new Promise(setImmediate);
    return ids();
  };
  expect(await look()).toEqual(["a"]);
  expect(reads).toBe(0);
  await clock.advance({ minutes: 2 });
  expect(await look()).toEqual(["a", "b"]);
  expect(await look()).toEqual(["a", "b"]);
  expect(reads).toBe(1);
  await clock.advance({ minutes: 2 });
  expect(await look()).toEqual(["a", "b"]);
  await clock.advance({ minutes: 2 });
  expect(await look()).toEqual(["c"]);
});
