import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What the authors of the libraries want to be said where their work is handed on: of those that the modules at these paths are from. */
export async function licensesOf(root, modulePaths) {
  const folders = new Set(
    modulePaths.flatMap((path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = await Promise.all([...folders].map(licenseOf));
  if (texts.length === 0) throw new Error(`no library of ${root} is in the bundle`);
  return [...new Set(texts)].sort().join(`\n${"-".repeat(72)}\n\n`);
}

async function licenseOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((each) => /^(un)?licen[cs]e/i.test(each));
  if (file === undefined && typeof license !== "string")
    throw new Error(`${name} does not say under which license it is`);
  const text = file === undefined ? `License: ${license}` : await readFile(join(folder, file), "utf8");
  return `${name} ${version}\n\n${text.trim()}\n`;
}
