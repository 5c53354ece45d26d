import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { urlOf } from "./ask-service.ts";
import { type Launchable, type RunningProgram, run } from "./spawn.ts";

/** What runs our program as a machine of its own does: with its own data directory, sharing the database alone. */
export type Machine = {
  readonly name: string;
  readonly dataDir: string;
  /** How a command of the program is started there, for a client that starts it itself. */
  launchable(command: readonly string[], settings?: Record<string, string>): Launchable;
  /** Starts a command of the program there. */
  start(command: readonly string[], settings?: Record<string, string>): RunningProgram;
  remove(): Promise<void>;
};

export type MachineSetup = {
  readonly name: string;
  /** The program, without its command: `node bin/batch-call-mcp.cjs`. */
  readonly program: readonly [string, ...string[]];
  readonly settings: Record<string, string>;
};

export async function createMachine({ name, program, settings }: MachineSetup): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), `batch-call-${name}-`));
  const dataDir = join(home, "data");
  await mkdir(dataDir, { mode: 0o700 });

  function launchable(command: readonly string[], more: Record<string, string> = {}): Launchable {
    const [first = "", ...args] = [...program, ...command];
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
    launchable,
    start: (command, more) => run(launchable(command, more)),
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
  for (const other of others) await copyKeys(first, other);
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

/** What opens the service on one machine opens that on the other. */
export function copyKeys(from: Machine, to: Machine): Promise<void> {
  return copyFile(join(from.dataDir, "credentials.json"), join(to.dataDir, "credentials.json"));
}
