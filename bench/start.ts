import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cpuMs, residentMb } from "./linux-process.ts";
import { median } from "./median.ts";
import { StdioChild } from "./stdio-child.ts";

export type StartOptions = {
  /** Path of the Node that runs the servers; the one that runs this unless given. */
  readonly node?: string;
  /** How often each is started; 11 unless given. */
  readonly rounds?: number;
  /** File for the figures. */
  readonly json?: string;
};

/** One start: milliseconds from the spawn to each answer, then what it took until the second. */
type Start = { initialize: number; toolsList: number; cpu: number; memory: number };
type Server = {
  readonly name: string;
  readonly args: string[];
  env(home: string): Record<string, string>;
  isFirst?: boolean;
};

/** By then a server has kept what a later start is quicker by. */
const settledMs = 5000;

/**
 * From the spawn of a server to its answers to `initialize` and `tools/list`, in turn with the floor of a server that loads nothing:
 * as later starts are without settings, with an account, and with a setting that is read in full, and as the first start of an installation is.
 */
export async function benchStart({ node = process.execPath, rounds = 11, json }: StartOptions): Promise<void> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const program = join(root, "bin", "batch-call-mcp.cjs");
  const own = (home: string) => ({ HOME: home, XDG_DATA_HOME: join(home, "data") });
  const account = {
    BATCH_CALL_API_URL: "http://127.0.0.1:9",
    BATCH_CALL_API_KEY: "key_012345",
    BATCH_CALL_API_SECRET: "secret_012345",
  };
  const servers: readonly Server[] = [
    { name: "floor", args: [join(root, "bench", "start-floor.cjs")], env: () => ({}) },
    { name: "later start", args: [program], env: own },
    { name: "first start", args: [program], env: own, isFirst: true },
    { name: "later start, account set", args: [program], env: (home) => ({ ...own(home), ...account }) },
    { name: "later start, zone set", args: [program], env: (home) => ({ ...own(home), BATCH_CALL_TIMEZONE: "UTC" }) },
  ];
  const base = await mkdtemp(join(tmpdir(), "batch-call-bench-start-"));
  const starts = new Map<string, Start[]>();
  try {
    for (const server of servers)
      if (!server.isFirst) await startOnce(node, server, join(base, server.name), settledMs);
    for (let round = 0; round < rounds; round++)
      for (const server of servers) {
        const home = server.isFirst ? join(base, `first ${round}`) : join(base, server.name);
        const known = starts.get(server.name) ?? [];
        starts.set(server.name, [...known, await startOnce(node, server, home)]);
      }
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
  const figures = servers.map(({ name }) => ({ name, ...medians(starts.get(name) ?? []) }));
  const [floor] = figures;
  const of = (key: keyof Start, each: Start): string => (each[key] / (floor?.[key] ?? Number.NaN)).toFixed(2);
  console.log(`${rounds} starts each, in turn; medians, and × floor\n`);
  console.log("| server | initialize ms | × | tools/list ms | × | CPU ms | × | memory MB | × |");
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const each of figures) {
    const cells = (["initialize", "toolsList", "cpu", "memory"] as const).flatMap((key) => [
      each[key].toFixed(0),
      of(key, each),
    ]);
    console.log(`| ${each.name} | ${cells.join(" | ")} |`);
  }
  if (json !== undefined)
    await writeFile(
      json,
      `${JSON.stringify({ node, rounds, figures, starts: Object.fromEntries(starts) }, null, 2)}\n`,
    );
}

async function startOnce(node: string, server: Server, home: string, settleMs = 0): Promise<Start> {
  await mkdir(home, { recursive: true });
  const begun = performance.now();
  const child = new StdioChild(server.args, server.env(home), { node, isQuiet: true });
  try {
    await child.initialize();
    const initialize = performance.now() - begun;
    await child.request("tools/list", {});
    const toolsList = performance.now() - begun;
    const [cpu, memory] = await Promise.all([cpuMs(child.pid), residentMb(child.pid)]);
    await wait(settleMs);
    return { initialize, toolsList, cpu, memory };
  } finally {
    await child.close();
  }
}

function medians(starts: readonly Start[]): Start {
  const of = (key: keyof Start): number => median(starts.map((start) => start[key]));
  return { initialize: of("initialize"), toolsList: of("toolsList"), cpu: of("cpu"), memory: of("memory") };
}
