import { expect, test } from "vitest";
import { simulate } from "../../support/dialing/simulation.ts";

const seeds = 2000;

test(`whatever happens, nobody is lost, called twice, called too often, too fast or at the wrong hour (${seeds} seeds)`, async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const failure = await simulate(seed).catch((error: unknown) => error);
    expect(failure, `Seed ${seed} failed; replay it with: npm run simulate -- --seed ${seed}`).toBeUndefined();
  }
}, 180_000);
