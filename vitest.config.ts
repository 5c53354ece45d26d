import { defineConfig } from "vitest/config";

/** Real processes, browsers, and runs over many seeds. Everything else belongs to the loop of whoever writes code. */
const slow = ["test/**/*.slow.test.ts", "test/process/**/*.test.ts", "test/browser/**/*.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real processes mostly wait, so two of them share a core.
    maxWorkers: 4,
    reporters: ["default", "./test/support/closing-line.ts"],
    projects: [
      // Modules are loaded once a worker and not once a file: no test mocks one, and loading was most of the time.
      { extends: true, test: { name: "fast", include: ["test/**/*.test.ts"], exclude: slow, isolate: false } },
      { extends: true, test: { name: "slow", include: slow } },
    ],
  },
});
