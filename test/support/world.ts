import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApprovalRequest, ApprovalStore } from "../../src/campaigns/approve/approval.ts";
import { createApprovalStore } from "../../src/campaigns/approve/approval-store.ts";
import { buildCampaigns, toAccountName, type UpstreamAccount } from "../../src/campaigns/build-campaigns.ts";
import type { Campaigns } from "../../src/campaigns/campaigns.ts";
import { withGroups } from "../../src/campaigns/group/api-with-groups.ts";
import { type Audit, createAudit } from "../../src/campaigns/records/audit.ts";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { createKeptCalls } from "../../src/campaigns/records/kept-calls.ts";
import { createKillSwitch, type KillSwitch } from "../../src/campaigns/records/kill-switch.ts";
import type { BatchCallApi } from "../../src/client/api.ts";
import { createBatchCallApi } from "../../src/client/batch-call-api.ts";
import { createDiskFolders } from "../../src/contacts/disk-folders.ts";
import { type Downloads, openDownloads } from "../../src/contacts/downloads.ts";
import { openUploads, type Uploads } from "../../src/contacts/uploads.ts";
import type { Outcome } from "../../src/domain/batch/batch.ts";
import { Problem } from "../../src/domain/problem.ts";
import type { StartPolicy } from "../../src/domain/start-policy.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { DatabaseSync } from "../../src/lib/sqlite.ts";
import { openLists } from "../../src/lists/open-lists.ts";
import { hoursGuard } from "../../src/runtime/operator-dial-guard.ts";
import { rehearseBy } from "../../src/runtime/rehearse-plan.ts";
import type { AccountSource } from "../../src/service/accounts/current-account.ts";
import { createKeyring, toHashedKeys } from "../../src/service/accounts/index.ts";
import { loadOrganizations } from "../../src/service/accounts/organizations.ts";
import { noDialGuard, type ServiceSettings } from "../../src/service/dialing/dialing.ts";
import { type Serving, type ServingOptions, serve } from "../../src/service/serve.ts";
import { type ServiceOptions, startService } from "../../src/service/service.ts";
import { openSqliteStore } from "../../src/service/store/sqlite/store.ts";
import { readInput } from "../../src/tools/arguments/parse-input.ts";
import { withCallFacts } from "../../src/tools/calls/api-with-call-facts.ts";
import { tools } from "../../src/tools/index.ts";
import type { Tool, ToolContext } from "../../src/tools/tool.ts";
import { ScriptedPerson } from "./campaigns/scripted-person.ts";
import { ScriptedCarrier } from "./carriers/scripted-carrier.ts";
import { MortalProcess } from "./process/mortal-process.ts";
import { TestClock } from "./test-clock.ts";

export type WorldSetup = {
  readonly now?: string;
  /** Instead of one that begins at `now`. */
  readonly clock?: TestClock;
  /** Outcomes of the calls to a number, in order; who is not in it answers. */
  readonly carrier?: Readonly<Record<string, readonly Outcome[]>>;
  /** `live`: our own service calls for real. Simulated unless given. */
  readonly carrierEnvironment?: "live";
  /** What places the calls of our own service, instead of the scripted carrier. */
  readonly provider?: {
    readonly carrier: ServiceOptions["carrier"];
    readonly account?: AccountSource;
    /** Instead of `idle` of the service: resolves when there is nothing to do before time moves on. */
    readonly settle?: (idle: () => Promise<void>) => Promise<void>;
  };
  /** Another upstream than our own service, or something in front of it: given its url, answers the one to use. Asked before each request. */
  readonly upstream?: (serviceUrl: string) => string;
  /** Stands between the product and its client of the upstream. */
  readonly watchApi?: (api: BatchCallApi) => BatchCallApi;
  /** The account at the upstream; asked again and again. */
  readonly account?: () => UpstreamAccount;
  /** What the operator set of our own service. */
  readonly service?: Partial<ServiceSettings>;
  /** What the operator set, where not the defaults. */
  readonly policy?: Partial<StartPolicy>;
  /** For thousands of calls: our own service is asked without a socket, and nothing is kept safe from a loss of power. One process only. */
  readonly isQuick?: boolean;
  /** Replaces fields of the context that tools get. */
  readonly context?: Partial<ToolContext>;
};

/** What a tool answered: its fields, of whatever type the tool says, and its text. */
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of each field
type Answer = Record<string, any>;

