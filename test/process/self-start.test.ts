import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { contractVersion } from "../../src/contract/routes.ts";
import { openDatabase, tryLock } from "../../src/lib/sqlite.ts";
import { readServiceAddress } from "../../src/runtime/service-address.ts";
import { connectStdio, type TestClient } from "../support/mcp-clients.ts";
import { builtProgram, createHome, type Home, run } from "../support/process/spawn.ts";
import { waitUntil } from "../support/wait-until.ts";

const fast = {
  BATCH_CALL_SIMULATED_SPEED: "100",
  BATCH_CALL_STARTS_PER_SECOND: "40",
  BATCH_CALL_MAX_CONCURRENT: "20",
};
const people = 60;

let home: Home;
const clients: TestClient[] = [];

beforeEach(async () => {
  home = await createHome();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await home.remove();
});

async function connect(): Promise<TestClient> {
  const client = await connectStdio("sdk v1", await builtProgram(home, [], fast));
  clients.push(client);
  return client;
}

const batch = z.object({ batch_id: z.string() });
const status = z.object({ batch: z.object({ is_final: z.boolean(), counts: z.record(z.string(), z.number()) }) });

async function createBatch(client: TestClient, start: "draft" | "now"): Promise<string> {
  const { structured, text, isError } = await client.callTool("create_batch_call", {
    name: "Takeover",
    agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
    from_number: "+12125550142",
    tasks: Array.from({ length: people }, (_, index) => ({
      to_number: `+1305555${String(100 + index).padStart(4, "0")}`,
    })),
    start,
  });
  expect(isError, text).toBe(false);
  return batch.parse(structured["batch"]).batch_id;
}

async function leaderPid(): Promise<number> {
  const endpoint = await readServiceAddress(home.dataDir);
  if (!endpoint) throw new Error("no copy left word of its service");
  return endpoint.pid;
}

async function waitForTheEnd(client: TestClient, batchId: string) {
  return waitUntil("the batch ends", async () => {
    const answer = await client.callTool("get_batch_status", { batch_id: batchId, wait_seconds: 20 });
    const { batch: seen } = status.parse(answer.structured);
    return seen.is_final && seen.counts;
  });
}

/** Tokens and numbers that the carrier itself has on its books. */
function carrierCalls(): { readonly to: string }[] {
  const ledger = openDatabase(join(home.dataDir, "carrier.sqlite"));
  const rows = ledger.prepare("SELECT to_number FROM calls").all();
  ledger.close();
  return rows.map((row) => ({ to: String(row["to_number"]) }));
}

/** Two seconds, or as long as a copy took to start and answer on a machine that is busy with other tests. */
async function patienceAfterStart(start: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await start();
  return Math.max(2000, performance.now() - startedAt);
}

describe("several copies of the program on one data directory", () => {
  it("two that start at once use one service", async () => {
    const [first, second] = await Promise.all([connect(), connect()]);
    const batchId = await createBatch(first, "draft");
    expect((await second.callTool("get_batch_status", { batch_id: batchId })).isError).toBe(false);
    expect(carrierCalls()).toEqual([]);
  });

  it("when the one that runs the service is killed, the other goes on within two seconds, and nobody is called twice or not at all", async () => {
    const mostMs = await patienceAfterStart(async () => (await connect()).callTool("list_agents"));
    const second = await connect();
    await second.callTool("list_agents");
    const batchId = await createBatch(second, "now");

    process.kill(await leaderPid(), "SIGKILL");
    const killedAt = performance.now();
    const { isError, text } = await second.callTool("get_batch_status", { batch_id: batchId });
    expect(isError, text).toBe(false);
    expect(performance.now() - killedAt).toBeLessThan(mostMs);

    const counts = await waitForTheEnd(second, batchId);
    expect(counts).toMatchObject({ total: people, pending: 0, calling: 0, unknown: 0 });
    const called = carrierCalls().map(({ to }) => to);
    expect(called).toHaveLength(people);
    expect(new Set(called).size).toBe(people);
  });

  it("when the one that runs the service is stopped and not ended, the other says so within two seconds, and goes on when it is killed", async () => {
    const mostMs = await patienceAfterStart(async () => (await connect()).callTool("list_agents"));
    const second = await connect();
    const batchId = await createBatch(second, "now");
    const leader = await leaderPid();

    process.kill(leader, "SIGSTOP");
    const stoppedAt = performance.now();
    const { isError, text } = await second.callTool("get_batch_status", { batch_id: batchId });
    expect(isError).toBe(true);
    expect(text).toContain(`Process ${leader}, the copy of batch-call-mcp that runs the service`);
    expect(performance.now() - stoppedAt).toBeLessThan(mostMs);
    const doctor = run(await builtProgram(home, ["doctor"], fast));
    expect(await doctor.exited).toBe(1);
    expect(doctor.stdout()).toMatch(new RegExp(`^WRONG service: Process ${leader}`, "m"));

    process.kill(leader, "SIGKILL");
    const counts = await waitForTheEnd(second, batchId);
    expect(counts).toMatchObject({ total: people, pending: 0, calling: 0, unknown: 0 });
    const called = carrierCalls().map(({ to }) => to);
    expect(called).toHaveLength(people);
    expect(new Set(called).size).toBe(people);
  });

  it("goes on after all have ended", async () => {
    const first = await connect();
    const batchId = await createBatch(first, "draft");
    await first.close();
    expect((await (await connect()).callTool("get_batch_status", { batch_id: batchId })).isError).toBe(false);
  });
});

