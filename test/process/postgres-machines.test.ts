import { expect, test } from "vitest";
import { createMachine } from "../support/process/machines.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";
import { builtProgram, createHome, run } from "../support/process/spawn.ts";
import { stopRun, stopRunSettings } from "../support/process/stop-run.ts";

/** pg-boss needs Node 22.12. */
const [major = 0] = process.versions.node.split(".").map(Number);

test.skipIf(!testServerUrl || major < 24)(
  "a stop or a pause on any machine of a database is answered when no dial starts on any of them",
  { timeout: 600_000 },
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

test.skipIf(!testServerUrl || major < 24)(
  "a worker tells its lease where it is asked for it, and doctor names it and what it goes by that is set otherwise here",
  async () => {
    const home = await createHome();
    const database = await createDatabase(testServerUrl ?? "");
    try {
      const settings = { BATCH_CALL_DATABASE_URL: database.url.reveal(), BATCH_CALL_WORKER_PORT: "0" };
      const worker = run(await builtProgram(home, ["worker"], settings));
      const [, url = ""] = await worker.answered(/How it stands: (http:\S+)\/healthz/);
      expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({
        status: "ok",
        process: "worker",
        dialing: { carrier: "ready", lease_until: expect.stringMatching(/Z$/) },
      });
      const examine = async (more: Record<string, string>) => {
        const doctor = run(await builtProgram(home, ["doctor"], { ...settings, ...more }));
        await doctor.exited;
        return doctor.stdout();
      };
      const named = new RegExp(
        `processes: worker \\S+/${worker.process.pid}/\\S+, version 0\\.1\\.0, last sign \\d s ago`,
      );
      expect(await examine({})).toMatch(named);
      const otherwise = await examine({ BATCH_CALL_STARTS_PER_SECOND: "9" });
      expect(otherwise).toMatch(/WRONG processes: .*BATCH_CALL_STARTS_PER_SECOND is 9 here, and 5 in/);
      const second = run(await builtProgram(home, ["worker"], { ...settings, BATCH_CALL_STARTS_PER_SECOND: "9" }));
      await second.logged(/BATCH_CALL_STARTS_PER_SECOND is 9 here, and 5 in/);
      await Promise.all([worker.stop(), second.stop()]);
    } finally {
      await database.drop();
      await home.remove();
    }
  },
);
