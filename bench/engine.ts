import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchLateness } from "./engine-lateness.ts";
import { benchPostgres } from "./engine-postgres.ts";
import { benchMemoryOfMany, benchSizes } from "./engine-size.ts";
import { callsPerSecond, floorPerSecond } from "./engine-throughput.ts";
import { benchTrickles, type TrickleRow } from "./engine-trickles.ts";
import { median } from "./median.ts";

const rounds = 5;
const calls = 10_000;

/** Runs what is named, or all of it; `jsonPath` gets the figures of the burst and of the trickle. */
export type EngineBench = {
  readonly postgresUrl?: string;
  readonly only?: string;
  readonly batches?: readonly number[];
  readonly jsonPath?: string;
};

type Burst = { readonly floorPerSecond: number; readonly callsPerSecond: number; readonly ratio: number };

/**
 * Calls completed per second beside the bare store, in a burst and one by one (on PostgreSQL too, given the URL of a server),
 * lateness with many waiting, and what a million stored tasks cost.
 */
export async function benchEngine({ postgresUrl, only, batches, jsonPath }: EngineBench): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  const isWanted = (part: string): boolean => only === undefined || only === part;
  let burst: Burst | undefined;
  let trickle: readonly TrickleRow[] = [];
  try {
    if (isWanted("burst")) burst = await benchBurst(home);
    if (isWanted("trickle")) trickle = await benchTrickles(home, postgresUrl, batches ?? [1, 100, 1000, 10_000]);
    if (isWanted("postgres")) await benchPostgres(postgresUrl, undefined);
    if (isWanted("lateness")) await benchLateness(join(home, "lateness.sqlite"));
    if (isWanted("sizes")) await benchSizes(home);
    if (isWanted("memory")) await benchMemoryOfMany(join(home, "million.sqlite"));
    if (jsonPath !== undefined) await writeFile(jsonPath, `${JSON.stringify({ burst, trickle }, null, 2)}\n`);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function benchBurst(home: string): Promise<Burst> {
  const measured: Burst[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const floor = await floorPerSecond(join(home, `floor-${round}.sqlite`), calls);
    const engine = await callsPerSecond(join(home, `engine-${round}.sqlite`), calls);
    // The first is to warm up.
    if (round === 0) continue;
    measured.push({ floorPerSecond: floor, callsPerSecond: engine, ratio: engine / floor });
    console.log(
      `round ${round}: floor ${floor.toFixed(0)}/s, engine ${engine.toFixed(0)} calls/s, ratio ${(engine / floor).toFixed(2)}`,
    );
  }
  const middle = (of: keyof Burst): number => median(measured.map((each) => each[of]));
  const [floor, engine, ratio] = [middle("floorPerSecond"), middle("callsPerSecond"), middle("ratio")];
  console.log(
    `SQLite, ${calls} calls of no length: ${engine.toFixed(0)} calls/s, ratio ${ratio.toFixed(2)} (medians of ${rounds})`,
  );
  return { floorPerSecond: floor, callsPerSecond: engine, ratio };
}
