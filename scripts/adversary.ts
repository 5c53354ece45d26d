/** Lets an agent call tools at random against a stand-in of the hosted API: `--sequences 10000`, from `--seed 1` on. */

import { playAdversary } from "../test/support/campaigns/adversary.ts";
import { allIsAgreed, nobodyAgrees, oneIsAgreed } from "../test/support/campaigns/adversary-scenes.ts";
import { parseOptions } from "./parse-options.ts";

const scenes = { nobody: nobodyAgrees, one: oneIsAgreed, all: allIsAgreed };
const { values } = parseOptions({
  options: {
    sequences: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    agreed: { type: "string" },
  },
});
const [sequences, seed] = [Number(values.sequences), Number(values.seed)];
const chosen = Object.entries(scenes).filter(([name]) => values.agreed === undefined || values.agreed === name);
if (!Number.isInteger(sequences) || sequences < 1 || !Number.isInteger(seed) || chosen.length === 0) {
  console.error("--sequences and --seed take whole numbers, --agreed one of nobody, one, all.");
  process.exit(2);
}

let isClean = true;
for (const [name, scene] of chosen) {
  const report = await playAdversary(scene, sequences, seed);
  console.log(JSON.stringify({ agreed: name, ...report }));
  if (report.wrong.length > 0) isClean = false;
  // Rule of three: after 0 events in n trials the rate is below 3/n, with 95 % confidence.
  else
    console.log(
      `Nothing wrong in ${sequences}: with 95 % confidence rarer than ${((3 / sequences) * 100).toFixed(2)} %.`,
    );
}
process.exitCode = isClean ? 0 : 1;
