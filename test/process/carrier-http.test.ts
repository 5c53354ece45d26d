import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { bridgeSecret, ScriptedBridge } from "../support/carriers/scripted-bridge.ts";
import { askService, urlOf } from "../support/process/ask-service.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { agentId, batchOf, callerId, type Json, numberOf } from "../support/service-world.ts";
import { waitUntil } from "../support/wait-until.ts";

const account = {
  agents: [{ agent_id: agentId, agent_name: "Reminders" }],
  phone_numbers: [{ phone_number: callerId }],
};

let home: Home;
let bridge: ScriptedBridge;
let settings: Record<string, string>;
beforeEach(async () => {
  home = await createHome();
  bridge = await ScriptedBridge.start(systemClock);
  settings = {
    BATCH_CALL_CARRIER: "http",
    BATCH_CALL_CARRIER_URL: bridge.url,
    BATCH_CALL_CARRIER_SECRET: bridgeSecret,
    BATCH_CALL_SERVICE_PORT: "0",
    BATCH_CALL_MAX_CONCURRENT: "20",
    BATCH_CALL_STARTS_PER_SECOND: "10000",
    // Else the test would wait for the recipients' morning.
    BATCH_CALL_CALLING_HOURS: "00:00-24:00",
  };
});
afterEach(async () => {
  await bridge.stop();
  await home.remove();
});

async function writeAccount(): Promise<void> {
  await mkdir(home.dataDir, { recursive: true });
  await writeFile(join(home.dataDir, "account.json"), JSON.stringify(account));
}

async function startService(given = settings): Promise<RunningProgram> {
  return run(await builtProgram(home, ["service"], given));
}

async function ask(service: RunningProgram, path: string, body?: object): Promise<Json> {
  return askService(await urlOf(service), home.dataDir, path, body);
}

it("`service` says that its calls are real, offers the operator's agents, and calls through the bridge", async () => {
  await writeAccount();
  const service = await startService();
  await service.answered(/calls are REAL, placed through http:/);
  const { data } = await ask(service, "/api/agents");
  expect(data.agents).toEqual([expect.objectContaining({ agent_id: agentId })]);
  await ask(
    service,
    "/batch-call",
    batchOf({ status: undefined, send_now: true, tasks: [{ to_number: numberOf(1) }] }),
  );
  await waitUntil("the bridge takes a call", () => bridge.calls.length > 0);
  expect(bridge.rung).toEqual([numberOf(1)]);
  expect(await service.stop()).toBe(0);
  expect(service.stdout() + service.stderr()).not.toContain(bridgeSecret);
  expect(service.stderr()).not.toContain(numberOf(1));
});

it("killed at random moments, it calls everybody once", async () => {
  await writeAccount();
  bridge.callMs = 150;
  const recipients = Array.from({ length: 120 }, (_, n) => numberOf(n + 1));
  let service = await startService();
  const tasks = recipients.map((to_number) => ({ to_number }));
  const { batch_call_id: id } = await ask(
    service,
    "/batch-call",
    batchOf({ status: undefined, send_now: true, tasks }),
  );
  for (const pauseMs of [5, 20, 60, 0, 120, 40]) {
    const before = bridge.calls.length;
    if (before < recipients.length)
      await waitUntil("one more call after a restart", () => bridge.calls.length > before);
    await setTimeout(pauseMs);
    await service.stop("SIGKILL");
    service = await startService();
  }
  const batch = await waitUntil("the batch is completed", async () => {
    const { data } = await ask(service, `/batch-call/${id}`);
    return data.status === "completed" && data;
  });
  expect(batch.counts).toMatchObject({ completed: 120, unknown: 0 });
  expect(bridge.rung.toSorted()).toEqual(recipients.toSorted());
  expect(bridge.unsigned).toEqual([]);
  await service.stop();
});

it("told to end while the bridge is slow, it waits for the dials on their way and dials nobody again after a restart", async () => {
  await writeAccount();
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  bridge.onRing = () => answered;
  bridge.callMs = 500;
  const recipients = [numberOf(1), numberOf(2), numberOf(3)];
  const service = await startService();
  const tasks = recipients.map((to_number) => ({ to_number }));
  const made = batchOf({ status: undefined, send_now: true, tasks });
  const { batch_call_id: id } = await ask(service, "/batch-call", made);
  await waitUntil("all dials are on their way", () => bridge.dials.length === recipients.length);

  const ended = service.stop("SIGTERM");
  answer();
  expect(await ended).toBe(0);
  const again = await startService();
  const batch = await waitUntil("the batch is completed", async () => {
    const { data } = await ask(again, `/batch-call/${id}`);
    return data.status === "completed" && data;
  });
  expect(batch.counts).toMatchObject({ completed: 3, unknown: 0 });
  expect(bridge.rung.toSorted()).toEqual(recipients);
  expect(bridge.dials).toHaveLength(recipients.length);
  await again.stop();
});

it("`service` without an account.json shows how to write one", async () => {
  const service = await startService();
  expect(await service.exited).toBe(1);
  expect(service.stderr()).toContain(join(home.dataDir, "account.json"));
  expect(service.stderr()).toContain('"phone_numbers"');
});

it("a directory with simulated batches is never used for real calls", async () => {
  const simulated = await startService({ BATCH_CALL_SERVICE_PORT: "0" });
  await simulated.answered(/service on/);
  await simulated.stop();
  await writeAccount();
  const service = await startService();
  expect(await service.exited).toBe(1);
  expect(service.stderr()).toContain("simulated batches");
  expect(service.stderr()).toContain("BATCH_CALL_DATA_DIR");
});

it("a directory for real calls is never simulated on", async () => {
  await writeAccount();
  const service = await startService({ BATCH_CALL_SERVICE_PORT: "0" });
  expect(await service.exited).toBe(1);
  expect(service.stderr()).toContain("is for real calls");
});

it("the service that starts by itself is simulated, whatever is set", async () => {
  const stopping = run(await builtProgram(home, ["stop-all"], settings));
  expect(await stopping.exited).toBe(0);
  expect(existsSync(join(home.dataDir, "carrier.sqlite"))).toBe(true);
  expect(bridge).toMatchObject({ dials: [], lookUps: [], unsigned: [] });
});

it("doctor asks the bridge without dialing, and leaves nothing simulated in its directory", async () => {
  await writeAccount();
  const doctor = run(await builtProgram(home, ["doctor"], settings));
  expect(await doctor.exited).toBe(0);
  expect(doctor.stdout()).toMatch(/ok {4}bridge: http:.* takes our signature/);
  expect(existsSync(join(home.dataDir, "carrier.sqlite"))).toBe(false);
  expect(bridge).toMatchObject({ dials: [], lookUps: [expect.stringMatching(/^doctor-/)], unsigned: [] });
});
