import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { bridgeSecret, ScriptedBridge, sign, toEnd } from "../support/carriers/scripted-bridge.ts";
import { askService, urlOf } from "../support/process/ask-service.ts";
import { startHostedService } from "../support/process/hosted-service.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";
import { builtProgram, createHome, type Home, run } from "../support/process/spawn.ts";
import { agentId, batchOf, callerId, type Json, numberOf } from "../support/service-world.ts";
import { waitUntil } from "../support/wait-until.ts";

// An opt-out on the phone reaches every batch that waits, within seconds of the moment it is known.

const waitingBatches = 20;
const peopleEach = 50;
const who = numberOf(7);

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

type Ask = (path: string, body?: object) => Promise<Json>;

/** Batches that have that person among their people, half of them drafts, half of them scheduled; their ids. */
async function makeWaiting(ask: Ask, agent: string): Promise<readonly string[]> {
  const tasks = Array.from({ length: peopleEach }, (_, n) => ({ to_number: numberOf(n + 1) }));
  const tomorrow = { status: "scheduled", trigger_timestamp: Date.now() + 86_400_000 };
  const ids: string[] = [];
  for (let n = 0; n < waitingBatches; n += 1) {
    const more = { name: `Waiting ${n}`, agent_id: agent, tasks, ...(n % 2 === 0 && tomorrow) };
    ids.push((await ask("/batch-call", batchOf(more))).batch_call_id);
  }
  return ids;
}

const isDropped = async (ask: Ask, id: string): Promise<boolean> => {
  const { data } = await ask(`/batch-call/${id}/tasks?status=cancelled`);
  return data.tasks.some(
    ({ to_number, reason }: Json) => to_number === who && /asked on the phone not to be called again/.test(reason),
  );
};

/** How many ms after the instant all of them have dropped the person. */
async function droppedAfter(ask: Ask, ids: readonly string[], since: number): Promise<number> {
  await waitUntil("they are dropped everywhere", async () =>
    (await Promise.all(ids.map((id) => isDropped(ask, id)))).every((is) => is),
  );
  const tookMs = Date.now() - since;
  for (const id of ids) {
    const { counts } = (await ask(`/batch-call/${id}`)).data;
    expect(counts).toMatchObject({ total: peopleEach, pending: peopleEach - 1, cancelled: 1 });
  }
  return tookMs;
}

const callNow = (agent: string) =>
  batchOf({ name: "Now", status: undefined, send_now: true, agent_id: agent, tasks: [{ to_number: who }] });

/** pg-boss needs Node 22.12. */
const [major = 0] = process.versions.node.split(".").map(Number);
const server = major >= 24 ? testServerUrl : undefined;
const databases = [["SQLite", undefined], ...(server ? [["PostgreSQL", server] as const] : [])] as const;

it.each(databases)(
  "the notice of a bridge drops a number from 20 waiting batches within 5 s, on %s",
  async (_name, serverUrl) => {
    const bridge = await ScriptedBridge.start(systemClock);
    const database = serverUrl === undefined ? undefined : await createDatabase(serverUrl);
    const account = { agents: [{ agent_id: agentId, agent_name: "R" }], phone_numbers: [{ phone_number: callerId }] };
    await mkdir(home.dataDir, { recursive: true });
    await writeFile(join(home.dataDir, "account.json"), JSON.stringify(account));
    const service = run(
      await builtProgram(home, ["service"], {
        BATCH_CALL_CARRIER: "http",
        BATCH_CALL_CARRIER_URL: bridge.url,
        BATCH_CALL_CARRIER_SECRET: bridgeSecret,
        BATCH_CALL_CARRIER_CALLBACK_URL: "https://calls.example.com/carrier/outcomes",
        BATCH_CALL_SERVICE_PORT: "0",
        BATCH_CALL_CALLING_HOURS: "00:00-24:00",
        ...(database && { BATCH_CALL_DATABASE_URL: database.url.reveal() }),
      }),
    );
    try {
      const url = await urlOf(service);
      const ask: Ask = (path, body) => askService(url, home.dataDir, path, body) as Promise<Json>;
      const ids = await makeWaiting(ask, agentId);
      await ask("/batch-call", callNow(agentId));
      const call = await waitUntil("the phone rings", () => bridge.calls[0]);

      const ended = { ...toEnd({ ...call, endedAt: new Date() }), token: call.token, opt_out: true };
      const body = JSON.stringify(ended);
      const seconds = Math.floor(Date.now() / 1000);
      const headers = { "X-Batch-Call-Timestamp": String(seconds), "X-Batch-Call-Signature": sign(body, seconds) };
      const since = Date.now();
      const answer = await fetch(new URL("/carrier/outcomes", url), { method: "POST", headers, body });
      expect(await answer.json()).toMatchObject({ data: { recorded: true } });
      expect(await droppedAfter(ask, ids, since)).toBeLessThan(5_000);
    } finally {
      await service.stop();
      await bridge.stop();
      await database?.drop();
    }
  },
);

it("an opt-out that the hosted API tells as an answer does the same, once the call is looked at", async () => {
  const hosted = await startHostedService(home);
  try {
    hosted.phones.custom = { opt_out: true };
    const ask: Ask = (path, body) => askService(hosted.url, home.dataDir, path, body) as Promise<Json>;
    const ids = await makeWaiting(ask, "agent_1");
    await ask("/batch-call", callNow("agent_1"));
    await waitUntil("the phone rings", () => hosted.phones.rings.length > 0);
    // From the ring on: nobody notifies us there, calls are asked for after 3 s and then more seldom.
    expect(await droppedAfter(ask, ids, Date.now())).toBeLessThan(15_000);
  } finally {
    await hosted.stop();
  }
});
