import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeTasks } from "./call-lists.ts";
import { type ConversionRun, measureConversion } from "./conversion.ts";
import { median } from "./median.ts";
import { StdioChild } from "./stdio-child.ts";
import { startStubApi, stubAgentId, stubCallerId } from "./stub-api.ts";

const rounds = 30;
const warmUp = 5;
const compiledIsKeptMs = 4000;
const firstRounds = 9;
/** Between the answer to tools/list and the first call, as a model takes at least. */
const thinkMs = 500;

const root = fileURLToPath(new URL("../../", import.meta.url));
const flatServer = fileURLToPath(new URL("./flat-server.js", import.meta.url));

// Of the account that every organization of the simulated service has.
const simulatedAgent = "agent_7ff47846-c8a0-4304-ae13-88cfc31c1a03";
const simulatedCallerId = "+14155550100";

/** One way of doing the work: ours, or a floor. */
type Way = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly agent_id: string;
  readonly from_number: string;
};
type WayName = "flat" | "flat, read back" | "live" | "own service";

/** What was measured, in milliseconds; `ratio` is the median of the rounds' own ratios. */
type CreateRun = {
  readonly work: string;
  readonly floor: WayName;
  readonly ms: number;
  readonly floorMs: number;
  readonly ratio: number;
};

const parts = ["later", "first", "conversion"];

/**
 * create_batch_call of 1,000 people over stdio, beside the same work written flat: through a stand-in of the hosted API and through our own
 * service, for later calls and for the first of a process; then the conversion alone. Writes the figures to `file` as JSON as well.
 */
export async function benchCreate(only?: string, file?: string): Promise<void> {
  const isWanted = (part: string) => only === undefined || only === part;
  if (!parts.some(isWanted)) throw new Error(`--only takes ${parts.join(", ")}`);
  const stub = await startStubApi();
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  try {
    const ways = waysOf(stub.url, home);
    const calls: CreateRun[] = [];
    if (isWanted("later")) calls.push(...(await measureLater(ways)));
    if (isWanted("first"))
      calls.push(...(await measureFirst(ways, home, 0)), ...(await measureFirst(ways, home, thinkMs)));
    const conversion = isWanted("conversion") ? await measureConversion() : [];
    print(calls, conversion);
    if (file !== undefined) await writeFile(file, `${JSON.stringify({ calls, conversion }, undefined, 2)}\n`);
  } finally {
    stub.close();
    await rm(home, { recursive: true, force: true });
  }
}

function waysOf(url: string, home: string): Readonly<Record<WayName, Way>> {
  const server = [join(root, "bin", "batch-call-mcp.cjs")];
  const stubbed = { agent_id: stubAgentId, from_number: stubCallerId };
  // Of a user: what is compiled of the program is kept below their home.
  const ours = { HOME: home, BATCH_CALL_DATA_DIR: join(home, "own"), BATCH_CALL_LOG_LEVEL: "error" };
  return {
    flat: { ...stubbed, args: [flatServer], env: { STUB_URL: url } },
    "flat, read back": { ...stubbed, args: [flatServer], env: { STUB_URL: url, READ_BACK: "1" } },
    live: {
      ...stubbed,
      args: server,
      env: {
        ...ours,
        BATCH_CALL_DATA_DIR: join(home, "live"),
        BATCH_CALL_API_URL: url,
        BATCH_CALL_API_KEY: "sk_bench",
        BATCH_CALL_API_SECRET: "s3cr3t_bench",
      },
    },
    "own service": { args: server, env: ours, agent_id: simulatedAgent, from_number: simulatedCallerId },
  };
}

/** Each against the floor that asks an API for the same. */
const pairs: readonly (readonly [WayName, WayName])[] = [
  ["live", "flat"],
  ["live", "flat, read back"],
  ["own service", "flat"],
];
const names: readonly WayName[] = ["flat", "flat, read back", "live", "own service"];

type Times = Readonly<Record<WayName, number[]>>;

async function measureLater(ways: Readonly<Record<WayName, Way>>): Promise<readonly CreateRun[]> {
  const children = new Map(names.map((name) => [name, start(ways[name])]));
  const times = noTimes();
  try {
    for (const child of children.values()) await child.initialize();
    for (let round = 0; round < rounds + warmUp; round++) {
      for (const [name, child] of children) {
        const ms = await timeCall(child, ways[name], `${name} ${round}`);
        if (round >= warmUp) times[name].push(ms);
      }
    }
  } finally {
    for (const child of children.values()) await child.close();
  }
  return toRuns("later calls", times);
}

/** A process for each call, in a data directory of its own. */
async function measureFirst(
  ways: Readonly<Record<WayName, Way>>,
  home: string,
  idleMs: number,
): Promise<readonly CreateRun[]> {
  const times = noTimes();
  await startOnce(ways["own service"]);
  for (let round = 0; round < firstRounds; round++) {
    for (const name of names) {
      const way = ways[name];
      const BATCH_CALL_DATA_DIR = await mkdtemp(join(home, "first-"));
      const child = start({ ...way, env: { ...way.env, BATCH_CALL_DATA_DIR } });
      try {
        await child.initialize();
        await child.request("tools/list", {});
        await setTimeout(idleMs);
        times[name].push(await timeCall(child, way, `${idleMs} ${round}`));
      } finally {
        await child.close();
      }
    }
  }
  return toRuns(idleMs === 0 ? "first call, at once" : `first call, ${idleMs} ms after tools/list`, times);
}

/** As every program of a user was started once: what was compiled is kept three seconds after that. */
async function startOnce(way: Way): Promise<void> {
  const child = start(way);
  try {
    await child.initialize();
    await child.request("tools/list", {});
    await setTimeout(compiledIsKeptMs);
  } finally {
    await child.close();
  }
}

function start({ args, env }: Way): StdioChild {
  return new StdioChild(args, env);
}

async function timeCall(child: StdioChild, { agent_id, from_number }: Way, salt: string): Promise<number> {
  const call = {
    name: "create_batch_call",
    arguments: { name: `Bench ${salt}`, agent_id, from_number, tasks: makeTasks(salt) },
  };
  const startedAt = performance.now();
  await child.request("tools/call", call);
  return performance.now() - startedAt;
}

function noTimes(): Times {
  return { flat: [], "flat, read back": [], live: [], "own service": [] };
}

function toRuns(what: string, times: Times): readonly CreateRun[] {
  return pairs.map(([name, floor]) => ({
    work: `${what}, ${name}`,
    floor,
    ms: median(times[name]),
    floorMs: median(times[floor]),
    ratio: median(times[name].map((ms, round) => ms / (times[floor][round] ?? Number.NaN))),
  }));
}

function print(calls: readonly CreateRun[], conversion: readonly ConversionRun[]): void {
  console.log(
    `create_batch_call of 1,000 over stdio, ${rounds} later calls, ${firstRounds} first ones each; medians, in turn`,
  );
  console.log("aims: later 1.2, first 1.0, conversion 1.15");
  console.table(calls.map(({ ms, floorMs, ratio, ...run }) => ({ ...run, ...figures(ms, floorMs, ratio) })));
  console.log("conversion alone, from the text of the arguments to the text of the request");
  console.table(conversion.map(({ list, oursMs, flatMs, ratio }) => ({ list, ...figures(oursMs, flatMs, ratio) })));
}

function figures(ms: number, floorMs: number, ratio: number) {
  return { ms: ms.toFixed(1), "floor ms": floorMs.toFixed(1), ratio: ratio.toFixed(2) };
}
