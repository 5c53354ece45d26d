import { expect, test } from "vitest";
import { simulate } from "../../support/dialing/simulation.ts";

const parts = [1, 201, 401, 601];
const seeds = 120;

test.each(parts)(
  `whatever happens, nobody is lost, called twice, called too often, too fast or at the wrong hour (${seeds} seeds from %i)`,
  async (first) => {
    for (let seed = first; seed < first + seeds; seed += 1) {
      const failure = await simulate(seed).catch((error: unknown) => error);
      expect(failure, `Seed ${seed} failed; replay it with: npm run simulate -- --seed ${seed}`).toBeUndefined();
    }
  },
  300_000,
);
