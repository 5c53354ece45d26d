import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Secret } from "../src/domain/secret.ts";
import { systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { createDialer } from "../src/service/dialing/dialer.ts";
import { openSqliteStore } from "../src/service/store/sqlite/store.ts";
import { createWebhooks } from "../src/service/webhooks/webhooks.ts";
import { webhookSecret } from "../test/support/http/webhook-receiver.ts";
import { addBatch, allEnded, InstantCarrier } from "./engine-world.ts";
import { median } from "./median.ts";

const rounds = 5;
const batchSize = 500;
const conducts = ["none", "dead", "hanging", "healthy"] as const;
/** Calls a second, each batch with its own caller id; of the second as many as the engine makes. */
const loads = [
  { name: "paced at 200 calls/s", calls: 1_000, batches: 2, startsPerSecond: 100 },
  { name: "as fast as it can", calls: 5_000, batches: 10, startsPerSecond: 1_000_000 },
] as const;

/** How much longer the same dials take while events are told to a URL that is dead, hangs, or works. */
export async function benchEvents(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  const receiver = new Worker(receiverProgram, { eval: true });
  const [port]: unknown[] = await once(receiver, "message");
  const urls = {
    none: undefined,
    dead: "http://127.0.0.1:9/",
    hanging: `http://127.0.0.1:${port}/hang`,
    healthy: `http://127.0.0.1:${port}/`,
  };
  try {
    for (const load of loads) {
      const rates: Record<(typeof conducts)[number], number[]> = { none: [], dead: [], hanging: [], healthy: [] };
      for (let round = 0; round <= rounds; round += 1) {
        for (const conduct of conducts) {
          const path = join(home, `${load.batches}-${round}-${conduct}.sqlite`);
          const rate = await callsPerSecond(path, load, urls[conduct]);
          if (round > 0) rates[conduct].push(rate);
        }
      }
      for (const conduct of conducts) {
        const ratios = rates[conduct].map((rate, n) => rate / (rates.none[n] ?? Number.NaN));
        const [rate, ratio] = [median(rates[conduct]).toFixed(0), median(ratios).toFixed(3)];
        const each = ratios.map((one) => one.toFixed(2)).join(", ");
        console.log(`${load.name}, URL ${conduct}: ${rate} calls/s, ratio to none ${ratio} (rounds: ${each})`);
      }
    }
  } finally {
    await receiver.terminate();
    await rm(home, { recursive: true, force: true });
  }
}

async function callsPerSecond(path: string, load: (typeof loads)[number], url: string | undefined): Promise<number> {
  const store = openSqliteStore(path);
  const common = { store, clock: systemClock, log: silentLog };
  const settings = url ? { urls: [new Secret(url)], secret: new Secret(webhookSecret) } : undefined;
  const webhooks = createWebhooks({ ...common, environment: "simulated", ...(settings && { settings }) });
  await webhooks.start();
  for (let n = 0; n < load.batches; n += 1)
    await addBatch(store, batchSize, { fromNumber: `+1${4_155_550_100 + n}`, organizationId: `org_${n}` });
  const carrier = new InstantCarrier();
  const limits = { maxConcurrent: 500, startsPerSecond: load.startsPerSecond };
  const dialer = createDialer({ ...common, carrier, settings: limits });
  const startedAt = performance.now();
  await dialer.start();
  await allEnded(store);
  const seconds = (performance.now() - startedAt) / 1000;
  await dialer.stop();
  await webhooks.stop();
  await store.close();
  if (carrier.dials.length !== load.calls) throw new Error(`${carrier.dials.length} dials for ${load.calls} calls`);
  return load.calls / seconds;
}

/** A receiver of its own thread, whose work is not that of the service. */
const receiverProgram = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:http").createServer((request, response) => {
    request.resume();
    if (request.url !== "/hang") request.on("end", () => response.writeHead(204).end());
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;
