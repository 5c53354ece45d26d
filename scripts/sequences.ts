/**
 * Plays sequences of tool calls, edits by REST, time, clock faults, lies of the carrier and kills, one a seed
 * (`--sequences 100000`, from `--seed 1`), and holds every ring against what people agreed to.
 */

import { playSequences } from "../test/support/model/play.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: { sequences: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
});
const [sequences, first] = [Number(values.sequences), Number(values.seed)];
if (!Number.isInteger(sequences) || sequences < 1 || !Number.isInteger(first)) {
  console.error("--sequences and --seed take whole numbers.");
  process.exit(2);
}

const startedAt = performance.now();
let failures = 0;
for (let seed = first; seed < first + sequences; seed += 1) {
  await playSequences(seed, 1).catch((error: unknown) => {
    failures += 1;
    console.error(String(error));
  });
  if ((seed - first + 1) % 1000 === 0) console.log(`${seed - first + 1} sequences, ${failures} with a wrong ring`);
}
console.log(`${sequences} sequences from seed ${first}: ${failures} with a wrong ring or somebody left`);
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
process.exitCode = failures === 0 ? 0 : 1;
