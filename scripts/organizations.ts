/** `--callers 1000` of `--organizations 100` at once against one `http` server, with the same names and ids, and what of one reached another. */

import { callAsMany } from "../test/support/http/many-organizations.ts";
import { startRunningHttp } from "../test/support/http/running-http.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: { callers: { type: "string", default: "1000" }, organizations: { type: "string", default: "100" } },
});
const [callers, organizations] = [Number(values.callers), Number(values.organizations)];
if (![callers, organizations].every((count) => Number.isInteger(count) && count >= 2 && count <= 10_000)) {
  console.error("--callers and --organizations take whole numbers from 2 to 10000.");
  process.exit(2);
}

const startedAt = performance.now();
const server = await startRunningHttp({ BATCH_CALL_HTTP_REQUESTS_PER_MINUTE: "100000" });
try {
  const report = await callAsMany(server, { callers, organizations });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(JSON.stringify({ callers, organizations, ...report, seconds }));
  console.log(
    `${callers} callers of ${organizations} organizations at once: ${report.answers} answers, ${report.crossed} crossed; ${report.foreign} foreign ids asked for, ${report.told} told from one that never was.`,
  );
  process.exitCode = report.crossed === 0 && report.told === 0 ? 0 : 1;
} finally {
  await server.stop();
}
