import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { bridgeSecret } from "../support/carriers/scripted-bridge.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { HostedPhones } from "../support/http/hosted-phones.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { batchOf, callerId, type Json, numberOf } from "../support/service-world.ts";
import { waitUntil } from "../support/wait-until.ts";

let home: Home;
let api: HostedApi;
let phones: HostedPhones;
let settings: Record<string, string>;
beforeEach(async () => {
  home = await createHome();
  api = await HostedApi.start();
  phones = new HostedPhones(systemClock);
  phones.callMs = 100;
  api.phones = phones;
  settings = {
    BATCH_CALL_CARRIER: "hosted",
    BATCH_CALL_CARRIER_URL: api.url,
    BATCH_CALL_CARRIER_KEY: "sk_hosted_key",
    BATCH_CALL_CARRIER_SECRET: "s3cr3t_hosted_secret",
    BATCH_CALL_CARRIER_WAVE: "3",
    BATCH_CALL_SERVICE_PORT: "0",
    // Else the test would wait for the recipients' morning.
    BATCH_CALL_CALLING_HOURS: "00:00-24:00",
  };
});
afterEach(async () => {
  await api.stop();
  await home.remove();
});

async function startService(given = settings): Promise<RunningProgram> {
  return run(await builtProgram(home, ["service"], given));
}

async function ask(service: RunningProgram, path: string, body?: object): Promise<Json> {
  const [, url = ""] = await service.answered(/service on (http:\S+)/);
  const [keys] = JSON.parse(await readFile(join(home.dataDir, "credentials.json"), "utf8"));
  const response = await fetch(new URL(path, url), {
    method: body ? "POST" : "GET",
    headers: { "X-API-KEY": keys.api_key, "X-API-SECRET": keys.api_secret },
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.json();
}

it("`service` says that it stands in front of the hosted API, offers its agents, and calls through it", async () => {
  const service = await startService();
  await service.answered(
    /calls are REAL: this queue stands in front of the hosted API at http:\S+ and hands it 3 at a time/,
  );
  expect((await ask(service, "/api/agents")).data.agents).toMatchObject([{ agent_id: "agent_1" }]);
  expect((await ask(service, "/api/phone-numbers")).data.phone_numbers).toMatchObject([{ phone_number: callerId }]);
  const tasks = [numberOf(1), numberOf(2)].map((to_number) => ({ to_number }));
  const body = batchOf({ status: undefined, send_now: true, agent_id: "agent_1", tasks });
  const { batch_call_id: id } = await ask(service, "/batch-call", body);
  await waitUntil(
    "the batch has ended",
    async () => (await ask(service, `/batch-call/${id}`)).data.status === "completed",
  );
  expect(phones.rung.toSorted()).toEqual([numberOf(1), numberOf(2)]);
  expect(await service.stop()).toBe(0);
  expect(service.stderr() + service.stdout()).not.toMatch(/sk_hosted_key|s3cr3t_hosted_secret|\+1201555/);
});

it.each([
  ["keys that the API refuses", () => ({ apiKey: "sk_other" }), /cannot be used:.*BATCH_CALL_CARRIER_KEY/],
  ["an account without an agent", () => ({ agents: [] }), /has no agent/],
  ["an account without a caller id", () => ({ numbers: [] }), /has no caller id/],
])("%s: nothing starts, and the setting is named", async (_what, change, words) => {
  Object.assign(api, change());
  const service = await startService();
  expect(await service.exited).not.toBe(0);
  expect(service.stderr()).toMatch(words);
  expect(service.stderr()).not.toMatch(/sk_hosted_key|s3cr3t_hosted_secret/);
});

it("a service of ours is no provider of calls", async () => {
  const ours = await startService();
  const [, url = ""] = await ours.answered(/service on (http:\S+)/);
  const [keys] = JSON.parse(await readFile(join(home.dataDir, "credentials.json"), "utf8"));
  const second = await createHome();
  const given = {
    ...settings,
    BATCH_CALL_CARRIER_URL: url,
    BATCH_CALL_CARRIER_KEY: keys.api_key,
    BATCH_CALL_CARRIER_SECRET: keys.api_secret,
  };
  const service = run(await builtProgram(second, ["service"], given));
  expect(await service.exited).not.toBe(0);
  expect(service.stderr()).toMatch(/is a batch-call service like this one/);
  await ours.stop();
  await second.remove();
});

it.each([
  ["a bridge", { BATCH_CALL_CARRIER: "http", BATCH_CALL_CARRIER_SECRET: bridgeSecret }],
  ["the simulation", { BATCH_CALL_CARRIER: "simulated" }],
])("a data directory whose calls went through the hosted API is not taken over by %s", async (_what, carrier) => {
  const first = await startService();
  await first.answered(/service on/);
  await first.stop();
  const kept = Object.entries(settings).filter(([name]) => !name.startsWith("BATCH_CALL_CARRIER"));
  const url = carrier.BATCH_CALL_CARRIER === "http" ? { BATCH_CALL_CARRIER_URL: "http://127.0.0.1:9" } : {};
  const account = { agents: [{ agent_id: "agent_1", agent_name: "R" }], phone_numbers: [{ phone_number: callerId }] };
  if (carrier.BATCH_CALL_CARRIER === "http") {
    await writeFile(join(home.dataDir, "account.json"), JSON.stringify(account));
  }
  const other = await startService({ ...Object.fromEntries(kept), ...url, ...carrier });
  expect(await other.exited).not.toBe(0);
  expect(other.stderr()).toMatch(/are placed through the carrier "hosted"/);
  // And it still is one for the hosted API.
  const again = await startService();
  await again.answered(/service on/);
  expect(await again.stop()).toBe(0);
});

/** pg-boss needs Node 22.12. */
const [major = 0] = process.versions.node.split(".").map(Number);

it.skipIf(!testServerUrl || major < 24)(
  "a service and a worker on one database call everybody once, whoever of them is killed",
  async () => {
    const database = await createDatabase(testServerUrl ?? "");
    phones.queueMs = 300;
    const shared = { ...settings, BATCH_CALL_DATABASE_URL: database.url.reveal() };
    const service = await startService(shared);
    const tasks = Array.from({ length: 30 }, (_, n) => ({ to_number: numberOf(n + 1) }));
    const body = batchOf({ status: undefined, send_now: true, agent_id: "agent_1", tasks });
    const { batch_call_id: id } = await ask(service, "/batch-call", body);
    const worker = run(await builtProgram(home, ["worker"], shared));
    await worker.answered(/A worker dials/);
    await waitUntil("somebody is called", () => phones.rings.length > 5);
    await worker.stop("SIGKILL");
    await waitUntil(
      "nobody waits",
      async () => (await ask(service, `/batch-call/${id}`)).data.counts.pending === 0,
      60_000,
    );
    expect(Math.max(...phones.counts.values())).toBe(1);
    const { counts } = (await ask(service, `/batch-call/${id}`)).data;
    // What the worker was about to send when it was killed is in doubt for ten minutes.
    expect(phones.rings.length + counts.calling + counts.unknown).toBeGreaterThanOrEqual(30);
    await service.stop();
    await database.drop();
  },
);
