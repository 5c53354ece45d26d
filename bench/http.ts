import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openNamedTokens } from "../src/access/index.ts";
import type { HttpPlan, HttpRun } from "./http-client.ts";
import { residentMb } from "./linux-process.ts";
import { median } from "./median.ts";

export type HttpBenchOptions = {
  /** How long the mixed load goes on; 0 leaves it out. */
  readonly minutes: number;
  /** How often the figures of one call are taken; 0 leaves them out. */
  readonly rounds: number;
  /** Clients at once; 0 leaves them out. */
  readonly clients: number;
  /** The calls whose name has this text; all where absent. */
  readonly only?: string;
  /** Where all figures are written as JSON. */
  readonly file?: string;
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const tellMemory = new URL("./tell-memory.js", import.meta.url).href;
const inFlight = 50;
const roundMs = 2500;
const callers = 10;

const call = (name: string, args: object) =>
  JSON.stringify({ jsonrpc: "2.0", id: 0, method: "tools/call", params: { name, arguments: args } });
const list = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "tools/list", params: {} });
const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
});

type Figures = { readonly perSecond: number; readonly cpuUs: number; readonly p50Ms: number; readonly p99Ms: number };
type Row = Figures & { readonly name: string; readonly timesFloor: number };

/** Calls of tools over HTTP, each in a process of its own: the server, the clients, and a server of `node:http` alone that answers the same JSON. */
export async function benchHttp({ minutes, rounds, clients, only = "", file }: HttpBenchOptions): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  const tokens = makeTokens(home, Math.max(callers, clients));
  const server = await startServer(home);
  try {
    const idleMb = await residentMb(server.pid);
    console.log(`idle: ${idleMb.toFixed(0)} MB`);
    const batch = await createBatch(server.url, tokens[0] ?? "");
    const rows = rounds > 0 ? await measureCalls(server, tokens.slice(0, callers), batch, { rounds, only }) : [];
    const many = clients > 0 ? await measureClients(server, tokens, batch, clients) : undefined;
    const memory = minutes > 0 ? await measureMixed(server, tokens.slice(0, callers), batch, minutes) : [];
    if (file !== undefined) await writeFile(file, `${JSON.stringify({ idleMb, rows, many, memory }, null, 2)}\n`);
  } finally {
    await server.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function makeTokens(dataDir: string, count: number): readonly string[] {
  const opened = openNamedTokens(join(dataDir, "access.sqlite"));
  const scopes = ["read", "operate"] as const;
  const tokens = Array.from({ length: count }, (_, n) => opened.add({ name: `client-${n}`, scopes }, new Date()));
  opened.close();
  return tokens;
}

type Running = {
  readonly url: string;
  readonly pid: number;
  /** What its heap and buffers hold right after a garbage collection. */
  heldMb(): Promise<number>;
  stop(): Promise<void>;
};

function startServer(home: string): Promise<Running> {
  return start([join(root, "bin", "batch-call-mcp.cjs"), "http"], {
    BATCH_CALL_DATA_DIR: home,
    BATCH_CALL_HTTP_PORT: "0",
    BATCH_CALL_HTTP_REQUESTS_PER_MINUTE: "1000000",
    BATCH_CALL_LOG_LEVEL: "warn",
  });
}

async function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Running> {
  const flags = (process.env["BENCH_NODE_OPTIONS"] ?? "").split(" ").filter(Boolean);
  const child: ChildProcess = spawn(process.execPath, [...flags, "--expose-gc", "--import", tellMemory, ...args], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env },
  });
  const { stdout, pid } = child;
  if (!stdout || pid === undefined) throw new Error("The server could not be started");
  const lines = createInterface({ input: stdout });
  const [line] = await once(lines, "line");
  const url = /http:\S+\/mcp/.exec(String(line))?.[0];
  if (url === undefined) throw new Error(`The server said: ${line}`);
  const stop = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  const heldMb = async (): Promise<number> => {
    const told = once(child, "message");
    child.send("tell");
    return Number((await told)[0]);
  };
  return { url, pid, heldMb, stop };
}

