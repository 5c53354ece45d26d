import type { Store } from "../../../src/service/store/store.ts";
import { Random } from "../random.ts";
import { DialingWorld } from "./dialing-world.ts";
import { slowly, turns } from "./gated-store.ts";

/** Pauses of one batch before its 9,000 recipients could be used up. */
const mostPausesOfABatch = 500;

/** By the carrier's own record. */
export type PauseReport = {
  readonly pauses: number;
  /** Dials that it was handed between the answer of a pause and the resume after it. */
  readonly dialsAfterAnswer: number;
  /** Phones that it made ring between the answer of a pause and the resume after it. */
  readonly ringsAfterAnswer: number;
  /** Pauses during which, before their answer, a phone still rang. */
  readonly pausesWithDialsOnTheirWay: number;
};

/**
 * Pauses at random moments of batches under load, 500 at most of one, and watches the carrier after each answer. Each batch has a store of
 * its own, in memory unless `openStore` opens another, an empty one, and closes it.
 */
export async function racePauses(pauses: number, seed: number, openStore?: () => Promise<Store>): Promise<PauseReport> {
  const random = new Random(seed);
  let total: PauseReport = { pauses: 0, dialsAfterAnswer: 0, ringsAfterAnswer: 0, pausesWithDialsOnTheirWay: 0 };
  while (total.pauses < pauses) {
    const length = Math.min(mostPausesOfABatch, pauses - total.pauses);
    const moments = Array.from({ length }, () => random.below(1000));
    const round = await raceOneBatch(moments, await openStore?.());
    total = add(total, round);
  }
  return total;
}

async function raceOneBatch(moments: readonly number[], store: Store | undefined): Promise<PauseReport> {
  const world = new DialingWorld({ settings: { maxConcurrent: 12, startsPerSecond: 20 }, ...(store && { store }) });
  world.carrier.acceptMs = 35;
  world.carrier.callMs = 180;
  await world.start({ gate: slowly(moments) });
  const batchId = await world.addBatch({ recipients: 9000 });
  let total: PauseReport = { pauses: 0, dialsAfterAnswer: 0, ringsAfterAnswer: 0, pausesWithDialsOnTheirWay: 0 };
  for (const moment of moments) {
    total = add(total, await pauseAt(world, batchId, moment));
    await world.resume(batchId);
  }
  if ((await world.facts(batchId)).counts.pending === 0)
    throw new Error("Everybody was called before the last pause: it had nothing to stop.");
  await world.store.close();
  return total;
}

async function pauseAt(world: DialingWorld, batchId: string, moment: number): Promise<PauseReport> {
  const { dials, rings } = world.carrier;
  const moving = world.clock.advance({ ms: moment % 300 });
  await turns(moment % 37);
  const ringsBefore = rings.length;
  let atAnswer: { readonly dials: number; readonly rings: number } | undefined;
  const answer = world.pause(batchId).then(() => {
    atAnswer = { dials: dials.length, rings: rings.length };
  });
  await moving;
  while (!atAnswer) await world.clock.advance({ ms: 1 });
  await answer;

  await world.clock.advance({ ms: moment });
  return {
    pauses: 1,
    dialsAfterAnswer: dials.length - atAnswer.dials,
    ringsAfterAnswer: rings.length - atAnswer.rings,
    pausesWithDialsOnTheirWay: atAnswer.rings > ringsBefore ? 1 : 0,
  };
}

function add(one: PauseReport, other: PauseReport): PauseReport {
  return {
    pauses: one.pauses + other.pauses,
    dialsAfterAnswer: one.dialsAfterAnswer + other.dialsAfterAnswer,
    ringsAfterAnswer: one.ringsAfterAnswer + other.ringsAfterAnswer,
    pausesWithDialsOnTheirWay: one.pausesWithDialsOnTheirWay + other.pausesWithDialsOnTheirWay,
  };
}
