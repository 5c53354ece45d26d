import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const above = fileURLToPath(new URL("../../..", import.meta.url));
/** Compiled for a script, this file lies in build/. */
export const root = basename(above) === "build" ? dirname(above) : above;

/** A command that a client can start, with everything that it inherits. */
export type Launchable = {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
};

/** A place of its own for one program: nothing of the machine's user is read or written. */
export type Home = {
  readonly path: string;
  readonly dataDir: string;
  readonly filesDir: string;
  remove(): Promise<void>;
};

export async function createHome(): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), "batch-call-mcp-"));
  return {
    path,
    dataDir: join(path, "data"),
    filesDir: join(path, "files"),
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The built program in an environment that holds nothing but a home, a path and the given settings. */
export async function builtProgram(
  home: Home,
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<Launchable> {
  await access(join(root, "dist", "build.json")).catch(() => {
    throw new Error("dist is missing: run `npm run build` before the process tests");
  });
  return {
    command: process.execPath,
    args: [join(root, "bin", "batch-call-mcp.cjs"), ...args],
    cwd: home.path,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: home.path,
      BATCH_CALL_DATA_DIR: home.dataDir,
      BATCH_CALL_FILES_DIR: home.filesDir,
      ...settings,
    },
  };
}

export type RunningProgram = {
  readonly process: ChildProcess;
  /** Its exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Everything it wrote so far. */
  stdout(): string;
  stderr(): string;
  /** The first match in what it writes to stdout, or to stderr. Rejects when it ends before. */
  answered(pattern: RegExp): Promise<RegExpExecArray>;
  logged(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal and resolves as `exited` does. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

export function run(program: Launchable): RunningProgram {
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: program.env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited: Promise<number | null> = once(child, "close").then(([code]) => code);
  const [output, log] = [collect(child.stdout), collect(child.stderr)];
  const first = async (text: Collected, pattern: RegExp): Promise<RegExpExecArray> => {
    const match = await Promise.race([text.first(pattern), exited]);
    if (match !== null && typeof match === "object") return match;
    throw new Error(`it ended with ${match} before ${pattern} was seen:\n${log.all()}`);
  };
  return {
    process: child,
    exited,
    stdout: output.all,
    stderr: log.all,
    answered: (pattern) => first(output, pattern),
    logged: (pattern) => first(log, pattern),
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return exited;
    },
  };
}

type Collected = { all(): string; first(pattern: RegExp): Promise<RegExpExecArray> };

function collect(stream: Readable): Collected {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return {
    all: () => text,
    first: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (!match) return;
          stream.off("data", look);
          resolve(match);
        };
        stream.on("data", look);
        look();
      }),
  };
}
