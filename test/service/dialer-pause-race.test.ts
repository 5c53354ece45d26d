import fc from "fast-check";
import { expect, test } from "vitest";
import { DialingWorld } from "../support/dialing-world.ts";
import { slowly, turns } from "../support/gated-store.ts";

const pauses = 500;

test(`${pauses} pauses at random moments under load: no dial starts and nothing rings after the answer`, async () => {
  const moment = fc.nat({ max: 999 });
  const [moments = []] = fc.sample(fc.array(moment, { minLength: pauses, maxLength: pauses }), {
    numRuns: 1,
    seed: 20,
  });
  const world = new DialingWorld({ settings: { maxConcurrent: 12, startsPerSecond: 20 } });
  world.carrier.acceptMs = 35;
  world.carrier.callMs = 180;
  await world.start({ gate: slowly(moments) });
  const batchId = await world.addBatch({ recipients: 9000 });
  const heard = (): readonly number[] => [world.carrier.dials.length, world.carrier.rings.length];
  let pausesWithDialsOnTheirWay = 0;

  for (const moment of moments) {
    const moving = world.clock.advance({ ms: moment % 300 });
    await turns(moment % 37);
    const ringsBefore = world.carrier.rings.length;
    let atAnswer: readonly number[] | undefined;
    const answer = world.pause(batchId).then(() => {
      atAnswer = heard();
    });
    await moving;
    while (!atAnswer) await world.clock.advance({ ms: 1 });
    await answer;
    if (world.carrier.rings.length > ringsBefore) pausesWithDialsOnTheirWay += 1;

    await world.clock.advance({ ms: moment });
    expect(heard()).toEqual(atAnswer);
    await world.resume(batchId);
  }

  expect(pausesWithDialsOnTheirWay).toBeGreaterThan(pauses * 0.2);
  expect((await world.facts(batchId)).counts.pending).toBeGreaterThan(0);
});
