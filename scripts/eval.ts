/**
 * Requests as people write them, judged by the calls that were made and by what is true of the world afterwards. With
 * ANTHROPIC_API_KEY and EVAL_MODEL a model does them, without by their scripts. `--only TEXT`: those with that in their id.
 * `--json FILE`: the verdicts as JSON beside the table. Exit code 1 where one did not pass.
 */
import { writeFile } from "node:fs/promises";
import { modelDriver } from "../test/eval/model-driver.ts";
import { requests } from "../test/eval/requests/index.ts";
import { runRequest, type Verdict } from "../test/eval/run-request.ts";
import { scriptedDriver } from "../test/eval/scripted-driver.ts";
import { toTable } from "../test/eval/verdict-table.ts";
import { parseOptions } from "./parse-options.ts";

const { values: options } = parseOptions({
  options: { only: { type: "string", default: "" }, json: { type: "string" } },
});
const {
  ANTHROPIC_API_KEY: key,
  EVAL_MODEL: model,
  ANTHROPIC_BASE_URL: baseUrl = "https://api.anthropic.com",
} = process.env;
const isModel = key !== undefined && model !== undefined;
console.log(
  isModel ? `By the model ${model}` : "By their scripts; set ANTHROPIC_API_KEY and EVAL_MODEL to have a model do them.",
);
const driver = isModel ? modelDriver({ baseUrl, key, model }) : scriptedDriver;

const verdicts: Verdict[] = [];
for (const request of requests.filter(({ id }) => id.includes(options.only))) {
  verdicts.push(await runRequest(request, driver));
}
console.log(toTable(verdicts));
if (options.json !== undefined) {
  await writeFile(options.json, `${JSON.stringify({ by: isModel ? model : "script", verdicts }, null, 2)}\n`);
}
process.exitCode = verdicts.some(({ faults }) => faults.length > 0) ? 1 : 0;
