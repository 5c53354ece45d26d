/**
 * A rolling upgrade: a service and a worker of the commit `--from` dial a list of `--recipients` on one PostgreSQL database, those of this tree are
 * started beside them, and the carrier's ledger says who was called. Takes `--database URL`, of a server where databases may be made. With the
 * dependencies of this tree.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { postgresSchemaSteps } from "../src/service/store/postgres/schema.ts";
import { createMachine } from "../test/support/process/machines.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import { upgradeRun, upgradeSettings } from "../test/support/process/upgrade-run.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    database: { type: "string" },
    from: { type: "string" },
    recipients: { type: "string", default: "400" },
  },
});
const { database: serverUrl, from } = values;
if (!serverUrl || !from) {
  console.error(
    "Takes --from COMMIT, and --database with the URL of a PostgreSQL server on which databases may be made.",
  );
  process.exit(2);
}
const root = fileURLToPath(new URL("../../", import.meta.url));
const runTool = promisify(execFile);
const binary = (folder: string) => [process.execPath, join(folder, "bin", "batch-call-mcp.cjs")] as const;

/** The tree of that commit, built; returns the folder of its compiled modules. */
async function buildOlder(): Promise<string> {
  const archive = join(tree, "tree.tar");
  await runTool("git", ["-C", root, "archive", "--output", archive, from ?? ""]);
  await runTool("tar", ["-xf", archive, "-C", tree]);
  await symlink(join(root, "node_modules"), join(tree, "node_modules"));
  const compile = (config: string) => runTool(join(root, "node_modules", ".bin", "tsc"), ["-p", join(tree, config)]);
  // Until the program was one bundle, its modules were what ran.
  if (existsSync(join(tree, "tsconfig.build.json"))) {
    await compile("tsconfig.build.json");
    return join(tree, "dist");
  }
  await runTool(process.execPath, [join(tree, "scripts", "build.mjs")]);
  await compile("tsconfig.dev.json");
  return join(tree, "build", "src");
}

const schemaFile = "src/service/store/postgres/schema.ts";

/** Nobody has to stop then, which is what this run waits for. */
function endWhereNothingIsUpgraded(isSame: boolean): void {
  if (!isSame) return;
  console.error(`${from} has the schema of this tree: nothing is upgraded, and both versions may dial side by side.`);
  console.error(`Take a commit before the last change of ${schemaFile}: git log --format=%h -- ${schemaFile}`);
  process.exit(2);
}

const unchanged = ["-C", root, "diff", "--quiet", from, "--", schemaFile];
endWhereNothingIsUpgraded(
  await runTool("git", unchanged).then(
    () => true,
    () => false,
  ),
);
const tree = await mkdtemp(join(tmpdir(), "batch-call-older-"));
console.log(`Building ${from} …`);
const modules = await buildOlder();
const olderSchema = await import(pathToFileURL(join(modules, "service", "store", "postgres", "schema.js")).href);
if (olderSchema.postgresSchemaSteps?.length === postgresSchemaSteps.length) {
  await rm(tree, { recursive: true, force: true });
  endWhereNothingIsUpgraded(true);
}
const database = await createDatabase(serverUrl);
const settings = { ...upgradeSettings, BATCH_CALL_DATABASE_URL: database.url.reveal() };
const create = (name: string, folder: string) => createMachine({ name, program: binary(folder), settings });
const older = await Promise.all([create("older-1", tree), create("older-2", tree)] as const);
const newer = await Promise.all([create("newer-1", root), create("newer-2", root)] as const);
try {
  const report = await upgradeRun({ older, newer, databaseUrl: database.url, recipients: Number(values.recipients) });
  console.log(report);
  const { lost, calledTwice, claimedByOlderAfter, olderThatSaidWhy } = report;
  const isGood = lost + calledTwice + claimedByOlderAfter === 0 && olderThatSaidWhy === report.older;
  console.log(isGood ? "Nobody was lost or called twice, and the older ones stopped by name." : "It went WRONG.");
  process.exitCode = isGood ? 0 : 1;
} finally {
  await database.drop();
  await Promise.all([...older, ...newer].map((machine) => machine.remove()));
  await rm(tree, { recursive: true, force: true });
}
