/**
 * Runs the code of older commits and keeps the stores that it wrote under test/fixtures/older-stores: for each schema of the service's SQLite
 * file, of its PostgreSQL schemas, of the campaign ledger and of the file of lists a commit that had it. `--database URL` names a server on
 * which databases may be made; `--only c466eaf3,93b72456` takes those commits alone. What is there already stays. Needs Node 22.18 (which runs TypeScript as it is), `pg_dump`,
 * and the dependencies of this tree, which are those of all these commits.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { openDatabase } from "../src/lib/sqlite.ts";
import { connectStdio, type TestClient } from "../test/support/mcp-clients.ts";
import { askService, keysOf, urlOf } from "../test/support/process/ask-service.ts";
import { createMachine, type Machine } from "../test/support/process/machines.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import { root } from "../test/support/process/spawn.ts";
import { agentId, callerId } from "../test/support/service-world.ts";
import { usNumber } from "../test/support/us-numbers.ts";
import { waitUntil } from "../test/support/wait-until.ts";
import { parseOptions } from "./parse-options.ts";

/** A commit with each schema as it is today, oldest first. Those before them are no whole program. */
const commits = [
  ..."cec6dd7f c466eaf3 93b72456 acb51ed2 60581af0 bdb0aa4e 47c4abca 8e55d690 5691f88c 7906b2f9 809a5599 581c8ad3 c8546b83".split(
    " ",
  ),
  ..."c42b1807 a58a0fae d477311d 15fea398 04c23507 d621d4ff bd499381 45487712 92f0dc38 7f35f3cc 1920acdd 0509e3f9".split(
    " ",
  ),
  ..."1f09e6ce 0a4942ba 4bfda1cc c7df0e60".split(" "),
];

const { values } = parseOptions({ options: { database: { type: "string" }, only: { type: "string", default: "" } } });
const { database: serverUrl, only } = values;
if (!serverUrl) {
  console.error("Takes --database with the URL of a PostgreSQL server on which databases may be made.");
  process.exit(2);
}

const runTool = promisify(execFile);
const fixtures = join(root, "test", "fixtures", "older-stores");
/** Calls of about a second, three at a time: the process is killed while some are in progress and most have not begun. */
const settings = {
  BATCH_CALL_SERVICE_PORT: "0",
  BATCH_CALL_SIMULATED_SPEED: "30",
  BATCH_CALL_MAX_CONCURRENT: "3",
  BATCH_CALL_STARTS_PER_SECOND: "20",
  BATCH_CALL_LOG_LEVEL: "warn",
};

type Kept = {
  readonly file: string;
  readonly store: "service" | "postgres" | "ledger" | "lists";
  readonly schema: number;
  readonly commit: string;
  /** When its process was killed, or ended. */
  readonly writtenAt: string;
};

const indexFile = join(fixtures, "index.json");
const kept: Kept[] = JSON.parse(await readFile(indexFile, "utf8").catch(() => "[]"));
await mkdir(fixtures, { recursive: true });

async function unpack(commit: string, tree: string): Promise<void> {
  const archive = join(tree, "tree.tar");
  await runTool("git", ["-C", root, "archive", "--output", archive, commit]);
  await runTool("tar", ["-xf", archive, "-C", tree]);
  await rm(archive);
  await symlink(join(root, "node_modules"), join(tree, "node_modules"));
}

function olderMachine(tree: string, more: Record<string, string> = {}): Promise<Machine> {
  const program = [process.execPath, "--disable-warning=ExperimentalWarning", join(tree, "src", "main.ts")] as const;
  return createMachine({ name: "older", program, settings: { ...settings, ...more } });
}

async function keepService(commit: string, tree: string): Promise<void> {
  const machine = await olderMachine(tree);
  try {
    const writtenAt = await writeStore(machine);
    const schema = schemaOf(join(machine.dataDir, "service.sqlite"));
    if (!isNew("service", schema)) return;
    for (const name of ["service", "carrier"])
      await keepFile(join(machine.dataDir, `${name}.sqlite`), `${name}-${schema}.sqlite.gz`);
    note({ file: `service-${schema}.sqlite.gz`, store: "service", schema, commit, writtenAt });
  } finally {
    await machine.remove();
  }
}