async function createBatch(url: string, token: string): Promise<string> {
  const use = async (name: string, args: object) => {
    const result = await ask(url, token, call(name, args));
    if (!result?.structuredContent) throw new Error(`${name} failed: ${JSON.stringify(result)}`);
    return result.structuredContent;
  };
  const { agents } = (await use("list_agents", {})) as { agents: { agent_id: string }[] };
  const { phone_numbers: numbers } = (await use("list_phone_numbers", {})) as {
    phone_numbers: { phone_number: string }[];
  };
  const [agent, number] = [agents[0]?.agent_id, numbers[0]?.phone_number];
  const tasks = [{ to_number: "+12015550101", dynamic_variables: { first_name: "Ada" } }];
  const created = await use("create_batch_call", { name: "Bench", agent_id: agent, from_number: number, tasks });
  return String((created as { batch: { batch_id: string } }).batch.batch_id);
}

/** One call, 50 under way, in turn with the floor. */
async function measureCalls(
  server: Running,
  tokens: readonly string[],
  batch: string,
  { rounds, only }: { readonly rounds: number; readonly only: string },
) {
  const all: readonly (readonly [string, string])[] = [
    ["arguments refused (the MCP layer alone)", call("get_call", {})],
    ["tools/list", list],
    ["list_agents", call("list_agents", {})],
    ["get_batch_status", call("get_batch_status", { batch_id: batch })],
    ["list_batches", call("list_batches", {})],
  ];
  const works = all.filter(([name]) => name.includes(only));
  const figures = new Map<string, { readonly ours: Figures[]; readonly floor: Figures[] }>();
  const floors = new Map<string, Running>();
  for (const [name, message] of works) floors.set(name, await startFloor(server.url, tokens[0] ?? "", message));
  try {
    for (let round = 0; round < rounds + 1; round++)
      for (const [name, message] of works) {
        const floor = floors.get(name);
        if (!floor) continue;
        const plan = { tokens, connections: inFlight, messages: [message], forMs: round === 0 ? 1000 : roundMs };
        const flat = await measure(floor, plan);
        const ours = await measure(server, plan);
        const known = figures.get(name) ?? { ours: [], floor: [] };
        // The first round warms both up.
        if (round > 0) figures.set(name, { ours: [...known.ours, ours], floor: [...known.floor, flat] });
      }
  } finally {
    for (const floor of floors.values()) await floor.stop();
  }
  const rows = [...figures].map(([name, { ours, floor }]) => toRow(name, ours, floor));
  console.log(`\n${inFlight} calls under way, ${callers} callers, medians of ${rounds} rounds of ${roundMs / 1000} s`);
  console.log("call | calls/s | CPU µs a call | floor's CPU µs | × floor | p50 ms | p99 ms");
  for (const row of rows)
    console.log(
      `${row.name} | ${row.perSecond.toFixed(0)} | ${row.cpuUs.toFixed(0)} | ${(row.cpuUs / row.timesFloor).toFixed(0)} | ${row.timesFloor.toFixed(1)} | ${row.p50Ms.toFixed(1)} | ${row.p99Ms.toFixed(1)}`,
    );
  return rows;
}

function toRow(name: string, ours: readonly Figures[], floor: readonly Figures[]): Row {
  const of = (key: keyof Figures) => median(ours.map((one) => one[key]));
  const timesFloor = median(ours.map(({ cpuUs }, round) => cpuUs / (floor[round]?.cpuUs ?? Number.NaN)));
  return { name, perSecond: of("perSecond"), cpuUs: of("cpuUs"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms"), timesFloor };
}

/** The result of one message; undefined where it was refused. */
async function ask(
  url: string,
  token: string,
  body: string,
): Promise<{ readonly structuredContent?: Record<string, unknown> } | undefined> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": "2025-11-25",
    },
    body,
  });
  const { result } = (await response.json()) as { result?: { structuredContent?: Record<string, unknown> } };
  return result;
}

