import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allGuards } from "../../scripts/guards/all-guards.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

// `npm run guards` takes them out one by one, which takes an hour: this tells at once of one that the code moved away from.
test.each(allGuards)("the guard stands where it is looked for, once: $name", ({ file, find, replace, tests }) => {
  const parts = readFileSync(`${root}${file}`, "utf8").split(find);
  expect(parts).toHaveLength(2);
  expect(replace).not.toBe(find);
  for (const path of tests) expect(existsSync(`${root}${path}`), path).toBe(true);
});
