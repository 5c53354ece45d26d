/** Makes up `--count` inputs of `tools`, `frames` or `rest` and holds the answers to what is promised. The round that failed is repeated by the `--seed` and `--count` that are printed with it. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fuzzFrames } from "../test/support/fuzz/frames.ts";
import { fuzzRest } from "../test/support/fuzz/rest.ts";
import { fuzzTools } from "../test/support/fuzz/tools.ts";
import { parseOptions } from "./parse-options.ts";

const fuzzers = { tools: fuzzTools, frames: fuzzFrames, rest: fuzzRest };
const { values, positionals } = parseOptions({
  allowPositionals: true,
  options: { count: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const [name = ""] = positionals;
const fuzz = Object.entries(fuzzers).find(([each]) => each === name)?.[1];
if (!fuzz || positionals.length > 1 || !Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error("Say which: tools, frames or rest. --count and --seed take whole numbers.");
  process.exit(2);
}

// Only what is still held counts as heap that grew.
setFlagsFromString("--expose-gc");
globalThis.gc = runInNewContext("gc");
const unhandled: string[] = [];
process.on("unhandledRejection", (reason) =>
  unhandled.push(reason instanceof Error ? `${reason.stack}` : String(reason)),
);

const { wrong, heapMb, ...report } = await fuzz({ count, seed });
const { user, system } = process.cpuUsage();
const cpuSeconds = Math.round((user + system) / 1e5) / 10;
console.log(JSON.stringify({ fuzzed: name, seed, ...report, heapMb: [heapMb[0], heapMb.at(-1)], cpuSeconds }, null, 2));
for (const what of [...wrong, ...unhandled.map((reason) => `unhandled: ${reason}`)]) console.log(`WRONG ${what}`);
console.log(`${report.cases} ${name} from seed ${seed}: ${wrong.length + unhandled.length} wrong.`);
process.exitCode = wrong.length + unhandled.length === 0 ? 0 : 1;
