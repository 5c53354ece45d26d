import { Random } from "../random.ts";
import type { CarrierWorld } from "./carrier-world.ts";

/** What a provider, or the way to it, does with a request. `late`: it arrives after it was given up. */
export type ProviderFault = "lost_request" | "lost_answer" | "silent" | "late" | "429" | "500" | "refused";

const faults: readonly ProviderFault[] = ["lost_request", "lost_answer", "silent", "late", "429", "500", "refused"];

/** A carrier before the stand-in of its provider, whose own ledger has each ring. */
export type ProviderUnderTest = {
  readonly world: CarrierWorld;
  /** From now on each request draws its fault; undefined when it goes well. */
  drawFaults(draw: () => ProviderFault | undefined): void;
};

export type OneRingReport = {
  /** Numbers that rang more often than once: each has one attempt. */
  readonly rungTwice: readonly string[];
  /** Numbers that rang and are not said to have been reached, or the other way round, unless nobody knows of them. */
  readonly wrong: readonly string[];
  readonly unknown: number;
  /** Requests that went wrong. */
  readonly faults: number;
};

/** Calls `people` once each through faults and kills at random, which end after half an hour; then everything settles. */
export async function callThroughFaults(
  provider: ProviderUnderTest,
  { people, seed, kills }: { readonly people: number; readonly seed: number; readonly kills: number },
): Promise<OneRingReport> {
  const random = new Random(seed);
  let drawn = 0;
  provider.drawFaults(() => {
    if (random.below(10) < 6) return undefined;
    drawn += 1;
    return faults[random.below(faults.length)];
  });
  const batchId = await provider.world.addBatch({ recipients: people });
  for (let minute = 0; minute < 30; minute += 1) {
    await provider.world.clock.advance({ seconds: 1 + random.below(59) });
    if (random.below(30) < kills) await provider.world.startProcess();
  }
  provider.drawFaults(() => undefined);
  await provider.world.clock.advance({ hours: 4 });
  // What was held is resumed, as a person would.
  if ((await provider.world.batch(batchId)).isPaused) await provider.world.resume(batchId);
  await provider.world.clock.advance({ hours: 4 });
  const { rung } = provider.world;
  const isCalled = new Set(rung);
  const tasks = await provider.world.tasks(batchId);
  return {
    rungTwice: rung.filter((number, place) => rung.indexOf(number) !== place),
    wrong: tasks
      .filter(({ status, toNumber, attemptCount }) => {
        if (status === "unknown") return false;
        // One that is refused for good is an attempt that failed, and rings nobody.
        return isCalled.has(toNumber)
          ? status === "pending" || status === "calling"
          : status !== "failed" || attemptCount === 0;
      })
      .map(({ toNumber }) => toNumber),
    unknown: tasks.filter(({ status }) => status === "unknown").length,
    faults: drawn,
  };
}
