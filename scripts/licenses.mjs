import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The libraries that the modules at these paths are from, by name: `licence` in SPDX, `text` as their authors want it handed on. */
export async function bundledPackages(root, modulePaths) {
  const folders = new Set(
    modulePaths.flatMap((path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  if (folders.size === 0) throw new Error(`no library of ${root} is in the bundle`);
  const packages = await Promise.all([...folders].map(readPackage));
  const byName = new Map(packages.map((one) => [`${one.name} ${one.version}`, one]));
  return [...byName.values()].sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));
}

/** What the authors of the libraries want to be said where their work is handed on. */
export function licenseTexts(packages) {
  return packages.map(({ name, version, text }) => `${name} ${version}\n\n${text}\n`).join(`\n${"-".repeat(72)}\n\n`);
}

async function readPackage(folder) {
  const { name, version, license: licence } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  if (typeof licence !== "string") throw new Error(`${name} does not say under which licence it is`);
  const file = (await readdir(folder)).find((each) => /^(un)?licen[cs]e/i.test(each));
  const text = file === undefined ? `License: ${licence}` : (await readFile(join(folder, file), "utf8")).trim();
  return { name, version, licence, text };
}
