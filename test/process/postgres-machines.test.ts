import { expect, test } from "vitest";
import { createMachine } from "../support/process/machines.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";
import { builtProgram, createHome } from "../support/process/spawn.ts";
import { stopRun, stopRunSettings } from "../support/process/stop-run.ts";

/** pg-boss needs Node 22.12. */
const [major = 0] = process.versions.node.split(".").map(Number);

test.skipIf(!testServerUrl || major < 24)(
  "a stop or a pause on any machine of a database is answered when no dial starts on any of them",
  { timeout: 300_000 },
  async () => {
    const home = await createHome();
    const database = await createDatabase(testServerUrl ?? "");
    const { command, args } = await builtProgram(home, []);
    const settings = { ...stopRunSettings, BATCH_CALL_DATABASE_URL: database.url.reveal() };
    const create = (name: string) => createMachine({ name, program: [command, ...args], settings });
    const machines = await Promise.all(["service-1", "service-2", "worker"].map(create));
    try {
      const rounds = await stopRun({ machines, services: 2, databaseUrl: database.url });
      expect(rounds).toHaveLength(7);
      for (const round of rounds) {
        expect(round).toMatchObject({ dialsAfterAnswer: 0 });
        // Otherwise there was nothing to stop. How soon it holds is for a calm machine to say.
        expect(round.callsPerSecond, round.how).toBeGreaterThan(0);
      }
    } finally {
      await database.drop();
      await home.remove();
      await Promise.all(machines.map((machine) => machine.remove()));
    }
  },
);
