import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { chaosOnPostgres } from "../support/process/chaos-postgres.ts";
import { createDatabase } from "../support/process/postgres.ts";
import { startOwnServer } from "../support/process/postgres-server.ts";
import { builtProgram, createHome } from "../support/process/spawn.ts";

/** pg-boss needs Node 22.12. */
const [major = 0] = process.versions.node.split(".").map(Number);

test.skipIf(!process.env["BATCH_CALL_TEST_DATABASE_URL"] || major < 24)(
  "processes that are killed or stand still, cut connections and a server that crashes lose nobody and call nobody twice",
  { timeout: 600_000 },
  async (context) => {
    const server = await startOwnServer();
    if (!server) return context.skip("no PostgreSQL is installed here");
    const home = await createHome();
    try {
      const database = await createDatabase(server.url);
      const programs = {
        service: await builtProgram(home, ["service"]),
        worker: await builtProgram(home, ["worker"]),
      };
      const report = await chaosOnPostgres({
        program: (command, settings) => ({
          ...programs[command],
          env: { ...programs[command].env, ...settings },
        }),
        databaseUrl: database.url,
        serverUrl: new Secret(server.url),
        dataDir: home.dataDir,
        workers: 4,
        seconds: 15,
        random: Math.random,
        crashDatabase: () => server.killAndRestart(),
      });
      expect(report).toMatchObject({ calledTwice: 0, lost: 0, withoutResult: 0, endedByThemselves: [] });
      expect(report.recipients).toBeGreaterThan(0);
    } finally {
      await server.stop();
      await home.remove();
    }
  },
);
