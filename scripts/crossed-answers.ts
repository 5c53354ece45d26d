/** `--calls 1000000` of `--callers 200` on one `http` server, all with the same id, and whether any message of one came to another. */
import { askAtOnce } from "../test/support/http/crossed-answers.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    calls: { type: "string", default: "1000000" },
    callers: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});
const [calls, callers, seed] = [Number(values.calls), Number(values.callers), Number(values.seed)];
if (![calls, callers].every((count) => Number.isInteger(count) && count >= 1) || !Number.isInteger(seed)) {
  console.error("--calls and --callers take whole numbers from 1, --seed any.");
  process.exit(2);
}

const startedAt = performance.now();
const { examples, ...report } = await askAtOnce({ calls, callers, seed });
console.log(
  JSON.stringify({ calls, callers, seed, ...report, seconds: Math.round((performance.now() - startedAt) / 1000) }),
);
for (const example of examples) console.error(example);
process.exitCode = report.crossed === 0 ? 0 : 1;
