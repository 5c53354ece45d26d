import type { Guard } from "./engine-guards.ts";

const shared = "test/service/dialing/dialers-shared.test.ts";
const clock = "test/service/store/postgres-clock.test.ts";

/** Guards that keep several processes on one database together. */
export const machineGuards: readonly Guard[] = [
  {
    name: "every process hears at once that all calls are stopped",
    file: "src/service/store/postgres/schema.ts",
    find: "PERFORM pg_notify('batch_call_changed', '');",
    replace: "",
    tests: [shared],
  },
  {
    name: "what waits at the carrier is taken back when all calls are stopped",
    file: "src/service/dialing/dialer.ts",
    find: "await attempts.takeBackStopped();",
    replace: "",
    tests: [shared],
  },
  {
    name: "a stop in the database is answered only when no dial is on its way",
    file: "src/service/store/postgres/kill-switch.ts",
    find: "while ((await sql.query(starting)).length > 0 &&",
    replace: 'while (starting === "" &&',
    tests: [clock],
  },
  {
    name: "a stop changes nothing else in a database of another version",
    file: "src/service/store/postgres/kill-switch.ts",
    find: 'if ((await readSchemaVersion(sql, "batch_call")) !== postgresSchemaSteps.length) return undefined;',
    replace: "void [readSchemaVersion, postgresSchemaSteps];",
    tests: [clock],
  },
  {
    name: "a stop waits for the dials of batches that another stop held",
    file: "src/service/batches/batch-steps.ts",
    find: "await Promise.all(running.map(({ id }) => dialing.stopped(id)));",
    replace: "void running;\n  await Promise.all(held.map((id) => dialing.stopped(id)));",
    tests: ["test/service/rest/app-pause.test.ts"],
  },
  {
    name: "a carrier without room is left alone by every process",
    file: "src/service/dialing/circuit-breaker.ts",
    find: "if (shared) room = await shared.read(clock.now());",
    replace: "",
    tests: [shared],
  },
];
