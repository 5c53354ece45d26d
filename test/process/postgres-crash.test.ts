import { expect, test } from "vitest";
import { sharedCrashRun, sharedCrashSettings } from "../support/process/crash-run-postgres.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";
import { builtProgram, createHome } from "../support/process/spawn.ts";

const kills = 30;
const workers = 4;
/** pg-boss needs Node 22.12. */
const [major = 0] = process.versions.node.split(".").map(Number);

test.skipIf(!testServerUrl || major < 24)(
  `a service and ${workers} workers on PostgreSQL, killed ${kills} times while dialing, lose nobody and call nobody twice`,
  { timeout: 600_000 },
  async () => {
    const home = await createHome();
    const database = await createDatabase(testServerUrl ?? "");
    try {
      const settings = { ...sharedCrashSettings, BATCH_CALL_DATABASE_URL: database.url.reveal() };
      const programs = {
        service: await builtProgram(home, ["service"], settings),
        worker: await builtProgram(home, ["worker"], settings),
      };
      const report = await sharedCrashRun({
        program: (command) => programs[command],
        databaseUrl: database.url,
        dataDir: home.dataDir,
        workers,
        kills,
        random: Math.random,
      });
      expect(report).toMatchObject({ lost: 0, calledTwice: 0 });
      const { total = 0, completed = 0, failed = 0 } = report.counts;
      expect(completed + failed).toBe(total);
      expect(total).toBe(report.recipients);
      expect(report.resolvedAfterMs).toBeLessThan(60_000);
      // Otherwise they were not killed while dialing, and the rest would prove nothing.
      expect(report.leftAtLastKill).toBeGreaterThan(0);
      expect(report.killsDuringCalls).toBeGreaterThan(kills / 2);
    } finally {
      await database.drop();
      await home.remove();
    }
  },
);