async function keepPostgres(commit: string, tree: string): Promise<void> {
  const database = await createDatabase(serverUrl ?? "");
  const url = database.url.reveal();
  const machine = await olderMachine(tree, { BATCH_CALL_DATABASE_URL: url });
  try {
    const writtenAt = await writeStore(machine);
    const sql = await database.connect();
    const [row] = await sql.query("SELECT version FROM batch_call.schema_version");
    await sql.close();
    const schema = Number(row?.["version"]);
    if (!isNew("postgres", schema)) return;
    const options = ["--inserts", "--no-owner", "--no-privileges", "-n", "batch_call", "-n", "carrier"];
    const { stdout } = await runTool("pg_dump", [...options, url], { maxBuffer: 1e8 });
    const file = `postgres-${schema}.sql.gz`;
    await writeFile(join(fixtures, file), gzipSync(stdout.replaceAll(/^\\.*\n/gm, ""), { level: 9 }));
    note({ file, store: "postgres", schema, commit, writtenAt });
  } finally {
    await machine.remove();
    await database.drop();
  }
}

/** Batches in every state. The service is killed in the middle of one of them. Returns when. */
async function writeStore(machine: Machine): Promise<string> {
  const service = machine.start(["service"]);
  const url = await urlOf(service);
  const ask = (path: string, body?: object): Promise<Answer> => askService(url, machine.dataDir, path, body) as never;
  let used = 0;
  const create = async (name: string, people: number, more: object): Promise<string> => {
    const tasks = Array.from({ length: people }, () => {
      used += 1;
      return { to_number: usNumber(used), dynamic_variables: { first_name: `Person ${used}` } };
    });
    const body = { name, from_number: callerId, agent_id: agentId, timezone: "America/New_York", tasks, ...more };
    const { batch_call_id: id } = await ask("/batch-call", body);
    return id ?? raise(`No id came back for ${name}`);
  };
  const batch = async (id: string) => (await ask(`/batch-call/${id}`)).data;
  const started = async (id: string, most: number) => {
    const { counts } = (await batch(id)) ?? {};
    return (counts?.["completed"] ?? 0) + (counts?.["failed"] ?? 0) >= most;
  };

  await ask("/do-not-call", { numbers: [usNumber(4001), usNumber(4002)], reason: "asked in a letter" });
  await create("Draft", 4, { status: "draft" });
  await create("Scheduled", 4, { status: "scheduled", trigger_timestamp: Date.UTC(2031, 0, 15, 17) });
  await ask(`/batch-call/${await create("Cancelled", 2, { status: "draft" })}/cancel`, {});
  const finished = await create("Finished", 4, { send_now: true });
  await waitUntil("the finished batch", async () => (await batch(finished))?.status === "completed", 60_000);
  const paused = await create("Paused", 8, { send_now: true });
  await waitUntil("two calls of the paused batch", () => started(paused, 2), 60_000);
  await ask(`/batch-call/${paused}/pause`, {});
  const running = await create("Running", 16, { send_now: true });
  await waitUntil("three calls of the running batch", () => started(running, 3), 60_000);
  await service.stop("SIGKILL");
  return new Date().toISOString();
}

type Answer = {
  readonly batch_call_id?: string;
  readonly data?: { readonly status: string; readonly counts: Readonly<Record<string, number>> };
};

