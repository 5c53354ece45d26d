import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Real processes, browsers, and runs over many seeds; `npm run test:fast` leaves them out. */
const slow = /\.slow\.test\.ts$|\/test\/(?:process|browser)\//;

/** The slow files first, so that none of them runs alone at the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const weight = ({ moduleId }: TestSpecification): number => (slow.test(moduleId) ? 0 : 1);
    return sorted.toSorted((a, b) => weight(a) - weight(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What hangs is told, late; a busy machine is no fault.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: SlowFirst },
    // Real processes mostly wait, so two of them share a core.
    maxWorkers: 4,
    // Modules are loaded once a worker and not once a file: no test mocks one, and loading was most of the time.
    isolate: false,
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
