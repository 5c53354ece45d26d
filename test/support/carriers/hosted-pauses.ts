import { Random } from "../random.ts";
import { HostedWorld } from "./hosted-world.ts";

/** Pauses of one batch before its recipients could be used up. */
const mostPausesOfABatch = 100;
const people = 4000;

/** By the ledger of the stand-in. */
export type HostedPauseReport = {
  readonly pauses: number;
  /** Phones that began to ring after the answer, and the most of one pause. */
  readonly ringsAfterAnswer: number;
  readonly mostAfterAnswer: number;
  /** Pauses after which more began to ring than the answer said. */
  readonly moreThanSaid: number;
  /** Phones that rang after the answer of a wave that was executed after it. */
  readonly ringsOfLaterWaves: number;
  /** Pauses that came while a request to the API was under way. */
  readonly amidRequests: number;
  readonly rungTwice: number;
};

/** Pauses a batch that runs through the hosted API at random moments, also amid its requests, and watches the phones after each answer. */
export async function raceHostedPauses(setup: {
  readonly pauses: number;
  readonly waveSize: number;
  /** How long an executed call waits at the provider, and how many that one places at a time. */
  readonly queueMs: number;
  readonly lines: number;
  readonly seed: number;
}): Promise<HostedPauseReport> {
  const random = new Random(setup.seed);
  const reports: HostedPauseReport[] = [];
  for (let left = setup.pauses; left > 0; left -= mostPausesOfABatch)
    reports.push(await raceOneBatch({ ...setup, pauses: Math.min(left, mostPausesOfABatch) }, random));
  const sum = (pick: (report: HostedPauseReport) => number): number => reports.reduce((n, one) => n + pick(one), 0);
  return {
    pauses: sum(({ pauses }) => pauses),
    ringsAfterAnswer: sum(({ ringsAfterAnswer }) => ringsAfterAnswer),
    mostAfterAnswer: Math.max(...reports.map(({ mostAfterAnswer }) => mostAfterAnswer)),
    moreThanSaid: sum(({ moreThanSaid }) => moreThanSaid),
    ringsOfLaterWaves: sum(({ ringsOfLaterWaves }) => ringsOfLaterWaves),
    amidRequests: sum(({ amidRequests }) => amidRequests),
    rungTwice: sum(({ rungTwice }) => rungTwice),
  };
}

async function raceOneBatch(
  { pauses, waveSize, ...provider }: { pauses: number; waveSize: number; queueMs: number; lines: number },
  random: Random,
): Promise<HostedPauseReport> {
  const world = await HostedWorld.open({ waveSize, settings: { maxConcurrent: 12, startsPerSecond: 20 } });
  Object.assign(world.phones, { ...provider, callMs: 2_000 });
  const batchId = await world.addBatch({ recipients: people });
  const told: { after: number; said: number; later: number; isAmid: boolean }[] = [];
  for (let pause = 0; pause < pauses; pause += 1) told.push(await pauseOnce(world, batchId, random));
  await world.close();
  return {
    pauses,
    ringsAfterAnswer: told.reduce((n, { after }) => n + after, 0),
    mostAfterAnswer: Math.max(...told.map(({ after }) => after)),
    moreThanSaid: told.filter(({ after, said }) => after > said).length,
    ringsOfLaterWaves: told.reduce((n, { later }) => n + later, 0),
    amidRequests: told.filter(({ isAmid }) => isAmid).length,
    rungTwice: [...world.phones.counts.values()].filter((times) => times > 1).length,
  };
}

async function pauseOnce(world: HostedWorld, batchId: string, random: Random) {
  let answer: { rings: number; executed: ReadonlySet<string>; said: number } | undefined;
  let pausing: Promise<void> | undefined;
  const executed = () =>
    new Set(world.api.seen.flatMap(({ path }) => (path.endsWith("/execute") ? [path.split("/")[2] ?? ""] : [])));
  const pause = (): void => {
    pausing = world.pause(batchId).then(async () => {
      const { mayStillRing } = await world.facts(batchId);
      answer = { rings: world.rung.length, executed: executed(), said: mayStillRing ?? 0 };
    });
  };
  // Every other one at the n-th request from now on, the others between requests.
  const isAmid = random.below(2) === 0;
  let left = random.below(8);
  world.api.onTaken = () => {
    left -= 1;
    if (isAmid && left < 0 && !pausing) pause();
  };
  await world.clock.advance({ ms: random.below(3000) });
  world.api.onTaken = () => {};
  if (!pausing) pause();
  while (!answer) await world.clock.advance({ ms: 20 });
  await pausing;
  const { rings, executed: known, said } = answer;
  await world.clock.advance({ seconds: 40 });
  const after = world.phones.rings.slice(rings);
  await world.resume(batchId);
  return { after: after.length, said, later: after.filter(({ batchId: id }) => !known.has(id)).length, isAmid };
}
