import { parseReadable } from "../config/readable-settings.ts";
import { type Platform, parseSettings } from "../config/settings.ts";
import { counted } from "../domain/text.ts";
import { setCommandText } from "../lib/command-text.ts";
import { errorCode } from "../lib/system.ts";
import { packageVersion } from "../lib/version.ts";
import { answerFirst, type HandedOver } from "../mcp/early-answers.ts";
import { parseCommandLine } from "./command-line.ts";
import { type Arguments, type CommandName, commands } from "./commands.ts";
import { commandHelpText, helpText } from "./help.ts";

const usageExitCode = 2;

export type Start = {
  readonly platform: Platform;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
  /** Where a client on stdin and stdout was answered already. */
  readonly handedOver?: HandedOver;
};

/** Does what a command line asks for, and returns the exit code. */
export async function runProgram(argv: readonly string[], start: Start): Promise<number> {
  const { platform } = start;
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
      return run(line.command, line.given, { ...start, platform: onDataDir(platform, line.dataDir) });
  }
}

async function run(command: CommandName, given: Arguments, start: Start): Promise<number> {
  const { platform, signal } = start;
  const parsed = parseSettings(platform);
  const errors = "errors" in parsed ? parsed.errors : [];
  const isStop = command === "stop-all" && !given.flags.has("release");
  if (errors.length > 0) {
    const what = isStop
      ? `${counted(errors.length, "bad setting")}. Calls are stopped with those that can be read.`
      : `batch-call-mcp cannot start: ${counted(errors.length, "bad setting")}.`;
    complain(`${what}\n${errors.map((line) => `- ${line}`).join("\n")}`, usageExitCode);
    if (!isStop) return usageExitCode;
  }
  // Whatever else is wrong, calls can be stopped.
  const { settings, unread } =
    "errors" in parsed ? parseReadable(platform, parsed.errors) : { settings: parsed, unread: [] };
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
  // A list of other tools is made when it is asked for.
  const isPlain = command === "stdio" && !given.flags.has("read-only") && given.options["toolsets"] === undefined;
  const handedOver =
    start.handedOver ??
    (isPlain ? await answerFirst(settings.startPolicy.testNumbers !== undefined, signal) : undefined);
  const { createLog } = await import("../lib/log.ts");
  const log = createLog(settings.logLevel);
  const exitCode = await commands[command].run(
    { settings, platform, log, signal, print: say, unread, ...(handedOver && { handedOver }) },
    given,
  );
  return errors.length > 0 ? usageExitCode : exitCode;
}

/** Where a stop is, besides the data directory: in the shared database, at the account's API, and at the accounts of organizations. */
const reachSettings = [
  "BATCH_CALL_DATABASE_URL",
  "BATCH_CALL_API_URL",
  "BATCH_CALL_API_KEY",
  "BATCH_CALL_API_SECRET",
  "BATCH_CALL_ORGANIZATIONS_FILE",
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
