import { parseCommandLine } from "./commands/command-line.ts";
import { type Arguments, type CommandName, commands } from "./commands/commands.ts";
import { commandHelpText, helpText } from "./commands/help.ts";
import { type Platform, parseSettings } from "./config/settings.ts";
import { Problem } from "./domain/problem.ts";
import { counted } from "./domain/text.ts";
import { setCommandText } from "./lib/command-text.ts";
import { createLog } from "./lib/log.ts";
import { explainStorageError } from "./lib/sqlite.ts";
import { errorCode } from "./lib/system.ts";
import { packageVersion } from "./lib/version.ts";

const usageExitCode = 2;

async function main(argv: readonly string[], platform: Platform): Promise<number> {
  const { env, os } = platform;
  setCommandText({ script: process.argv[1], path: env["PATH"], os });
  const line = parseCommandLine(argv);
  if (line.kind !== "run" || line.command !== "stdio") process.stdout.on("error", ignoreClosedPipe);
  switch (line.kind) {
    case "error":
      return complain(line.error, usageExitCode);
    case "help":
      return say(line.command ? await commandHelpText(line.command, line.argument) : helpText());
    case "version":
      return say(packageVersion);
    case "run":
      return run(line.command, line.given, onDataDir(platform, line.dataDir));
  }
}

async function run(command: CommandName, given: Arguments, platform: Platform): Promise<number> {
  const settings = parseSettings(platform);
  if ("errors" in settings) {
    return complain(
      `batch-call-mcp cannot start: ${counted(settings.errors.length, "bad setting")}.\n${settings.errors.map((line) => `- ${line}`).join("\n")}`,
      usageExitCode,
    );
  }
  const { env, os } = platform;
  // The same user has the same directory without a setting, unless the client gave the program another place for data.
  const isOwnDir = env["BATCH_CALL_DATA_DIR"]?.trim() || env["XDG_DATA_HOME"];
  const reach = reachSettings.filter((name) => env[name]?.trim());
  setCommandText({
    script: process.argv[1],
    path: env["PATH"],
    os,
    ...(isOwnDir && { dataDir: settings.dataDir }),
    reach,
  });
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stopping.abort());
  const log = createLog(settings.logLevel);
  return commands[command].run({ settings, platform, log, signal: stopping.signal, print: say }, given);
}

/** Where a stop is, besides the data directory: in the shared database, or at the account's API. */
const reachSettings = [
  "BATCH_CALL_DATABASE_URL",
  "BATCH_CALL_API_URL",
  "BATCH_CALL_API_KEY",
  "BATCH_CALL_API_SECRET",
] as const;

/** What stands on the command line wins over the environment. */
function onDataDir(platform: Platform, dataDir: string | undefined): Platform {
  if (dataDir === undefined) return platform;
  return { ...platform, env: { ...platform.env, BATCH_CALL_DATA_DIR: dataDir } };
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Whoever reads what is printed may have read enough (`doctor | head -1`); the work itself, a service's too, goes on. */
function ignoreClosedPipe(error: Error): void {
  if (errorCode(error) !== "EPIPE") throw error;
}

function complain(text: string, exitCode: number): number {
  process.stderr.write(`${text}\n`);
  return exitCode;
}

/** What a person can read: a `Problem` or a trouble with files in words, anything else whole. */
function describe(error: unknown): string {
  if (error instanceof Problem) return `batch-call-mcp: ${error.message}`;
  const trouble = explainStorageError(error);
  if (trouble) return `batch-call-mcp: it cannot use its own records: ${trouble}.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// Lists, transcripts and keys are the owner's alone, in whatever directory they are kept.
process.umask(0o077);

const { env, platform: os, argv } = process;
main(argv.slice(2), { os, env, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.exitCode = complain(describe(error), 1);
  },
);