/** A ledger and lists, through the older MCP server towards its own service, which a proxy makes look live. */
async function keepLedger(commit: string, tree: string): Promise<void> {
  const upstream = await olderMachine(tree);
  const service = upstream.start(["service"]);
  const url = await urlOf(service);
  const proxy = await startLiveProxy(url);
  const keys = await keysOf(upstream.dataDir);
  const machine = await olderMachine(tree, {
    BATCH_CALL_API_URL: proxy.url,
    BATCH_CALL_API_KEY: keys.api_key,
    BATCH_CALL_API_SECRET: keys.api_secret,
    BATCH_CALL_CALLING_HOURS: "00:00-23:59",
    BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH: "1000",
    BATCH_CALL_MAX_RECIPIENTS_PER_DAY: "5000",
    BATCH_CALL_ALLOWED_COUNTRIES: "US",
  });
  try {
    await withClient(machine, { BATCH_CALL_APPROVAL: "policy" }, writeLedger);
    await withClient(machine, {}, askSomebody);
    const writtenAt = new Date().toISOString();
    for (const store of ["ledger", "lists"] as const) {
      const path = join(machine.dataDir, `${store}.sqlite`);
      const schema = await readFile(path).then(
        () => schemaOf(path),
        () => 0,
      );
      if (schema === 0 || !isNew(store, schema)) continue;
      const file = `${store}-${schema}.sqlite.gz`;
      await keepFile(path, file);
      note({ file, store, schema, commit, writtenAt });
    }
  } finally {
    await service.stop("SIGKILL");
    proxy.close();
    await Promise.all([upstream.remove(), machine.remove()]);
  }
}

async function withClient(
  machine: Machine,
  more: Record<string, string>,
  work: (client: TestClient) => Promise<void>,
): Promise<void> {
  const client = await connectStdio("sdk v1", machine.launchable(["stdio"], more));
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

const listOf = (first: number, count: number) => ({
  tasks: Array.from({ length: count }, (_, n) => ({ to_number: usNumber(first + n) })),
});
const basics = { agent_id: agentId, from_number: callerId, timezone: "America/New_York" };

async function create(client: TestClient, name: string, list: object): Promise<string> {
  const answer = await client.callTool("create_batch_call", { name, ...basics, ...list });
  const id = /"batch_id":"(\w+)"/.exec(JSON.stringify(answer.structured))?.[1];
  return id ?? raise(`create_batch_call answered: ${answer.text}`);
}

async function start(client: TestClient, batchId: string): Promise<void> {
  const answer = await client.callTool("start_batch", { batch_id: batchId, start: "now" });
  console.log(`  start_batch: ${answer.text.split("\n")[0]}`);
}

async function writeLedger(client: TestClient): Promise<void> {
  await create(client, "Kept draft", listOf(100, 3));
  await start(client, await create(client, "Started", listOf(110, 3)));
}

async function askSomebody(client: TestClient): Promise<void> {
  await start(client, await create(client, "Asked about", listOf(120, 3)));
}

/** Hands everything on, and says that calls are real. */
async function startLiveProxy(target: string) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (typeof value === "string" && !["host", "connection", "content-length"].includes(name))
        headers.set(name, value);
    const answer = await fetch(new URL(request.url ?? "/", target), {
      method: request.method ?? "GET",
      headers,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    const own = ["content-length", "transfer-encoding", "connection", "content-encoding"];
    const kept = [...answer.headers].filter(([name]) => !own.includes(name));
    response.writeHead(answer.status, { ...Object.fromEntries(kept), "x-environment": "live" });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("No port was given");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

function schemaOf(path: string): number {
  const database = openDatabase(path);
  try {
    return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  } finally {
    database.close();
  }
}

/** Whole, with what still stood in its log. */
async function keepFile(path: string, name: string): Promise<void> {
  const database = openDatabase(path);
  database.exec(`VACUUM INTO '${path}.whole'`);
  database.close();
  await writeFile(join(fixtures, name), gzipSync(await readFile(`${path}.whole`), { level: 9 }));
}

function isNew(store: Kept["store"], schema: number): boolean {
  return !kept.some((one) => one.store === store && one.schema === schema);
}

function note(one: Kept): void {
  kept.push(one);
  console.log(`${one.commit} ${one.file}`);
}

function raise(message: string): never {
  throw new Error(message);
}

for (const commit of commits.filter((one) => only === "" || only.split(",").includes(one))) {
  const tree = await mkdtemp(join(tmpdir(), "batch-call-older-"));
  try {
    await unpack(commit, tree);
    await keepService(commit, tree);
    await keepPostgres(commit, tree);
    await keepLedger(commit, tree);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
kept.sort((a, b) => a.store.localeCompare(b.store) || a.schema - b.schema);
await writeFile(indexFile, `${JSON.stringify(kept, null, 2)}\n`);
