/**
 * In a process of its own: the `worker` command on the database of BATCH_CALL_DATABASE_URL, all but its carrier, whose calls take no
 * time. Dials between two messages, then tells which tokens it dialed and what processor time that took, in ms.
 */
import { once } from "node:events";
import { Secret } from "../src/domain/secret.ts";
import { systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { openPgBoss } from "../src/service/dialing/wake/pg-boss.ts";
import type { WakeUps } from "../src/service/dialing/wake/wake-ups.ts";
import { work } from "../src/service/index.ts";
import { openPool } from "../src/service/store/postgres/pool.ts";
import { openPostgresStore } from "../src/service/store/postgres/store.ts";
import { InstantCarrier, postgresLimits } from "./engine-world.ts";

const pollMs = 20;

/** Where pg-boss does not run (Node before 22.12): a process that found nothing to claim asks again. */
function createPolling(): WakeUps {
  let timer: NodeJS.Timeout | undefined;
  return {
    announce() {},
    async start(onWake) {
      timer = setInterval(onWake, pollMs);
    },
    async stop() {
      clearInterval(timer);
    },
  };
}

const url = new Secret(process.env["BATCH_CALL_DATABASE_URL"] ?? "");
const wakeUps = await openPgBoss(url, silentLog).catch(createPolling);
const store = await openPostgresStore(await openPool(url, silentLog), `bench/${process.pid}`);
const carrier = new InstantCarrier();
// pg-boss makes its tables before the clock runs.
let wake = (): void => {};
await wakeUps.start(() => wake());
const started: WakeUps = {
  announce: () => wakeUps.announce(),
  async start(onWake) {
    wake = onWake;
  },
  stop: () => wakeUps.stop(),
};
process.send?.("ready");
await once(process, "message");
const before = process.cpuUsage();
const parts = { store, carrier, wakeUps: started, clock: systemClock, log: silentLog };
const worker = await work({ ...parts, settings: { ...postgresLimits } });
await once(process, "message");
const { user, system } = process.cpuUsage(before);
process.send?.({ tokens: carrier.dials.map(({ request }) => request.token), cpuMs: (user + system) / 1000 });
await worker.stop();
process.disconnect();
