/**
 * A mixed load for `--minutes`: creates, starts, states, results, exports, pauses and resumes of `--clients` HTTP clients, each on a connection of
 * its own for every batch. Every half minute it prints heap (after a collection), memory, descriptors, files and rows, and in the end it judges
 * what grew beyond what is stored. Without `--database`: one `http` with the service that starts by itself, while MCP servers over stdio come and
 * are killed. With `--database URL`, or `--postgres` for a server of its own that is killed too: `http`, a service, and two workers that are killed
 * in turn (Node 22.12 or newer). Linux only: descriptors and memory are read from /proc.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openDatabase } from "../src/lib/sqlite.ts";
import type { Sql } from "../src/service/store/postgres/sql.ts";
import { connectHttp, connectStdio, type TestClient } from "../test/support/mcp-clients.ts";
import { keysOf, urlOf } from "../test/support/process/ask-service.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import { startOwnServer } from "../test/support/process/postgres-server.ts";
import { type Launchable, type RunningProgram, root, run } from "../test/support/process/spawn.ts";
import { agentId, callerId } from "../test/support/service-world.ts";
import { usNumber } from "../test/support/us-numbers.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    minutes: { type: "string", default: "30" },
    clients: { type: "string", default: "8" },
    database: { type: "string" },
    postgres: { type: "boolean", default: false },
  },
});
const [minutes, clients] = [Number(values.minutes), Number(values.clients)];
if (!(minutes >= 2) || !Number.isInteger(clients) || clients < 1) {
  console.error("--minutes takes a number from 2 on, --clients a whole number from 1 on.");
  process.exit(2);
}

const sampleEveryMs = 30_000;
const killEveryMs = 10_000;
const token = "a-token-of-the-soak-run";
/** What may come and go beside what is held: a collection is no exact measure, a connection lives a moment longer. */
const allowance = { heapMb: 8, heapShare: 0.1, descriptors: 16, files: 8 };
/** Tables that hold what somebody asked for, and so grow with it. */
const stored =
  /^(batches|tasks|attempts|grants|idempotent_requests|calls|intents|launches|launched_numbers|approvals|audit|storages|blocks|fates|lists|list_batches|sqlite_sequence)$/;

/** Other files of that ending are locks, which nobody else can open. */
const books = /^(service|carrier|ledger|lists|access)\.sqlite$/;

type Sample = {
  readonly at: number;
  readonly heapMb: Readonly<Record<string, number>>;
  readonly rssMb: Readonly<Record<string, number>>;
  readonly descriptors: Readonly<Record<string, number>>;
  readonly files: number;
  readonly rows: Readonly<Record<string, number>>;
};

const home = await mkdtemp(join(tmpdir(), "batch-call-soak-"));
const dataDir = join(home, "data");
const memoryFile = join(home, "memory");
const server = values.postgres ? await startOwnServer() : undefined;
const serverUrl = values.database ?? server?.url;
const database = serverUrl ? await createDatabase(serverUrl) : undefined;
const done = { batches: 0, calls: 0, failures: 0, kills: 0, serverKills: 0 };
const failures = new Map<string, number>();
let isOver = false;

function program(args: readonly string[], more: Record<string, string> = {}): Launchable {
  return {
    command: process.execPath,
    args: [
      "--expose-gc",
      "--require",
      join(root, "scripts", "memory-hook.cjs"),
      join(root, "bin", "batch-call-mcp.cjs"),
      ...args,
    ],
    cwd: home,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      MEMORY_FILE: memoryFile,
      BATCH_CALL_DATA_DIR: dataDir,
      BATCH_CALL_FILES_DIR: join(home, "files"),
      BATCH_CALL_SIMULATED_SPEED: "50",
      BATCH_CALL_MAX_CONCURRENT: "200",
      BATCH_CALL_STARTS_PER_SECOND: "500",
      BATCH_CALL_LOG_LEVEL: "error",
      BATCH_CALL_HTTP_PORT: "0",
      BATCH_CALL_HTTP_TOKEN: token,
      BATCH_CALL_HTTP_REQUESTS_PER_MINUTE: "100000",
      BATCH_CALL_SERVICE_PORT: "0",
      ...more,
    },
  };
}