describe("a data directory in which the service cannot run", () => {
  it("says what is wrong with it, not that the server has a defect", async () => {
    await mkdir(home.dataDir);
    await writeFile(join(home.dataDir, "service.sqlite"), "this is no database ".repeat(100));
    const { isError, text } = await (await connect()).callTool("list_agents");
    expect(isError).toBe(true);
    expect(text).toMatch(/^unavailable: .*file is not a database.*Nothing was sent.*BATCH_CALL_DATA_DIR/s);
  });

  it("with a damaged ledger the program ends with words, and doctor names the file", async () => {
    await mkdir(home.dataDir);
    const ledger = join(home.dataDir, "ledger.sqlite");
    await writeFile(ledger, "this is no database ".repeat(100));
    const program = run(await builtProgram(home, []));
    expect(await program.exited).toBe(1);
    expect(program.stderr()).toMatch(/^batch-call-mcp: .*a database file is damaged\..*backup.*ledger\.sqlite/);
    const doctor = run(await builtProgram(home, ["doctor"]));
    expect(await doctor.exited).toBe(1);
    expect(doctor.stdout()).toMatch(/^WRONG data files: a database file is damaged\..*ledger\.sqlite/m);
  });

  it("locked by another program for longer than it waits, it serves when the lock is gone", async () => {
    await mkdir(home.dataDir);
    const busy = openDatabase(join(home.dataDir, "service.sqlite"));
    busy.exec("BEGIN IMMEDIATE");
    const client = await connect();
    const { isError, text } = await client.callTool("list_agents");
    expect(isError).toBe(true);
    expect(text).toMatch(/^unavailable: .*(another program holds a database file|No copy).*Nothing was sent/s);
    busy.exec("ROLLBACK");
    busy.close();
    await waitUntil("the service runs", async () => !(await client.callTool("list_agents")).isError);
  });
});

describe("copies of different versions", () => {
  it("one that finds a service of a newer contract says which copy to update, and sends nothing", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const health = {
        status: "ok",
        service: "batch-call-mcp",
        version: "9.0.0",
        contract_version: contractVersion + 1,
        schema_version: 99,
        environment: "simulated",
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(health));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await mkdir(home.dataDir);
    const lock = tryLock(join(home.dataDir, "leader.sqlite"));
    await writeFile(
      join(home.dataDir, "service.json"),
      JSON.stringify({ url: `http://127.0.0.1:${port}`, pid: process.pid, version: "9.0.0" }),
    );

    const { isError, text } = await (await connect()).callTool("list_agents");
    lock?.release();
    server.close();
    expect(isError).toBe(true);
    expect(text).toMatch(
      /^unavailable: .*version 9\.0\.0.*Nothing was sent\. Update the copy with version 0\.1\.0 to 9\.0\.0/s,
    );
    expect(new Set(asked)).toEqual(new Set(["/healthz"]));
  });

  it("one that finds a database of a newer schema leaves it alone and says so", async () => {
    await mkdir(home.dataDir);
    const database = openDatabase(join(home.dataDir, "service.sqlite"));
    database.exec("PRAGMA user_version = 99");
    database.close();

    const { isError, text } = await (await connect()).callTool("list_agents");
    expect(isError).toBe(true);
    expect(text).toMatch(/^unavailable: .*newer/s);
    const after = openDatabase(join(home.dataDir, "service.sqlite"));
    expect(after.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
    expect(after.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()).toEqual({ tables: 0 });
    after.close();
  });
});
