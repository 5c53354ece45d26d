import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { z } from "zod";

const agents = z.object({ agents: z.array(z.object({ agent_id: z.string() })).min(1) });
const numbers = z.object({ phone_numbers: z.array(z.object({ phone_number: z.string() })).min(1) });
const longestWaitMs = 5_000;

/**
 * The modules of src that a draft `create_batch_call` with a file of two rows runs, as paths below src with `.js`: whose
 * functions V8 saw run between the request and its answer, in a server over stdio with its own service, file by file as
 * `npm run build:dev` compiles it. Modules that only load do not count.
 */
export async function modulesOfOneCreate(root: string): Promise<readonly string[]> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-structure-"));
  const ranFile = join(home, "ran.json");
  const program = join(root, "build", "src");
  const filesDir = join(home, "files");
  await mkdir(filesDir);
  await writeFile(join(filesDir, "two.csv"), "phone,name\n+12025550101,Ana\n+12025550102,Ben\n");
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["--require", join(root, "scripts", "coverage-hook.cjs"), join(program, "main.js")],
    env: {
      PATH: process.env["PATH"] ?? "",
      RAN_MODULES_FILE: ranFile,
      BATCH_CALL_DATA_DIR: join(home, "data"),
      BATCH_CALL_FILES_DIR: filesDir,
      BATCH_CALL_LOG_LEVEL: "warn",
    },
  });
  const client = new Client({ name: "structure", version: "1.0.0" });
  try {
    await client.connect(transport);
    const pid = z.number().parse(transport.pid);
    const call = async (name: string, args: Record<string, unknown>) =>
      (await client.callTool({ name, arguments: args })).structuredContent;
    const {
      agents: [agent],
    } = agents.parse(await call("list_agents", {}));
    const {
      phone_numbers: [from],
    } = numbers.parse(await call("list_phone_numbers", {}));
    await takeRan(pid, ranFile);
    await call("create_batch_call", {
      name: "structure",
      agent_id: agent?.agent_id,
      from_number: from?.phone_number,
      tasks_file: "two.csv",
    });
    const urls = await takeRan(pid, ranFile);
    const start = `file://${program}/`;
    return urls
      .filter((url) => url.startsWith(start))
      .map((url) => url.slice(start.length))
      .sort();
  } finally {
    await client.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function takeRan(pid: number, file: string): Promise<readonly string[]> {
  await rm(file, { force: true });
  process.kill(pid, "SIGUSR2");
  const until = Date.now() + longestWaitMs;
  while (!existsSync(file)) {
    if (Date.now() > until) throw new Error("The server did not write which modules ran within 5 s of SIGUSR2");
    await wait(20);
  }
  return z.array(z.string()).parse(JSON.parse(await readFile(file, "utf8")));
}
