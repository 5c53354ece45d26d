/** Builds the tree as it is in two folders of different names and compares what came out, byte for byte. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../test/support/process/spawn.ts";
import { parseOptions } from "./parse-options.ts";

parseOptions({ options: {} });
const runTool = promisify(execFile);

/** A digest of each file that a build in a new folder made, by its path. */
async function build(name: string): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), `batch-call-build-${name}-`));
  try {
    const listed = await runTool("git", ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    const files = listed.stdout.split("\0").filter((file) => file !== "" && !/^(test|docs)\//.test(file));
    for (const file of files) if (file !== "node_modules") await cp(join(root, file), join(folder, file));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await runTool("npm", ["run", "build"], { cwd: folder });
    const made = await readdir(join(folder, "dist"), { recursive: true, withFileTypes: true });
    const digests = made
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const digest = createHash("sha256")
          .update(await readFile(path))
          .digest("hex");
        return [path.slice(folder.length + 1), digest] as const;
      });
    return new Map(await Promise.all(digests));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const first = await build("first");
const second = await build("the-second");
const paths = [...new Set([...first.keys(), ...second.keys()])];
const different = paths.filter((path) => first.get(path) !== second.get(path));
for (const path of different)
  console.log(`${path}: ${first.get(path) ?? "not there"}, then ${second.get(path) ?? "not there"}`);
console.log(`${paths.length} files, ${different.length} different.`);
process.exitCode = different.length === 0 && paths.length > 0 ? 0 : 1;
