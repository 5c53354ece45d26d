/**
 * Calls recipients and tells what happened to a URL that fails, hangs and lies, while the process that tells it dies again and again
 * (`--events 100000 --kills 20`; on PostgreSQL with `--database URL`): what the receiver has, held against what the store wrote down.
 * Others with `--seed`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addBatch, InstantCarrier } from "../bench/engine-world.ts";
import { Secret } from "../src/domain/secret.ts";
import { sleep, systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { openDatabase } from "../src/lib/sqlite.ts";
import { createDialer } from "../src/service/dialing/dialer.ts";
import type { EventOutbox } from "../src/service/store/event-outbox.ts";
import { openSqliteStore } from "../src/service/store/sqlite/store.ts";
import type { Store } from "../src/service/store/store.ts";
import { createWebhooks, type Webhooks } from "../src/service/webhooks/webhooks.ts";
import { type Conduct, WebhookReceiver, webhookSecret } from "../test/support/http/webhook-receiver.ts";
import { createDatabase, openEmptied } from "../test/support/process/postgres.ts";
import { Random } from "../test/support/random.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    events: { type: "string", default: "100000" },
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    database: { type: "string" },
  },
});
const [wanted, kills, seed] = [Number(values.events), Number(values.kills), Number(values.seed)];
if (![wanted, kills, seed].every((n) => Number.isInteger(n) && n >= 0) || wanted < 1000) {
  console.error("--events (1000 or more), --kills and --seed take whole numbers.");
  process.exit(2);
}

/** Recipients of a batch: a failure holds up its batch for seconds. */
const batchSize = 200;
const batchesAtOnce = 5;
const batches = Math.ceil(wanted / (batchSize + 2));

/** One in so many requests goes wrong in this way. */
const faults: readonly (readonly [Conduct, number])[] = [
  [{ status: 500 }, 150],
  ["break", 300],
  ["redirect", 500],
  [{ status: 429, headers: { "retry-after": "3" } }, 700],
  ["half", 2_000],
  ["flood", 3_000],
  ["hang", 4_000],
];

const random = new Random(seed);
const receiver = await WebhookReceiver.start();
const byConduct = new Map<string, number>();
receiver.conduct = () => {
  const conduct = faults.find(([, often]) => random.chance(1 / often))?.[0] ?? "take";
  const name = typeof conduct === "object" ? `HTTP ${conduct.status}` : conduct;
  byConduct.set(name, (byConduct.get(name) ?? 0) + 1);
  return conduct;
};

const home = await mkdtemp(join(tmpdir(), "batch-call-events-"));
const path = join(home, "service.sqlite");
const database = values.database === undefined ? undefined : await createDatabase(values.database);
const sql = await database?.connect();
const store = sql ? await openEmptied(sql) : openSqliteStore(path);
try {
  await run(store);
} finally {
  await store.close();
  await sql?.close();
  await database?.drop();
  await receiver.stop();
  await rm(home, { recursive: true, force: true });
}

async function run(store: Store): Promise<void> {
  const startedAt = performance.now();
  let mostBytes = 0;
  let teller = await startTeller(store);
  const carrier = new InstantCarrier();
  const settings = { maxConcurrent: 10, startsPerSecond: 1_000_000 };
  const dialer = createDialer({ store, carrier, clock: systemClock, log: silentLog, settings });
  await dialer.start();
  let isFilling = true;
  const filling = fill(store, () => dialer.wake()).finally(() => {
    isFilling = false;
  });
  let killed = 0;
  const isOver = async () => !isFilling && (await isDialing(store)) + (await store.events.counts()).waiting === 0;
  while (!(await isOver())) {
    await sleep(systemClock, 500);
    mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
    const share = receiver.taken.length / wanted;
    if (killed < kills && share * (kills + 1) > killed + 1) {
      killed += 1;
      teller.die();
      teller = await startTeller(store);
    }
  }
  await filling;
  await teller.stop();
  await dialer.stop();
  report(await written(), killed, performance.now() - startedAt, mostBytes);
}

/** Some at a time, so that telling has its turn beside dialing. */
async function fill(store: Store, wake: () => void): Promise<void> {
  for (let n = 0; n < batches; n += 1) {
    while ((await isDialing(store)) >= batchesAtOnce) await sleep(systemClock, 20);
    await addBatch(store, batchSize, { fromNumber: `+1${4_155_550_100 + n}`, organizationId: `org_${n}` });
    wake();
  }
}

async function isDialing(store: Store): Promise<number> {
  return (await store.runningBatches()).length;
}

/** One that dies settles nothing any more, and its connections break. */
async function startTeller(store: Store): Promise<Webhooks & { die(): void }> {
  let isDead = false;
  const never = new Promise<never>(() => {});
  const alive =
    <A extends readonly unknown[], T>(work: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      const answer = isDead ? never : await work(...given);
      return isDead ? never : answer;
    };
  const { events } = store;
  const outbox: EventOutbox = { ...events, claim: alive(events.claim), settle: alive(events.settle) };
  const settings = { urls: [new Secret(receiver.url)], secret: new Secret(webhookSecret) };
  const common = { clock: systemClock, log: silentLog, environment: "simulated" } as const;
  const webhooks = createWebhooks({ ...common, store: { events: outbox }, settings });
  await webhooks.start();
  return {
    ...webhooks,
    die() {
      isDead = true;
      void webhooks.stop();
    },
  };
}

/** What the store wrote down, in order. */
async function written(): Promise<readonly { readonly id: string; readonly batchId: string }[]> {
  const text = "SELECT id, batch_id FROM event_messages ORDER BY sequence";
  const rows = sql ? await sql.query(text.replace("event_", "batch_call.event_")) : readFile(text);
  return rows.map((row) => ({ id: String(row["id"]), batchId: String(row["batch_id"]) }));
}

function readFile(text: string) {
  const file = openDatabase(path);
  try {
    return file.prepare(text).all();
  } finally {
    file.close();
  }
}

function report(events: Awaited<ReturnType<typeof written>>, killed: number, ms: number, mostBytes: number): void {
  const first = new Map<string, number>();
  for (const [index, { id }] of receiver.taken.entries()) if (!first.has(id)) first.set(id, index);
  const lost = events.filter(({ id }) => !first.has(id)).length;
  const invented = first.size - (events.length - lost);
  const lastOf = new Map<string, number>();
  let outOfOrder = 0;
  for (const { id, batchId } of events) {
    const at = first.get(id) ?? 0;
    if (at < (lastOf.get(batchId) ?? -1)) outOfOrder += 1;
    lastOf.set(batchId, Math.max(at, lastOf.get(batchId) ?? -1));
  }
  print("events written down", events.length);
  print("batches", lastOf.size);
  print("requests", receiver.received.length);
  for (const [conduct, count] of byConduct) print(`  ${conduct}`, count);
  print("processes killed while they told", killed);
  print("told at least once", events.length - lost);
  print("never told", lost);
  print("told of what was not written down", invented);
  print("out of order within their batch", outOfOrder);
  print("told again under the same id", receiver.taken.length - first.size);
  print("signatures that the library refuses", receiver.refused.length);
  print("followed redirects", receiver.strays);
  print("seconds", (ms / 1000).toFixed(1));
  print("most memory of the process, MB", (mostBytes / 1e6).toFixed(0));
  const faultsFound = lost + invented + outOfOrder + receiver.refused.length + receiver.strays;
  if (faultsFound > 0 || events.length < wanted) process.exitCode = 1;
}

function print(what: string, figure: number | string): void {
  console.log(`${what.padEnd(44)}${figure}`);
}