/** What one user does with one batch. */
async function useOnce(client: TestClient, n: number): Promise<void> {
  const call = async (name: string, args: Record<string, unknown>) => {
    const answer = await client.callTool(name, args);
    done.calls += 1;
    if (answer.isError) throw new Error(`${name}: ${answer.text.slice(0, 120)}`);
    return answer;
  };
  const first = (n * 20) % 4_900;
  const tasks = Array.from({ length: 20 }, (_, i) => ({
    to_number: usNumber(first + i),
    dynamic_variables: { first_name: `Person ${n}-${i}` },
  }));
  const batch = { name: `Soak ${n}`, agent_id: agentId, from_number: callerId, timezone: "America/New_York", tasks };
  await call("preview_batch_call", batch);
  const created = await call("create_batch_call", batch);
  const id = /"batch_id":"(\w+)"/.exec(JSON.stringify(created.structured))?.[1] ?? "";
  await call("start_batch", { batch_id: id, start: "now" });
  done.batches += 1;
  // A batch of 20 can be over before it is paused.
  if ((await client.callTool("pause_batch", { batch_id: id })).isError === false)
    await client.callTool("resume_batch", { batch_id: id });
  await call("get_batch_status", { batch_id: id, wait_seconds: 1 });
  await call("get_batch_results", { batch_id: id });
  await call("list_batches", {});
  if (n % 5 === 0) await call("export_batch_results", { batch_id: id });
}

let next = 0;
async function useAllAlong(url: string): Promise<void> {
  while (!isOver) {
    next += 1;
    const n = next;
    try {
      const client = await connectHttp(n % 2 ? "sdk v1" : "sdk v2, 2026 era", url, token);
      await useOnce(client, n).finally(() => client.close());
    } catch (error) {
      done.failures += 1;
      const words = String(error instanceof Error ? error.message : error)
        .replaceAll(/\w*\d\w*/g, "…")
        .slice(0, 80);
      failures.set(words, (failures.get(words) ?? 0) + 1);
      await setTimeout(500);
    }
  }
}

/** Starts a process again whenever it was killed. */
function createKilled(args: readonly string[], settings: Record<string, string>) {
  let current: RunningProgram | undefined;
  const live = (async () => {
    while (!isOver) {
      current = run(program(args, settings));
      await current.exited;
    }
  })();
  return {
    kill: () => void current?.process.kill("SIGKILL"),
    async end() {
      current?.process.kill("SIGKILL");
      await live;
    },
  };
}

async function comeAndBeKilled(): Promise<void> {
  while (!isOver) {
    const client = await connectStdio("sdk v1", program(["stdio"]));
    await client.callTool("list_batches", {});
    done.kills += 1;
    await client.close();
    await Promise.race([setTimeout(killEveryMs), over]);
  }
}

let end: () => void = () => {};
const over = new Promise<void>((resolve) => (end = resolve));

async function sample(measured: Readonly<Record<string, RunningProgram>>, sql: Sql | undefined): Promise<Sample> {
  const heapMb: Record<string, number> = {};
  const rssMb: Record<string, number> = {};
  const descriptors: Record<string, number> = {};
  for (const [name, { process: child }] of Object.entries(measured)) {
    const file = `${memoryFile}.${child.pid}`;
    await rm(file, { force: true });
    child.kill("SIGUSR2");
    const text = await untilWritten(file);
    const { heapUsed, external, rss } = JSON.parse(text);
    heapMb[name] = toMb(heapUsed + external);
    rssMb[name] = toMb(rss);
    descriptors[name] = (await readdir(`/proc/${child.pid}/fd`)).length;
  }
  // Exports that wait to be fetched are stored, for an hour.
  const files = (await readdir(dataDir, { recursive: true })).filter((name) => !/^(up|down)loads/.test(name)).length;
  const rows = { ...(await rowsOfFiles()), ...(sql && (await rowsOf(sql))) };
  return { at: Date.now(), heapMb, rssMb, descriptors, files, rows };
}

async function untilWritten(file: string): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) return text;
    await setTimeout(50);
  }
  throw new Error("A measured process did not tell its memory within 10 s");
}

async function rowsOfFiles(): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const name of (await readdir(dataDir)).filter((one) => books.test(one))) {
    const file = openDatabase(join(dataDir, name));
    for (const { name: table } of file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all())
      rows[String(table)] = Number(file.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
    file.close();
  }
  return rows;
}

async function rowsOf(sql: Sql): Promise<Record<string, number>> {
  const tables = await sql.query(
    "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema IN ('batch_call', 'carrier')",
  );
  const rows: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await sql.query(`SELECT count(*) AS n FROM ${name}`);
    rows[String(name).replace(/^\w+\./, "")] = Number(row?.["n"]);
  }
  return rows;
}

