import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { urlOf } from "./ask-service.ts";
import { type Launchable, type RunningProgram, run } from "./spawn.ts";

/** A machine that runs our program: its own data directory, and where the sandbox can, its own network. */
export type Machine = {
  readonly name: string;
  readonly dataDir: string;
  /** Starts a command of the program there. */
  start(command: readonly string[], settings?: Record<string, string>): RunningProgram;
  /** A request to the service that runs there, with the keys of all machines. Rejects unless it is answered with a 2xx. */
  ask(url: string, path: string, how?: { readonly method?: string; readonly body?: object }): Promise<unknown>;
  remove(): Promise<void>;
};

export type MachineSetup = {
  readonly name: string;
  /** The program, without its command: `node bin/batch-call-mcp.cjs`. */
  readonly program: readonly [string, ...string[]];
  readonly settings: Record<string, string>;
  /** Name of the network namespace it runs in; this machine's network when absent. */
  readonly namespace?: string;
};

const keysFile = z.tuple([z.object({ api_key: z.string(), api_secret: z.string() })], z.unknown());

export async function createMachine({ name, program, settings, namespace }: MachineSetup): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), `batch-call-${name}-`));
  const dataDir = join(home, "data");
  await mkdir(dataDir, { mode: 0o700 });
  const place = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];

  function launchable(command: readonly string[], more: Record<string, string>): Launchable {
    const [first = "", ...args] = [...place, ...program, ...command];
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      BATCH_CALL_DATA_DIR: dataDir,
      BATCH_CALL_FILES_DIR: join(home, "files"),
      ...settings,
      ...more,
    };
    return { command: first, args, env, cwd: home };
  }

  return {
    name,
    dataDir,
    start: (command, more = {}) => run(launchable(command, more)),
    async ask(url, path, { method = "GET", body } = {}) {
      const [keys] = keysFile.parse(JSON.parse(await readFile(join(dataDir, "credentials.json"), "utf8")));
      const headers = [
        `X-API-KEY: ${keys.api_key}`,
        `X-API-SECRET: ${keys.api_secret}`,
        "Content-Type: application/json",
      ];
      const [first = "", ...args] = [...place, "curl", "-sS", "--fail-with-body", "-X", method];
      const sent = body ? ["--data-binary", JSON.stringify(body)] : [];
      const asked = [...args, ...headers.flatMap((header) => ["-H", header]), ...sent, new URL(path, url).href];
      const { stdout } = await promisify(execFile)(first, asked, { maxBuffer: 64 * 1024 * 1024 });
      return JSON.parse(stdout);
    },
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Services on so many machines, and workers on the others. The first makes the keys, and all have them. */
export async function startMachines(
  machines: readonly Machine[],
  services: number,
): Promise<readonly { readonly program: RunningProgram; readonly url?: string }[]> {
  const [first, ...others] = machines;
  if (!first) throw new Error("At least one machine is needed");
  const program = first.start(["service"]);
  const url = await urlOf(program);
  for (const { dataDir } of others)
    await copyFile(join(first.dataDir, "credentials.json"), join(dataDir, "credentials.json"));
  const rest = others.map(async (machine, n) => {
    if (n + 1 < services) {
      const service = machine.start(["service"]);
      return { program: service, url: await urlOf(service) };
    }
    const worker = machine.start(["worker"]);
    await worker.answered(/worker dials/);
    return { program: worker };
  });
  return [{ program, url }, ...(await Promise.all(rest))];
}
