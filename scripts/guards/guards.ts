/**
 * Takes each guard out of a copy of the code and runs the tests that must notice. Prints which test did; exit code 1
 * when one noticed nothing. `--only TEXT` takes the guards with that text in their names.
 */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { parseOptions } from "../parse-options.ts";
import { allGuards } from "./all-guards.ts";
import type { Guard } from "./engine-guards.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { values } = parseOptions({ options: { only: { type: "string", default: "" } } });

const builtOf = ["bin", "scripts", "view", "README.md", "package-lock.json"];
/** Their programs are built ones. */
const areOfProcesses = (tests: readonly string[]): boolean => tests.some((test) => test.startsWith("test/process/"));

/** Builds the copy as it is. Throws where that fails, which says nothing of a guard. */
async function build(copy: string): Promise<void> {
  await promisify(execFile)(process.execPath, [join(copy, "scripts", "build.mjs")], { cwd: copy });
}

const report = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), title: z.string() })),
    }),
  ),
});

/** The titles of the tests that failed; what went wrong when a whole file did. */
async function failedTests(copy: string, tests: readonly string[]): Promise<readonly string[]> {
  const output = join(copy, "report.json");
  await rm(output, { force: true });
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = [vitest, "run", "--bail=1", "--reporter=json", `--outputFile=${output}`, ...tests];
  await new Promise<void>((resolve) => execFile(process.execPath, args, { cwd: copy }, () => resolve()));
  const { testResults } = report.parse(JSON.parse(await readFile(output, "utf8")));
  return testResults.flatMap(({ message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === "failed").map(({ title }) => title);
    return failed.length === 0 && message !== "" ? [`(file) ${message.split("\n")[0]}`] : failed;
  });
}

/** Runs the tests without the guard, and puts it back. Throws when its text does not stand in the file exactly once. */
async function withoutGuard(copy: string, { file, find, replace, tests }: Guard): Promise<readonly string[]> {
  const path = join(copy, file);
  const whole = await readFile(path, "utf8");
  if (whole.split(find).length !== 2) throw new Error(`${file} does not hold this exactly once: ${find}`);
  await writeFile(
    path,
    whole.replace(find, () => replace),
  );
  try {
    if (areOfProcesses(tests)) await build(copy);
    return await failedTests(copy, tests);
  } finally {
    await writeFile(path, whole);
  }
}

const copy = await mkdtemp(join(tmpdir(), "batch-call-guards-"));
let survivors = 0;
try {
  for (const part of ["src", "test", "package.json", "tsconfig.json", "vitest.config.ts", ...builtOf])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  const chosen = allGuards.filter(({ name }) => name.includes(values.only));
  const failing = new Map<string, readonly string[]>();
  for (const guard of chosen) {
    if (areOfProcesses(guard.tests)) await build(copy);
    // With all guards in place a test has to pass, or its failure says nothing.
    for (const test of guard.tests) if (!failing.has(test)) failing.set(test, await failedTests(copy, [test]));
    const untouched = guard.tests.flatMap((test) => failing.get(test) ?? []);
    const failed = untouched.length > 0 ? [] : await withoutGuard(copy, guard);
    if (failed.length === 0) survivors += 1;
    const verdict = untouched.length > 0 ? "FAILS WITH IT TOO" : failed.length === 0 ? "NOT NOTICED" : "red";
    const tests = [...untouched, ...failed];
    console.log(`${verdict}  without: ${guard.name}\n     ${tests[0] ?? guard.tests.join(", ")}`);
  }
  console.log(`${chosen.length - survivors} of ${chosen.length} guards are watched over.`);
} finally {
  await rm(copy, { recursive: true, force: true });
}
process.exitCode = survivors === 0 ? 0 : 1;