/** Answers what ours answered to the message, as plain JSON. */
async function startFloor(url: string, token: string, message: string): Promise<Running> {
  const result = await ask(url, token, message);
  if (result === undefined) throw new Error(`No result for ${message}`);
  return start([fileURLToPath(new URL("./http-floor.js", import.meta.url)), JSON.stringify(result)], {});
}

async function measure(server: Running, plan: Omit<HttpPlan, "url">): Promise<Figures & { readonly run: HttpRun }> {
  const before = await cpuSecondsOf(server.pid);
  const done = await runClient({ ...plan, url: server.url });
  const cpuUs = ((await cpuSecondsOf(server.pid)) - before) * 1e6;
  if (done.wrong > 0) throw new Error(`${done.wrong} of ${done.answers} answers were wrong: ${done.firstWrong}`);
  const { answers, seconds, p50Ms, p99Ms } = done;
  return { perSecond: answers / seconds, cpuUs: cpuUs / answers, p50Ms, p99Ms, run: done };
}

async function runClient(plan: HttpPlan): Promise<HttpRun> {
  const client = fileURLToPath(new URL("./http-client.js", import.meta.url));
  const { stdout } = await run(process.execPath, [client, JSON.stringify(plan)], { maxBuffer: 1e8 });
  return JSON.parse(stdout);
}

/** Processor time of a process so far, from Linux's /proc, whose clock ticks 100 times a second. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

async function measureClients(server: Running, tokens: readonly string[], batch: string, connections: number) {
  const messages = [
    initialize,
    list,
    call("list_agents", {}),
    call("get_batch_status", { batch_id: batch }),
    call("list_batches", {}),
  ];
  let peakMb = 0;
  const look = setInterval(() => void residentMb(server.pid).then((mb) => (peakMb = Math.max(peakMb, mb))), 50);
  const { cpuUs, run: done } = await measure(server, { tokens, connections, messages });
  clearInterval(look);
  const many = { connections, answers: done.answers, seconds: done.seconds, p50Ms: done.p50Ms, p99Ms: done.p99Ms };
  console.log(
    `\n${connections} clients at once, initialize, tools/list and 3 calls each: p50 ${many.p50Ms.toFixed(0)} ms, p99 ${many.p99Ms.toFixed(0)} ms, all in ${many.seconds.toFixed(1)} s, ${cpuUs.toFixed(0)} µs a request, at most ${peakMb.toFixed(0)} MB`,
  );
  return { ...many, cpuUs, peakMb };
}

/** All kinds of calls, as fast as they are answered: what memory is held as time goes on. */
async function measureMixed(server: Running, tokens: readonly string[], batch: string, minutes: number) {
  const tasks = [{ to_number: "+12015550102", dynamic_variables: { first_name: "Ada" } }];
  const messages = [
    list,
    call("list_agents", {}),
    call("get_batch_status", { batch_id: batch }),
    call("get_batch_results", { batch_id: batch }),
    call("list_batches", {}),
    call("get_call", {}),
    initialize,
    call("preview_batch_call", { name: "Mixed", agent_id: "agent_none", from_number: "+17185550110", tasks }),
  ];
  console.log(`\nmixed load of ${messages.length} kinds of calls for ${minutes} min, ${inFlight} under way`);
  const memory: { readonly seconds: number; readonly residentMb: number; readonly heldMb: number }[] = [];
  const startedAt = Date.now();
  const note = async (): Promise<void> => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const residentNowMb = await residentMb(server.pid);
    const heldMb = await server.heldMb();
    memory.push({ seconds, residentMb: residentNowMb, heldMb });
    console.log(`after ${seconds} s: ${residentNowMb.toFixed(0)} MB, of which the heap holds ${heldMb.toFixed(1)} MB`);
  };
  await note();
  const timer = setInterval(() => void note(), 30_000);
  const figures = await measure(server, { tokens, connections: inFlight, messages, forMs: minutes * 60_000 });
  clearInterval(timer);
  await note();
  console.log(
    `${figures.run.answers} answers, ${figures.perSecond.toFixed(0)} a second, p99 ${figures.p99Ms.toFixed(0)} ms`,
  );
  return memory;
}
