import type { Reporter, TestModule } from "vitest/node";
import { hasBrowser } from "./browser.ts";
import { testServerUrl } from "./process/postgres.ts";
import { hasTerminal } from "./process/pty.ts";

/** What a bare machine does not have, and the command that brings its tests into the run. */
const missing = [
  { isThere: hasBrowser, line: "browser tests: apt-get install chromium, then npx vitest run test/browser" },
  { isThere: hasTerminal, line: "tests at a terminal: apt-get install bsdutils, then npx vitest run test/process" },
  {
    isThere: testServerUrl !== undefined,
    line: "PostgreSQL: BATCH_CALL_TEST_DATABASE_URL=postgres://… npm run test:postgres",
  },
];

/** Ends a run with what was skipped for want of a program, and one plain line for programs: `N passed, N failed, N skipped`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
    if (count("skipped") > 0)
      for (const { isThere, line } of missing) if (!isThere) process.stdout.write(`skipped here  ${line}\n`);
    process.stdout.write(
      `${count("passed")} passed, ${count("failed") + brokenFiles} failed, ${count("skipped")} skipped\n`,
    );
  }
}
