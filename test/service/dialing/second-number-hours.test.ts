import { expect, test } from "vitest";
import { recipientClock } from "../../../src/domain/batch/plan.ts";
import { startWorld } from "../../support/dialing/dialing-world.ts";

test("the last check before a dial looks at the clock of a second number too", async () => {
  // 20:42 in New York, 15:42 in Honolulu; a phone rings ten minutes after it was handed over.
  const world = await startWorld({ now: "2026-03-03T01:42:00Z" });
  world.carrier.queueMs = 10 * 60_000;
  const [honolulu, newYork] = ["+18085550103", "+12125550101"];
  world.carrier.script(honolulu, "no_answer");
  const quietHours = { enabled: true, start: "21:00", end: "09:00", zone: recipientClock };
  const person = { toNumber: honolulu, fallbackNumber: newYork, timezone: "Pacific/Honolulu", variables: {} };
  await world.addBatch({ rules: { quietHours }, tasks: [person] });
  await world.clock.advance({ hours: 24 });
  expect(world.carrier.rings.map(({ toNumber, at }) => [toNumber, at.toISOString().slice(0, 16)])).toEqual([
    [honolulu, "2026-03-03T01:52"],
    [newYork, "2026-03-03T19:10"],
  ]);
});
