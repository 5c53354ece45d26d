import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { silentLog } from "../../src/lib/log.ts";
import { type RunningService, startService } from "../../src/service/service.ts";
import { ScriptedCarrier } from "../support/carriers/scripted-carrier.ts";
import { DialingWorld } from "../support/dialing/dialing-world.ts";
import { batchOf, ServiceWorld, tasksOf } from "../support/service-world.ts";
import { TestClock } from "../support/test-clock.ts";
import { waitUntil } from "../support/wait-until.ts";

async function inFolder(
  work: (dataDir: string, carrier: ScriptedCarrier, start: (port?: number) => Promise<RunningService>) => Promise<void>,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "batch-call-"));
  const clock = new TestClock("2026-02-02T15:00:00Z");
  const carrier = new ScriptedCarrier(clock);
  const settings = { maxConcurrent: 10, startsPerSecond: 5 };
  await work(dataDir, carrier, (port = 0) =>
    startService({ dataDir, carrier, clock, settings, log: silentLog, host: "127.0.0.1", port }),
  );
  await rm(dataDir, { recursive: true });
}

test("the first start makes keys that open the service", () =>
  inFolder(async (_dataDir, _carrier, start) => {
    const service = await start();
    const [{ apiKey, apiSecret }] = service.organizations;
    const headers = { "X-API-KEY": apiKey.reveal(), "X-API-SECRET": apiSecret.reveal() };
    expect((await fetch(new URL("/batch-call/list", service.url), { headers })).status).toBe(200);
    await service.stop();
  }));

test("stopping answers the request in hand and does not wait for idle connections", async () => {
  const world = await ServiceWorld.start();
  const idle = connect(Number(new URL(world.url).port), "127.0.0.1");
  await once(idle, "connect");
  const cut = once(idle, "close");
  let acceptDial: (() => void) | undefined;
  world.carrier.dial = () =>
    new Promise((resolve) => {
      acceptDial = () => resolve({ kind: "taken" });
    });
  const body = batchOf({ status: undefined, send_now: true, tasks: tasksOf(1) });
  const id = (await world.call("POST", "/batch-call", { body })).body.batch_call_id;
  await waitUntil("the dial reaches the carrier", () => acceptDial !== undefined);
  const pausing = world.call("POST", `/batch-call/${id}/pause`);
  await waitUntil("the batch shows its pause", async () => (await world.batch(id)).is_paused === true);
  const stopping = world.stop();
  acceptDial?.();
  expect((await pausing).body.data).toMatchObject({ batch_call_id: id, is_paused: true });
  await stopping;
  await cut;
  expect(world.carrier.isClosed).toBe(true);
});

test("whoever became due without a word to the service is called within a minute", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const world = await ServiceWorld.start();
    await world.clock.settle();
    // Written by somebody who wakes nobody.
    const elsewhere = new DialingWorld({ store: world.store, now: world.clock.now().toISOString() });
    await elsewhere.addBatch({ recipients: 1 });
    await world.clock.advance({ minutes: 5 });
    expect(world.carrier.dials).toHaveLength(0);
    vi.advanceTimersByTime(60_000);
    await world.clock.settle();
    expect(world.carrier.dials).toHaveLength(1);
    await world.stop();
  } finally {
    vi.useRealTimers();
  }
});

test("a port that is taken is an error that names it", () =>
  inFolder(async (_dataDir, _carrier, start) => {
    const world = await ServiceWorld.start();
    const port = Number(new URL(world.url).port);
    await expect(start(port)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    await world.stop();
  }));

test("keys that cannot be read stop the start before anything is opened", () =>
  inFolder(async (dataDir, carrier, start) => {
    await writeFile(join(dataDir, "credentials.json"), "{");
    await expect(start()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("credentials.json"),
    });
    expect(carrier.dials).toEqual([]);
  }));
