/**
 * Prints the structure of src: files, lines, the fullest folder, import cycles (types included), exported names that stand for
 * two things, and how many of our modules one draft create_batch_call runs. Exit code 1 for a cycle, a name with two
 * meanings or a folder over 20 files.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { modulesOfOneCreate } from "./modules-of-one-create.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const source = join(root, "src");
const mostFilesInAFolder = 20;

type Module = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

function readModules(): readonly Module[] {
  const paths = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return paths.sort().map((path) => {
    const text = readFileSync(join(source, path), "utf8");
    const specifiers = [...text.matchAll(/(?:from|import|import\()\s*"(\.[^"]+)"/g)].map(
      ([, specifier]) => specifier ?? "",
    );
    return { path, text, imports: specifiers.map((specifier) => normalize(join(dirname(path), specifier))) };
  });
}

/** The circles of modules that import each other, each as the paths in it (strongly connected components, Tarjan 1972). */
function findCycles(modules: readonly Module[]): readonly (readonly string[])[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): number => {
    const mine = index.size;
    index.set(path, mine);
    low.set(path, mine);
    stack.push(path);
    for (const next of byPath.get(path)?.imports ?? []) {
      if (!index.has(next)) low.set(path, Math.min(low.get(path) ?? mine, visit(next)));
      else if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? mine, index.get(next) ?? mine));
    }
    if (low.get(path) === mine) {
      const circle = stack.splice(stack.indexOf(path));
      if (circle.length > 1) cycles.push(circle);
    }
    return low.get(path) ?? mine;
  };
  for (const { path } of modules) if (!index.has(path)) visit(path);
  return cycles;
}

/** Exported names that more than one file declares; re-exports of an index do not count. */
function namesWithTwoMeanings(modules: readonly Module[]): readonly string[] {
  const homes = new Map<string, string[]>();
  const declaration = /^export (?:async )?(?:type|const|function|class|let) (\w+)/gm;
  for (const { path, text } of modules) {
    for (const [, name = ""] of text.matchAll(declaration)) {
      const known = homes.get(name) ?? [];
      if (!known.includes(path)) homes.set(name, [...known, path]);
    }
  }
  return [...homes].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(", ")}`);
}

function countByFolder(modules: readonly Module[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { path } of modules) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

const modules = readModules();
const lengths = modules.map(({ text }) => text.split("\n").length - 1).sort((a, b) => a - b);
const [fullest = ["", 0]] = countByFolder(modules);
const cycles = findCycles(modules);
const doubled = namesWithTwoMeanings(modules);
const run = await modulesOfOneCreate(root);

console.log(`files                        ${modules.length}`);
console.log(`lines                        ${lengths.reduce((sum, length) => sum + length, 0)}`);
console.log(`median lines of a file       ${lengths[Math.floor(lengths.length / 2)]}`);
console.log(`fullest folder               ${fullest[1]} files in src/${fullest[0]}`);
console.log(`modules run by one create    ${run.length}`);
console.log(`cycles                       ${cycles.length}`);
for (const cycle of cycles) console.log(`  ${cycle.join(" -> ")}`);
console.log(`names with two meanings      ${doubled.length}`);
for (const line of doubled) console.log(`  ${line}`);
if (process.argv.includes("--modules")) for (const path of run) console.log(`  ran ${path}`);
process.exitCode = cycles.length + doubled.length > 0 || fullest[1] > mostFilesInAFolder ? 1 : 0;
