/**
 * Makes build/batch-call-mcp.mcpb, the bundle that Claude Desktop opens: the built program with its libraries in one folder, no native
 * code and nothing to install. Run by `npm run mcpb`, which builds first.
 */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packExtension, validateManifest } from "@anthropic-ai/mcpb/cli";
import { rolldown } from "rolldown";
import { z } from "zod";
import { bundleManifest, leastNodeOfBundle } from "./bundle-manifest.ts";
import { packageFacts } from "./package-facts.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "build", "mcpb");
const packed = join(root, "build", `${packageFacts.name}.mcpb`);

// Of several machines or of Node 20; a bundle is one program on one machine.
const leftOut = ["pg", "pg-boss", "@photostructure/sqlite"];

await rm(folder, { recursive: true, force: true });
await bundle({ main: join(root, "dist", "main.js") }, join(folder, "dist"), "es");
// Asked for when a campaign first needs holidays, by its name: a third of a second that most starts save.
const holidays = join(folder, "node_modules", "date-holidays");
await bundle({ index: join(root, "node_modules", "date-holidays", "lib", "index.cjs") }, holidays, "cjs");
await writeJson(join(holidays, "package.json"), { name: "date-holidays", main: "index.cjs" });
await cp(join(root, "dist", "view"), join(folder, "dist", "view"), { recursive: true });
for (const file of ["bin/start.cjs", "examples/contacts.csv", "README.md", "LICENSE"])
  await cp(join(root, file), join(folder, file));
await writeFile(join(folder, "bin", `${packageFacts.name}.cjs`), await launcher());
await writeFile(join(folder, "THIRD-PARTY-LICENSES.txt"), await licenses());
const { name, version, license } = packageFacts;
await writeJson(join(folder, "package.json"), {
  name,
  version,
  license,
  type: "module",
  exports: { "./package.json": "./package.json" },
});
await writeJson(join(folder, "manifest.json"), bundleManifest());
if (!validateManifest(folder)) throw new Error("the manifest is not valid");
if (!(await packExtension({ extensionPath: folder, outputPath: packed, silent: true })))
  throw new Error("the bundle was not packed");
console.log(`${packed}: ${(await stat(packed)).size} bytes, unpacked ${await sizeOf(folder)}`);

async function bundle(input: Record<string, string>, dir: string, format: "es" | "cjs"): Promise<void> {
  const built = await rolldown({
    input,
    platform: "node",
    external: leftOut,
    // jsonc-parser's first choice loads its parts by names that a bundle does not have.
    resolve: { mainFields: ["module", "main"] },
    onLog: (level, log) => {
      if (level === "warn") console.error(log.message);
    },
  });
  const extension = format === "es" ? "js" : "cjs";
  await built.write({
    dir,
    format,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `chunks/[name]-[hash].${extension}`,
  });
  await built.close();
}

/** The program's own, with the Node that has SQLite in it. */
async function launcher(): Promise<string> {
  const text = await readFile(join(root, "bin", `${packageFacts.name}.cjs`), "utf8");
  const floor = /var floor = \[[\d, ]+\];/;
  if (!floor.test(text)) throw new Error("the program does not say which Node it needs");
  return text.replace(floor, `var floor = [${leastNodeOfBundle.join(", ")}];`);
}

/** What the authors of the libraries want to be said where their work is handed on. */
async function licenses(): Promise<string> {
  const lock = z
    .object({
      packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), license: z.string().optional() }).loose()),
    })
    .parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
  const paths = Object.entries(lock.packages).filter(
    ([path, { dev }]) => path !== "" && !dev && !leftOut.some((of) => path.endsWith(of)),
  );
  const texts = paths.map(async ([path, { license: kind }]) => {
    const names = await readdir(join(root, path)).catch(() => []);
    const file = names.find((name) => /^licen[cs]e/i.test(name));
    const text = file === undefined ? `License: ${kind}` : await readFile(join(root, path, file), "utf8");
    return `${path.replace(/^.*node_modules\//, "")}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(72)}\n\n`);
}

async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

async function sizeOf(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true });
  const sizes = await Promise.all(names.map(async (each) => stat(join(path, each))));
  return sizes.reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0);
}