export type World = {
  readonly clock: TestClock;
  readonly carrier: ScriptedCarrier;
  /** Who answers the forms of this world and of every other one made from it. */
  readonly person: ScriptedPerson;
  readonly api: BatchCallApi;
  /** What tools get, without what a single call adds. */
  readonly context: ToolContext;
  readonly campaigns: Campaigns;
  readonly database: DatabaseSync;
  readonly approvals: ApprovalStore;
  readonly audit: Audit;
  readonly killSwitch: KillSwitch;
  /** Questions that a page was opened for, oldest first. */
  readonly pages: readonly ApprovalRequest[];
  readonly filesDir: string;
  /** Lists that are sent over HTTP; the world of every process has the same. */
  readonly uploads: Uploads;
  /** Files that are handed out over HTTP, likewise. */
  readonly downloads: Downloads;
  /** Calls a tool as the MCP server does, without the protocol. Rejects with a `Problem` when the answer is no. */
  tool(name: string, args?: object): Promise<Answer>;
  /** Both forms of what it answered. */
  answer(name: string, args?: object): Promise<{ readonly output: Answer; readonly text: string }>;
  /** The text that a call of the tool gives. */
  text(name: string, args?: object): Promise<string>;
  /** The problem that a call of the tool ends with. */
  problem(name: string, args?: object): Promise<Problem>;
  /** Puts a file into the files folder. */
  file(name: string, text: string): Promise<void>;
  /** Moves time until that is settled. */
  whileTimePasses<T>(answer: Promise<T>): Promise<T>;
  /** Ends this process as SIGKILL does: nothing that it waits for comes back to it, and no timer of it fires. */
  crash(): void;
  /** The same world for another process: its own memory, the same ledger file and upstream. */
  another(changes?: Partial<ToolContext>, transport?: "stdio" | "http"): World;
  stop(): Promise<void>;
};