const toMb = (bytes: number): number => Math.round(bytes / 2 ** 20);
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** The last third of the run against the third before it: what is held at first, caches and compiled code, is no growth. */
function judge(samples: readonly Sample[]): readonly string[] {
  if (samples.length < 3) return [`only ${samples.length} measurements`];
  const third = Math.max(Math.floor(samples.length / 3), 1);
  const [earlier, later] = [samples.slice(-2 * third, -third), samples.slice(-third)];
  const names = Object.keys(later[0]?.heapMb ?? {});
  const found: string[] = [];
  for (const name of names) {
    const heap = [earlier, later].map((some) => median(some.map(({ heapMb }) => heapMb[name] ?? 0)));
    const [before = 0, after = 0] = heap;
    if (after > before * (1 + allowance.heapShare) + allowance.heapMb)
      found.push(`heap of ${name}: ${before} to ${after} MB`);
    const open = [earlier, later].map((some) => median(some.map(({ descriptors }) => descriptors[name] ?? 0)));
    if ((open[1] ?? 0) > (open[0] ?? 0) + allowance.descriptors)
      found.push(`descriptors of ${name}: ${open.join(" to ")}`);
  }
  const files = [earlier, later].map((some) => median(some.map((one) => one.files)));
  if ((files[1] ?? 0) > (files[0] ?? 0) + allowance.files) found.push(`files: ${files.join(" to ")}`);
  for (const table of Object.keys(later.at(-1)?.rows ?? {})) {
    const count = later.at(-1)?.rows[table] ?? 0;
    if (!stored.test(table) && count > 100) found.push(`rows of ${table}: ${count}`);
  }
  return found;
}

function show({ heapMb, rssMb, descriptors, files, rows }: Sample, startedAt: number, at: number): void {
  const told = Object.keys(heapMb).map(
    (name) => `${name}: heap ${heapMb[name]} MB, rss ${rssMb[name]} MB, ${descriptors[name]} descriptors`,
  );
  const counted = [
    "batches",
    "tasks",
    "attempts",
    "calls",
    "lists",
    "blocks",
    "intents",
    "launches",
    "workers",
    "processes",
  ]
    .filter((table) => rows[table] !== undefined)
    .map((table) => `${table} ${rows[table]}`);
  console.log(`${Math.round((at - startedAt) / 1000)} s  ${told.join("; ")}; ${files} files; ${counted.join(", ")}`);
}

const shared = database ? { BATCH_CALL_DATABASE_URL: database.url.reveal() } : undefined;
const measured: Record<string, RunningProgram> = {};
const killed: ReturnType<typeof createKilled>[] = [];
let toUpstream: Record<string, string> = {};
if (shared) {
  const service = run(program(["service"], shared));
  measured["service"] = service;
  const url = await urlOf(service);
  const { api_key: key, api_secret: secret } = await keysOf(dataDir);
  toUpstream = { BATCH_CALL_API_URL: url, BATCH_CALL_API_KEY: key, BATCH_CALL_API_SECRET: secret };
  killed.push(createKilled(["worker"], shared), createKilled(["worker"], shared));
}
const http = run(program(["http"], toUpstream));
measured["http"] = http;
const [, mcpUrl = ""] = await Promise.race([http.logged(/(http:\/\/\S+\/mcp)/), http.answered(/(http:\/\/\S+\/mcp)/)]);
const sql = await database?.connect();
const startedAt = Date.now();
const endsAt = startedAt + minutes * 60_000;
const users = Array.from({ length: clients }, () => useAllAlong(mcpUrl));
const coming = shared ? Promise.resolve() : comeAndBeKilled();
const killing = (async () => {
  for (let n = 0; !isOver && killed.length > 0; n += 1) {
    await Promise.race([setTimeout(killEveryMs), over]);
    killed[n % killed.length]?.kill();
    done.kills += 1;
    if (server && n % 12 === 11) {
      await server.killAndRestart();
      done.serverKills += 1;
    }
  }
})();

const samples: Sample[] = [];
try {
  while (Date.now() < endsAt) {
    await setTimeout(Math.min(sampleEveryMs, Math.max(endsAt - Date.now(), 0)));
    const one = await sample(measured, sql).catch((error: unknown) => void console.log(`not measured: ${error}`));
    if (!one) continue;
    samples.push(one);
    show(one, startedAt, one.at);
  }
  isOver = true;
  end();
  await Promise.all([...users, coming, killing]);
  const found = judge(samples);
  console.log(JSON.stringify({ minutes, ...done }));
  for (const [words, count] of failures) console.log(`failed ${count} times: ${words}`);
  for (const words of found) console.log(`GREW: ${words}`);
  console.log(found.length === 0 ? "Nothing grew beyond what is stored." : "It went WRONG.");
  process.exitCode = found.length === 0 && done.batches > 0 ? 0 : 1;
} finally {
  isOver = true;
  end();
  await Promise.all(killed.map((one) => one.end()));
  await Promise.all(Object.values(measured).map((one) => one.stop("SIGKILL")));
  await sql?.close().catch(() => {});
  if (server) await server.stop();
  else await database?.drop();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
