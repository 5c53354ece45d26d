/**
 * Makes build/batch-call-mcp.mcpb, the bundle that Claude Desktop opens: the built program with its libraries in one folder, no native
 * code and nothing to install. Run by `npm run mcpb`, which builds first.
 */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packExtension, validateManifest } from "@anthropic-ai/mcpb/cli";
import { bundleManifest, leastNodeOfBundle } from "./bundle-manifest.ts";
import { packageFacts } from "./package-facts.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "build", "mcpb");
const packed = join(root, "build", `${packageFacts.name}.mcpb`);

await rm(folder, { recursive: true, force: true });
await cp(join(root, "dist"), join(folder, "dist"), { recursive: true });
for (const file of ["bin/start.cjs", "bin/compiled-code.cjs", "examples/contacts.csv", "README.md", "LICENSE"])
  await cp(join(root, file), join(folder, file));
await writeFile(join(folder, "bin", `${packageFacts.name}.cjs`), await launcher());
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

/** The program's own, with the Node that has SQLite in it. */
async function launcher(): Promise<string> {
  const text = await readFile(join(root, "bin", `${packageFacts.name}.cjs`), "utf8");
  const floor = /var floor = \[[\d, ]+\];/;
  if (!floor.test(text)) throw new Error("the program does not say which Node it needs");
  return text.replace(floor, `var floor = [${leastNodeOfBundle.join(", ")}];`);
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
