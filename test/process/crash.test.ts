import { expect, test } from "vitest";
import { crashRun, crashSettings } from "../support/process/crash-run.ts";
import { builtProgram, createHome } from "../support/process/spawn.ts";

const kills = 15;

// Two at once: most of a run is the program's start, which leaves a core free.
test.concurrent.each(["one", "another"])(
  `the service, killed at ${kills} random moments while dialing, loses nobody and calls nobody twice: %s run`,
  {
    timeout: 400_000,
  },
  async () => {
    const home = await createHome();
    try {
      const program = await builtProgram(home, ["service"], crashSettings);
      const report = await crashRun({ program, dataDir: home.dataDir, kills, random: Math.random });

      expect(report).toMatchObject({ lost: 0, calledTwice: 0, status: "completed" });
      const { total = 0, completed = 0, failed = 0, ...others } = report.counts;
      expect(completed + failed).toBe(total);
      expect(total).toBe(report.recipients);
      expect(Object.values(others).every((count) => count === 0)).toBe(true);
      // Otherwise it was not killed while dialing, and the rest would prove nothing.
      expect(report.leftAtLastKill).toBeGreaterThan(0);
      expect(report.killsDuringCalls).toBeGreaterThan(kills / 2);
    } finally {
      await home.remove();
    }
  },
);
