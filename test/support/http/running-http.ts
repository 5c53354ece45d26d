import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runHttp } from "../../../src/commands/http.ts";
import { runToken } from "../../../src/commands/token.ts";
import { parseSettings } from "../../../src/config/settings.ts";
import { type Log, silentLog } from "../../../src/lib/log.ts";
import type { CommandContext } from "../../../src/runtime/command-context.ts";

export type RunningHttp = {
  /** The endpoint. */
  readonly url: string;
  readonly dataDir: string;
  readonly context: CommandContext;
  /** Makes a token as an operator does, while the server runs, and returns it. */
  addToken(name: string, scopes?: string, organization?: string): Promise<string>;
  revoke(name: string): Promise<void>;
  /** Ends the server, and keeps its files; returns where they are, for another one. */
  end(): Promise<string>;
  stop(): Promise<void>;
};

/** The command `http` in this process, on a free port and a data directory of its own, or of one that ended (`kept`). */
export async function startRunningHttp(
  env: Record<string, string> = {},
  log: Log = silentLog,
  kept?: string,
): Promise<RunningHttp> {
  const home = kept ?? (await mkdtemp(join(tmpdir(), "batch-call-access-")));
  const dataDir = join(home, "data");
  const filesDir = join(home, "files");
  await mkdir(filesDir, { recursive: true });
  const own = {
    BATCH_CALL_DATA_DIR: dataDir,
    BATCH_CALL_FILES_DIR: filesDir,
    BATCH_CALL_HTTP_PORT: "0",
    BATCH_CALL_SIMULATED_SPEED: "10000",
  };
  const platform = { os: "linux", env: { ...own, ...env }, timezone: "UTC" } as const;
  const settings = parseSettings(platform);
  if ("errors" in settings) throw new Error(settings.errors.join("\n"));
  const ending = new AbortController();
  let running: Promise<number> = Promise.resolve(0);
  const context = { settings, platform, log, signal: ending.signal, print: () => {} };
  const line = await new Promise<string>((print, fail) => {
    running = runHttp({ ...context, print }, { isReadOnly: false });
    running.catch(fail);
  });
  const token = async (order: Parameters<typeof runToken>[1]): Promise<readonly string[]> => {
    const lines: string[] = [];
    await runToken({ ...context, print: (text) => void lines.push(text) }, order);
    return lines;
  };
  return {
    url: /http:\S+\/mcp/.exec(line)?.[0] ?? "",
    dataDir,
    context,
    async addToken(name, scopes, organization) {
      const options = { ...(scopes !== undefined && { scopes }), ...(organization !== undefined && { organization }) };
      const made = (await token({ action: "add", name, ...options })).find((text) => text.startsWith("bcm_"));
      if (made === undefined) throw new Error("No token was shown");
      return made;
    },
    revoke: async (name) => void (await token({ action: "revoke", name })),
    async end() {
      ending.abort();
      await running;
      return home;
    },
    async stop() {
      ending.abort();
      await running;
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
