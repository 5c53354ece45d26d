import { HostedWorld } from "../test/support/carriers/hosted-world.ts";

const people = 3000;
const settling = { minutes: 5 } as const;
const measured = { minutes: 10 } as const;

/**
 * Calls a minute through the hosted API's queue on its stand-in, on a virtual clock, and requests and batches that it takes: 60 in progress at
 * most, 30 s of talk. By size of the waves, how long the provider lets each wait, and how many calls may start in a second.
 */
export async function benchWaves(): Promise<void> {
  for (const startsPerSecond of [5, 100])
    for (const queueMs of [0, 15_000])
      for (const waveSize of [1, 5, 10, 50]) console.log(await measure({ startsPerSecond, queueMs, waveSize }));
}

async function measure(setup: { startsPerSecond: number; queueMs: number; waveSize: number }): Promise<string> {
  const { startsPerSecond, queueMs, waveSize } = setup;
  const world = await HostedWorld.open({ waveSize, settings: { maxConcurrent: 60, startsPerSecond } });
  world.phones.queueMs = queueMs;
  await world.addBatch({ recipients: people });
  const figures = () => ({
    calls: world.rung.length,
    requests: world.api.seen.length,
    waves: world.api.seen.filter(({ path }) => path.endsWith("/execute")).length,
  });
  await world.clock.advance(settling);
  const before = figures();
  await world.clock.advance(measured);
  const after = figures();
  await world.close();
  const calls = after.calls - before.calls;
  const aCall = (after.requests - before.requests) / calls;
  const aWave = calls / (after.waves - before.waves);
  return (
    `${startsPerSecond} starts a second, ${queueMs / 1000} s at the provider, waves of ${waveSize}: ` +
    `${(calls / measured.minutes).toFixed(1)} calls a minute, ${aCall.toFixed(1)} requests a call, ${aWave.toFixed(1)} calls a wave`
  );
}
