/** Plays scenarios with faults by their seeds: `--seeds 100000` from `--from 1` on, or one alone with `--seed`. */

import { counted } from "../src/domain/text.ts";
import { simulate } from "../test/support/dialing/simulation.ts";
import { scenarioOf } from "../test/support/dialing/simulation-scenario.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});
const [from, count] = values.seed ? [Number(values.seed), 1] : [Number(values.from), Number(values.seeds)];
if (!Number.isInteger(from) || !Number.isInteger(count) || count < 1) {
  console.error("--seeds, --from and --seed take whole numbers.");
  process.exit(2);
}
if (values.seed) console.log(JSON.stringify(scenarioOf(from), undefined, 2));

const startedAt = performance.now();
for (let seed = from; seed < from + count; seed += 1) {
  try {
    await simulate(seed);
  } catch (error) {
    console.error(`Seed ${seed} failed; replay it with: npm run simulate -- --seed ${seed}`);
    console.error(error);
    process.exit(1);
  }
  if ((seed - from + 1) % 10_000 === 0) console.log(`${seed - from + 1} seeds`);
}
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${counted(count, "seed")} from ${from} on in ${seconds.toFixed(1)} s: nothing was lost, repeated, too fast or too late.`,
);
