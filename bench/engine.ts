import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchLateness } from "./engine-lateness.ts";
import { benchPostgres } from "./engine-postgres.ts";
import { benchMemoryOfMany, benchSizes } from "./engine-size.ts";
import { callsPerSecond, floorPerSecond } from "./engine-throughput.ts";
import { median } from "./median.ts";

const rounds = 5;
const calls = 10_000;

/**
 * Calls completed per second beside the bare store (on PostgreSQL too, given the URL of a server), lateness with many
 * waiting, and what a million stored tasks cost.
 */
export async function benchEngine(postgresUrl: string | undefined): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  try {
    const ratios: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const floor = await floorPerSecond(join(home, `floor-${round}.sqlite`), calls);
      const engine = await callsPerSecond(join(home, `engine-${round}.sqlite`), calls);
      if (round === 0) continue;
      ratios.push(engine / floor);
      console.log(
        `round ${round}: floor ${floor.toFixed(0)}/s, engine ${engine.toFixed(0)} calls/s, ratio ${(engine / floor).toFixed(2)}`,
      );
    }
    console.log(
      `SQLite, ${calls} calls of no length: ratio ${median(ratios).toFixed(2)} (median of ${rounds}); aim 0.5`,
    );
    await benchPostgres(postgresUrl, undefined);
    await benchLateness(join(home, "lateness.sqlite"));
    await benchSizes(home);
    await benchMemoryOfMany(join(home, "million.sqlite"));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