/** The whole product but the protocol: service, client, launch and tools, with a clock and a carrier that the test moves. */
export async function startWorld(setup: WorldSetup = {}): Promise<World> {
  const dataDir = await mkdtemp(join(setup.isQuick && existsSync(inMemory) ? inMemory : tmpdir(), "batch-call-"));
  const filesDir = join(dataDir, "files");
  const clock = setup.clock ?? new TestClock(setup.now ?? "2026-03-02T15:00:00Z");
  const files = createDiskFolders([filesDir]);
  const carrier = new ScriptedCarrier(clock);
  const person = new ScriptedPerson();
  for (const [number, outcomes] of Object.entries(setup.carrier ?? {})) carrier.script(number, ...outcomes);
  if (setup.carrierEnvironment) carrier.environment = setup.carrierEnvironment;
  // The hours are the command's own default where calls are real.
  const minHoursBetweenBatches = setup.carrierEnvironment === "live" ? 24 : 0;
  const settings = { maxConcurrent: 10, startsPerSecond: 5, minHoursBetweenBatches, ...setup.service };
  const stops = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
  if (setup.isQuick) stops.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
  const preset = setup.policy?.hoursPreset !== undefined && hoursGuard({ ...openPolicy, ...setup.policy });
  const guard = { ...noDialGuard, ...preset, isStopped: createKillSwitch(stops).isOn };
  const options = { dataDir, clock, settings, guard, log: silentLog, host: "127.0.0.1", port: 0 };
  const { provider } = setup;
  const service = setup.isQuick
    ? await startInMemory({ ...options, carrier })
    : await startService({
        ...options,
        carrier: provider?.carrier ?? carrier,
        ...(provider?.account && { account: provider.account }),
      });
  const idle = () => service.idle();
  clock.settleWith(() => provider?.settle?.(idle) ?? idle());
  const [{ apiKey, apiSecret }] = await loadOrganizations(join(dataDir, "credentials.json"));
  const pages: ApprovalRequest[] = [];
  const uploads = openUploads(join(dataDir, "uploads"), clock, silentLog);
  const downloads = openDownloads(join(dataDir, "downloads"), clock, silentLog);
  const cleanups: (() => Promise<void> | void)[] = [
    () => stops.close(),
    () => service.stop(),
    () => uploads.close(),
    () => downloads.close(),
  ];

  const build: World["another"] = (changes = {}, transport = "stdio") => {
    const process = new MortalProcess();
    const baseUrl = async () => setup.upstream?.(service.url) ?? service.url;
    const inProcess = setup.isQuick && { inProcess: () => service.ask };
    const own = createBatchCallApi({ baseUrl, apiKey, apiSecret, clock, log: silentLog, ...inProcess });
    const api = process.guardApi(setup.watchApi?.(own) ?? own);
    const database = setup.isQuick ? stops : openCampaignDatabase(join(dataDir, "ledger.sqlite"));
    cleanups.push(() => own.close());
    if (database !== stops) cleanups.push(() => database.close());
    const lists = openLists(join(dataDir, "lists.sqlite"), clock);
    cleanups.push(() => lists.close());
    const approvals = createApprovalStore(database);
    const audit = createAudit(database);
    const killSwitch = createKillSwitch(database);
    const account = async () => setup.account?.() ?? { origin: "test", id: "account" };
    const campaigns = buildCampaigns({
      api,
      database,
      approvals,
      audit,
      killSwitch,
      clock: process.guardClock(clock),
      log: silentLog,
      policy: { ...openPolicy, ...setup.policy },
      timezone: "America/New_York",
      openPage: async (request) => {
        pages.push(request);
        return "opened";
      },
      account,
    });
    cleanups.push(() => campaigns.close());
    const accountName = toAccountName(account);
    const told = withCallFacts(api, { clock, kept: createKeptCalls(database), account: accountName });
    cleanups.push(() => told.stop());
    const context: ToolContext = {
      api: withGroups(told, { database, account: accountName }),
      campaigns,
      ...(transport === "stdio" && { files }),
      lists,
      uploads,
      downloads,
      ...(transport === "http" && { origin: httpOrigin }),
      clock,
      rehearse: rehearseBy({ maxConcurrent: 10, startsPerSecond: 5, simulatedSeed: 7 }),
      timezone: "America/New_York",
      principal: "local",
      owner: "local",
      access: { kind: "all" },
      askPerson: person.ask,
      signal: new AbortController().signal,
      ...setup.context,
      ...changes,
    };
    const call = (name: string, args: object) => callTool(findTool(name), args, context);
    return {
      clock,
      carrier,
      person,
      api,
      context,
      campaigns,
      database,
      approvals,
      audit,
      killSwitch,
      pages,
      filesDir,
      uploads,
      downloads,
      tool: async (name, args = {}) => (await call(name, args)).output,
      answer: async (name, args = {}) => call(name, args),
      text: async (name, args = {}) => (await call(name, args)).text,
      problem: (name, args = {}) => problemOf(call(name, args)),
      file: async (name, text) => {
        await mkdir(filesDir, { recursive: true });
        await writeFile(join(filesDir, name), text);
      },
      async whileTimePasses(answer) {
        const state = { isOver: false };
        const finish = () => {
          state.isOver = true;
        };
        answer.then(finish, finish);
        for (let step = 0; !state.isOver && step < 2000; step++) await clock.advance({ ms: 250 });
        return answer;
      },
      crash: () => process.crash(),
      another: build,
      async stop() {
        for (const cleanup of cleanups.reverse()) await cleanup();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  };
  return build();
}

/** Where Linux has files that no disk holds. */
const inMemory = "/dev/shm";

/** As `startService`, but for the store, which is in memory. */
async function startInMemory({ dataDir, ...options }: ServingOptions & { readonly dataDir: string }): Promise<Serving> {
  const organizations = await loadOrganizations(join(dataDir, "credentials.json"));
  const keyring = createKeyring(organizations.map(toHashedKeys));
  return serve({ ...options, keyring, store: openSqliteStore(":memory:") });
}

/** By which the clients of a world over HTTP reach it, as far as they say. */
export const httpOrigin = "http://127.0.0.1:3000";

/** Wide enough for the fictional numbers of a test at any hour of its clock. */
const openPolicy: StartPolicy = {
  approval: "auto",
  hours: { start: "00:00", end: "24:00" },
  types: ["fixed_line", "mobile", "fixed_line_or_mobile"],
  minHoursBetweenBatches: 24,
  limits: { maxRecipientsPerStart: 1000, maxRecipientsPerDay: 5000 },
};

function findTool(name: string): Tool {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`There is no tool ${name}`);
  return tool;
}

async function callTool(tool: Tool, args: object, context: ToolContext): Promise<{ output: Answer; text: string }> {
  // Through JSON, as it comes over the wire.
  const input = await readInput(tool, JSON.parse(JSON.stringify(args)), context);
  const output = tool.output.parse(await tool.run(input, context));
  return { output, text: requireReadable(tool.summarize(output)) };
}

// Sentences and ids that were joined carelessly.
const carelessJoin = /\.;|\w\.\.(?![./\w])|\. ,|;\.|call call_|batch batch_|group group_|undefined|\[object /;

/** The words of an answer, unless they read as if parts of it were put together by chance. */
function requireReadable(text: string): string {
  const found = carelessJoin.exec(text);
  if (found)
    throw new Error(`An answer has "${found[0]}": ${text.slice(Math.max(0, found.index - 200), found.index + 200)}`);
  return text;
}

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const result = await call.catch((error: unknown) => error);
  if (result instanceof Problem) {
    for (const { message } of [result, ...result.issues]) requireReadable(message);
    return result;
  }
  if (result instanceof Error) throw result;
  throw new Error(`It did not refuse, but answered ${JSON.stringify(result)}`);
}

/** Ids and numbers of the simulated account. */
export const agentId = "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21";
export const fromNumber = "+14155550100";

/** The n-th recipient's number; all fictional. */
export function numberOf(n: number): string {
  return `+1${201 + Math.floor(n / 100)}55501${String(n % 100).padStart(2, "0")}`;
}

/** Arguments of a create that is right as it is, with so many recipients. */
export function request(recipients = 3, changes: object = {}): object {
  const tasks = Array.from({ length: recipients }, (_, n) => ({
    to_number: numberOf(n + 1),
    dynamic_variables: { first_name: `P${n}` },
  }));
  return { name: "June reminders", agent_id: agentId, from_number: fromNumber, tasks, ...changes };
}
