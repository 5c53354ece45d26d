import { parseArgs } from "node:util";
import { isCommand, runCommand } from "./commands/commands.ts";
import { helpText } from "./commands/help.ts";
import { type Platform, parseSettings } from "./config.ts";
import { Problem } from "./domain/problem.ts";
import { createLog } from "./log.ts";
import { packageVersion } from "./version.ts";

const usageExitCode = 2;

async function main(argv: readonly string[], platform: Platform): Promise<number> {
  const parsed = parseCommandLine(argv);
  if ("error" in parsed) return complain(`${parsed.error}\n\n${helpText()}`, usageExitCode);
  if (parsed.help) return say(helpText());
  if (parsed.version) return say(packageVersion);
  const settings = parseSettings(platform);
  if ("errors" in settings) {
    return complain(
      `batch-call-mcp cannot start: ${settings.errors.length} bad setting(s).\n${settings.errors.map((line) => `- ${line}`).join("\n")}`,
      usageExitCode,
    );
  }
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stopping.abort());
  return runCommand(parsed.command, {
    settings,
    log: createLog(settings.logLevel),
    signal: stopping.signal,
    print: say,
  });
}

function parseCommandLine(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false },
      },
    });
    const [command = "stdio", ...rest] = positionals;
    if (!isCommand(command)) return { error: `There is no command "${command}".` };
    if (rest.length > 0) return { error: `"${rest.join(" ")}" is one argument too many.` };
    return { ...values, command };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function complain(text: string, exitCode: number): number {
  process.stderr.write(`${text}\n`);
  return exitCode;
}

/** What a person can read: a `Problem` in its own words, anything else whole. */
function describe(error: unknown): string {
  if (error instanceof Problem) return `batch-call-mcp: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const { env, platform: os, argv } = process;
main(argv.slice(2), { os, env, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.exitCode = complain(describe(error), 1);
  },
);
