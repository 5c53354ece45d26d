import { execFile, spawn } from "node:child_process";
import { access, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

const installations = "/usr/lib/postgresql";
const startTries = 100;

/** A PostgreSQL server of its own, in a temporary directory and on a free loopback port. */
export type OwnServer = {
  readonly url: string;
  /** Ends it as a loss of power would, and starts it again. Resolves when it answers. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts one; undefined where no PostgreSQL is installed. */
export async function startOwnServer(): Promise<OwnServer | undefined> {
  const binaries = await findBinaries();
  if (!binaries) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "batch-call-postgres-"));
  const data = join(folder, "data");
  const port = await freePort();
  if (isRoot()) await promisify(execFile)("chown", ["postgres", folder]);
  const runTool = (tool: string, ...args: string[]) => asPostgres(join(binaries, tool), args);
  const start = () =>
    runTool(
      "pg_ctl",
      "-D",
      data,
      "-l",
      join(folder, "log"),
      "-w",
      "-o",
      `-p ${port} -h 127.0.0.1 -k ${folder}`,
      "start",
    );
  await runTool("initdb", "-D", data, "-A", "trust", "-U", "postgres");
  await start();

  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async killAndRestart() {
      const [pid = ""] = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
      process.kill(Number(pid), "SIGKILL");
      // Until its orphans have seen that it is gone, nobody may have their memory.
      for (let tries = 1; ; tries += 1) {
        await setTimeout(100);
        const failure = await start().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (!failure) return;
        if (tries === startTries) throw failure;
      }
    },
    async stop() {
      await runTool("pg_ctl", "-D", data, "-m", "immediate", "stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The newest of those that Debian's packages install, or what is in the path. */
async function findBinaries(): Promise<string | undefined> {
  const versions = await readdir(installations).catch(() => []);
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(installations, version, "bin"));
  for (const folder of [...folders, ...(process.env["PATH"] ?? "").split(":")]) {
    const isHere = await access(join(folder, "initdb")).then(
      () => true,
      () => false,
    );
    if (isHere) return folder;
  }
  return undefined;
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (typeof address !== "object" || !address) throw new Error("No port was given");
  return address.port;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The server refuses to run as root. Its output goes nowhere: a pipe would stay open for as long as the server lives. */
async function asPostgres(tool: string, args: readonly string[]): Promise<void> {
  const [command = tool, ...rest] = isRoot() ? ["runuser", "-u", "postgres", "--", tool, ...args] : [tool, ...args];
  const child = spawn(command, rest, { cwd: "/", stdio: "ignore" });
  const code = await new Promise<number | null>((resolve, reject) => child.once("exit", resolve).once("error", reject));
  if (code !== 0) throw new Error(`${tool} ended with ${code}`);
}
