/**
 * Holds the stand-ins of voice-agent platforms against the vendors' own API documents: `--spec retell=PATH`, once for each. What is
 * said to and by a stand-in in the life of a batch may have documented fields, types, words and statuses alone. The documents are the
 * vendors' and are not in this repository. Routes that a document does not have are named; the tests hold them against an excerpt.
 */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { type PlatformName, platformNames } from "../test/support/carriers/platform-world.ts";
import { compareWithDocument } from "../test/support/platforms/api-document.ts";
import { excerpts } from "../test/support/platforms/documents.ts";
import { exchangesOf } from "../test/support/platforms/exchanges.ts";
import { parseOptions } from "./parse-options.ts";

function platformOf(name: string): PlatformName | undefined {
  return platformNames.find((known) => known === name);
}

const { values } = parseOptions({ options: { spec: { type: "string", multiple: true, default: [] } } });
const wanted = values.spec.map((given) => given.split("=", 2));
if (wanted.length === 0 || wanted.some(([name = "", path]) => !platformOf(name) || !path)) {
  console.error(`--spec takes NAME=PATH of an OpenAPI document, NAME one of ${platformNames.join(", ")}.`);
  process.exit(2);
}

for (const [name = "", path = ""] of wanted) {
  const platform = platformOf(name);
  if (!platform) continue;
  const exchanges = await exchangesOf(platform);
  const { newer: known } = excerpts[platform];
  const report = compareWithDocument(parse(await readFile(path, "utf8")), exchanges);
  console.log(`${name}: ${report.checked} of ${exchanges.length} exchanges are documented there`);
  const all = [...report.unknownRoutes, ...report.differences];
  for (const newer of all.filter((one) => known.includes(one))) console.log(`  newer than that document: ${newer}`);
  const different = all.filter((one) => !known.includes(one));
  for (const difference of different) console.log(`  DIFFERS ${difference}`);
  if (different.length > 0) process.exitCode = 1;
}
