import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** The revisions whose requirements the suite has frozen. */
export type Revision = "2025-11-25" | "2026-07-28";

/** What the suite found: the checks that failed, by scenario; and which scenarios a server of that revision has to pass. */
export type Verdict = {
  readonly required: readonly string[];
  readonly failed: Readonly<Record<string, readonly string[]>>;
};

const suite = dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json"));
const requirements = z.object({ server: z.array(z.string()) });
const checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

/** Holds the server at `url` against all that a revision requires. The suite needs Node 22. */
export async function runSuite(url: string, revision: Revision): Promise<Verdict> {
  const results = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    const file = await readFile(join(suite, "requirements", `${revision}.yaml`), "utf8");
    const { server: required } = requirements.parse(parse(file));
    await run(["server", "--url", url, "--requirements", revision, "--output-dir", results]);
    const failed = await Promise.all(
      (await readdir(results)).map(async (name) => {
        const text = await readFile(join(results, name, "checks.json"), "utf8");
        return [scenarioOf(name), failuresIn(checks.parse(JSON.parse(text)))] as const;
      }),
    );
    return { required, failed: Object.fromEntries(failed) };
  } finally {
    await rm(results, { recursive: true });
  }
}

/** Its exit code says that something failed; what did is in its files. */
function run(args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(suite, "dist", "index.js"), ...args], { maxBuffer: 64 * 1024 * 1024 }, () =>
      resolve(),
    );
  });
}

function scenarioOf(folder: string): string {
  return folder.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
}

function failuresIn(found: z.output<typeof checks>): readonly string[] {
  const failures = found.filter(({ status }) => status === "FAILURE");
  return failures.map(({ id, errorMessage = "" }) => `${id}: ${errorMessage}`);
}
