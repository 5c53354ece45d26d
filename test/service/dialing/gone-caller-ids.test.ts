import { expect, test } from "vitest";
import { createGoneCallerIds } from "../../../src/service/dialing/gone-caller-ids.ts";
import { DialingWorld } from "../../support/dialing/dialing-world.ts";

test("a refusal that comes after all caller ids were gone leaves none out of the batch that is resumed", async () => {
  const world = new DialingWorld();
  const { clock } = world;
  const [first, second] = ["+12125550100", "+14155550100"];
  const id = await world.addBatch({ fromNumber: first, rules: { moreFromNumbers: [second] } });
  const batch = await world.batch(id);
  const gone = createGoneCallerIds(clock);
  const askedAtMs = clock.monotonicMs();
  await clock.advance({ seconds: 1 });
  expect(gone.leaveOut(batch, first, askedAtMs)).toBe(true);
  expect(gone.leaveOut(batch, second, askedAtMs)).toBe(false);
  expect(gone.leaveOut(batch, first, askedAtMs)).toBe(true);
  expect(gone.isGone(id, first)).toBe(false);
  expect(gone.leaveOut(batch, first, clock.monotonicMs())).toBe(true);
  expect(gone.isGone(id, first)).toBe(true);
});
