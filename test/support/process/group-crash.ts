import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { readTasks } from "../../../src/campaigns/start/read-batch-for-start.ts";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { createBatchCallApi } from "../../../src/client/batch-call-api.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { longFile } from "../campaigns/long-list.ts";
import { bridgeSecret, ScriptedBridge } from "../carriers/scripted-bridge.ts";
import { agentId, callerId } from "../service-world.ts";
import { usNumber } from "../us-numbers.ts";
import { waitUntil } from "../wait-until.ts";
import { type Home, type Launchable, type RunningProgram, run } from "./spawn.ts";

export type GroupCrashSetup = {
  readonly home: Home;
  /** The built program, in that home. */
  readonly program: (args: readonly string[], settings: Record<string, string>) => Launchable | Promise<Launchable>;
  readonly people: number;
  readonly kills: number;
  /** From 0 to below 1. */
  readonly random: () => number;
};

export type GroupCrashReport = {
  readonly kills: number;
  readonly parts: number;
  /** Batches at the service: each part once. */
  readonly batches: number;
  /** People who are in more than one batch, and in none. */
  readonly doubled: number;
  readonly missing: number;
  readonly rung: number;
  readonly rungTwice: number;
  /** Parts whose start is left to a person, because nobody knows whether its request left. */
  readonly leftToAPerson: number;
  /** People of started parts who were not called. */
  readonly notRung: number;
};

const open = { BATCH_CALL_CALLING_HOURS: "00:00-24:00", BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES: "0" };

/**
 * Creates and starts a campaign of linked batches over and over, with SIGKILL to the MCP server at a random moment of each try but
 * the last, against a service and a bridge that live on; then compares what the service has, and who was rung.
 */
export async function groupCrashRun({
  home,
  program,
  people,
  kills,
  random,
}: GroupCrashSetup): Promise<GroupCrashReport> {
  const bridge = await ScriptedBridge.start(systemClock);
  bridge.callMs = 10;
  await mkdir(home.dataDir, { recursive: true });
  await mkdir(home.filesDir, { recursive: true });
  const account = {
    agents: [{ agent_id: agentId, agent_name: "Reminders" }],
    phone_numbers: [{ phone_number: callerId }],
  };
  await writeFile(join(home.dataDir, "account.json"), JSON.stringify(account));
  await writeFile(join(home.filesDir, "long.csv"), longFile(people));
  const service = run(
    await program(["service"], {
      ...open,
      BATCH_CALL_CARRIER: "http",
      BATCH_CALL_CARRIER_URL: bridge.url,
      BATCH_CALL_CARRIER_SECRET: bridgeSecret,
      BATCH_CALL_SERVICE_PORT: "0",
      BATCH_CALL_MAX_CONCURRENT: "200",
      BATCH_CALL_STARTS_PER_SECOND: "10000",
    }),
  );
  try {
    const [, url = ""] = await service.answered(/service on (http:\S+)/);
    const [keys] = keysSchema.parse(JSON.parse(await readFile(join(home.dataDir, "credentials.json"), "utf8")));
    if (!keys) throw new Error("The service made no credentials");
    const settings = {
      ...open,
      BATCH_CALL_API_URL: url,
      BATCH_CALL_API_KEY: keys.api_key,
      BATCH_CALL_API_SECRET: keys.api_secret,
      BATCH_CALL_DATA_DIR: join(home.path, "mcp"),
      BATCH_CALL_APPROVAL: "policy",
      BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH: "100000",
      BATCH_CALL_MAX_RECIPIENTS_PER_DAY: "100000",
    };
    await killAgainAndAgain(await program(["stdio"], settings), { kills, random });
    const api = createBatchCallApi({
      baseUrl: async () => url,
      apiKey: new Secret(keys.api_key),
      apiSecret: new Secret(keys.api_secret),
      clock: systemClock,
      log: silentLog,
    });
    return await compare(api, bridge, { people, kills }).finally(() => api.close());
  } finally {
    await service.stop("SIGKILL");
    await bridge.stop();
  }
}

const keysSchema = z.array(z.object({ api_key: z.string(), api_secret: z.string() }));
const firstGuessMs = 3000;

async function killAgainAndAgain(program: Launchable, { kills, random }: Pick<GroupCrashSetup, "kills" | "random">) {
  let spanMs = firstGuessMs;
  for (let kill = 0; kill < kills; kill++) {
    const server = run(program);
    const begunAt = performance.now();
    const isOver = createAndStart(server).catch(() => "killed" as const);
    const first = await Promise.race([isOver, setTimeout(random() * spanMs, "time" as const)]);
    // One that was done before: the moments of the next ones lie within what it took.
    if (first !== "time") spanMs = Math.max(performance.now() - begunAt, 500);
    await server.stop("SIGKILL");
    await isOver;
  }
  const last = run(program);
  await createAndStart(last);
  await last.stop();
}

/** Resolves with the answer to the create, an error or not; rejects when the program ends before. */
async function createAndStart(server: RunningProgram): Promise<string> {
  const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const args = {
    name: "June reminders",
    agent_id: agentId,
    from_number: callerId,
    tasks_file: "long.csv",
    columns: { to_number: "phone" },
    start: "now",
  };
  const lines = [
    { id: 1, method: "initialize", params: hello },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: "create_batch_call", arguments: args } },
  ];
  server.process.stdin?.on("error", () => {});
  for (const line of lines) server.process.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...line })}\n`);
  const [answer] = await server.answered(/^.*"id":2[,}].*$/m);
  return answer;
}

async function compare(
  api: BatchCallApi,
  bridge: ScriptedBridge,
  { people, kills }: Pick<GroupCrashSetup, "people" | "kills">,
): Promise<GroupCrashReport> {
  const read = async () => (await api.listBatches({ page: 0, limit: 100 })).rows;
  const batches = await read();
  const drafts = new Set(batches.filter(({ status }) => status === "draft").map(({ batchId }) => batchId));
  const membership = new Map<string, string[]>();
  for (const { batchId } of batches)
    for (const { toNumber } of await readTasks(api, batchId))
      membership.set(toNumber, [...(membership.get(toNumber) ?? []), batchId]);
  const called = [...membership].filter(([, ids]) => ids.some((id) => !drafts.has(id))).map(([number]) => number);
  await waitUntil(
    "every started part is over",
    async () => (await read()).every(({ status }) => status !== "sent"),
    600_000,
  );
  const counts = new Map<string, number>();
  for (const number of bridge.rung) counts.set(number, (counts.get(number) ?? 0) + 1);
  return {
    kills,
    parts: Math.ceil(people / 1000),
    batches: batches.length,
    doubled: [...membership.values()].filter((ids) => ids.length > 1).length,
    missing: Array.from({ length: people }, (_, n) => usNumber(n)).filter((number) => !membership.has(number)).length,
    rung: counts.size,
    rungTwice: [...counts.values()].filter((count) => count > 1).length,
    leftToAPerson: drafts.size,
    notRung: called.filter((number) => !counts.has(number)).length,
  };
}
