/** Creates each of `--contents 1000` contents `--copies 50` times at once, and prints how many batches the API holds. */

import { createAtOnce } from "../test/support/campaigns/same-content.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: { contents: { type: "string", default: "1000" }, copies: { type: "string", default: "50" } },
});
const [contents, copies] = [Number(values.contents), Number(values.copies)];
if (![contents, copies].every((count) => Number.isInteger(count) && count >= 1 && count <= 1000)) {
  console.error("--contents and --copies take whole numbers from 1 to 1000.");
  process.exit(2);
}

const report = await createAtOnce(contents, copies);
console.log(JSON.stringify(report));
const isRight = report.batches === contents && report.answeredApart === 0 && report.startsSent === 0;
console.log(`${report.creates} creates of ${contents} contents, ${copies} at once: ${report.batches} batches.`);
process.exitCode = isRight ? 0 : 1;
