/** In a process of its own: `engine-memory.js STORE` dials from a store that was filled before, and says what memory it takes. */
import { openSqliteStore } from "../src/service/store/sqlite/store.ts";
import { residentMb } from "./engine-size.ts";
import { InstantCarrier, startDialer } from "./engine-world.ts";

const calls = 5000;
const store = openSqliteStore(process.argv[2] ?? "");
const carrier = new InstantCarrier();
const startedAt = performance.now();
const dialer = startDialer(store, carrier);
while (carrier.dials.length < calls) await new Promise((resolve) => setTimeout(resolve, 5));
const msACall = (performance.now() - startedAt) / carrier.dials.length;
const running = await store.runningBatches();
await dialer.stop();
await store.close();
console.log(
  `1,000,000 tasks in ${running.length} running batches: ${residentMb().toFixed(0)} MB after ${calls} calls (aim 200), ${msACall.toFixed(3)} ms a call`,
);
