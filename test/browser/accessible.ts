import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Frame, Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong, a line for each element; best practices too. */
export async function findViolations(shown: Page | Frame): Promise<string[]> {
  await shown.evaluate(axe);
  return shown.evaluate(`axe.run(document).then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ": " + help + ": " + target.join(" ") + " " + failureSummary)))`);
}
