/**
 * In a process of its own: dials on the database of BATCH_CALL_DATABASE_URL between two messages, then says how many
 * calls it made.
 */
import { once } from "node:events";
import { Secret } from "../src/domain/secret.ts";
import { silentLog } from "../src/lib/log.ts";
import type { WakeUps } from "../src/service/dialing/wake/wake-ups.ts";
import { openPool } from "../src/service/store/postgres/pool.ts";
import { openPostgresStore } from "../src/service/store/postgres/store.ts";
import { InstantCarrier, startDialer } from "./engine-world.ts";

const pollMs = 20;

/** In place of pg-boss, which does not run on Node 20: a process that found nothing to claim asks again. */
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

const sql = await openPool(new Secret(process.env["BATCH_CALL_DATABASE_URL"] ?? ""), silentLog);
const store = await openPostgresStore(sql, `bench/${process.pid}`);
const carrier = new InstantCarrier();
process.send?.("ready");
await once(process, "message");
const dialer = startDialer(store, carrier, createPolling());
await once(process, "message");
await dialer.stop();
await store.close();
process.send?.(carrier.dials.length);
process.disconnect();
