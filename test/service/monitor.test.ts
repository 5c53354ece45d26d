import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../src/lib/log.ts";
import { work } from "../../src/service/serve.ts";
import { openSqliteStore } from "../../src/service/store/sqlite/store.ts";
import { agreed } from "../support/agreed.ts";
import { ScriptedCarrier } from "../support/carriers/scripted-carrier.ts";
import { TestClock } from "../support/test-clock.ts";
import { newTasks, storedBatch } from "./store/store-suite.ts";

async function startWorker(port?: number) {
  const folder = await mkdtemp(join(tmpdir(), "batch-call-worker-"));
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const store = openSqliteStore(join(folder, "service.sqlite"));
  const carrier = new ScriptedCarrier(clock);
  carrier.faults = ["full"];
  carrier.asksToWait = { retryAfterMs: 60_000 };
  const at = clock.now();
  await store.createBatch(
    storedBatch({ status: "sent", createdAt: at, updatedAt: at }),
    newTasks(1),
    undefined,
    agreed,
  );
  const settings = { maxConcurrent: 10, startsPerSecond: 8 };
  const worker = await work({ store, carrier, clock, settings, log: silentLog, ...(port !== undefined && { port }) });
  onTestFinished(async () => {
    await worker.stop();
    await rm(folder, { recursive: true });
  });
  return { worker, clock, store };
}

test("a worker tells how it dials, and what its carrier said, in the routes of the service", async () => {
  const { worker, clock, store } = await startWorker(0);
  const at = (path: string) => fetch(new URL(path, worker.url));
  // biome-ignore lint/suspicious/noExplicitAny: each expectation says what it reads
  const bodyOf = async (answer: Response): Promise<any> => answer.json();
  await expect
    .poll(async () => (await bodyOf(await at("/healthz"))).dialing.carrier, { message: "the carrier was asked" })
    .toBe("resting");
  const health = await at("/healthz");
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({
    status: "ok",
    process: "worker",
    environment: "simulated",
    schema_version: store.knownSchemaVersion,
    dialing: {
      in_flight: 0,
      last_pass_at: clock.now().toISOString(),
      last_claim_at: clock.now().toISOString(),
      carrier_rests_until: new Date(clock.now().getTime() + 60_000).toISOString(),
      starts_per_second: 4,
    },
  });
  const metrics = await (await at("/metrics")).text();
  expect(metrics).toContain('batch_call_queue{state="waiting",process="worker"} 1');
  expect(metrics).toContain('batch_call_in_flight{process="worker"} 0');
  const other = await at("/batch-call");
  expect([other.status, (await bodyOf(other)).error]).toEqual([404, expect.stringContaining("GET /healthz")]);
});

test("a worker without the setting serves nothing", async () => {
  const { worker } = await startWorker();
  expect(worker.url).toBeUndefined();
});
