import { settingRows } from "../config/setting-rows.ts";
import { packageVersion } from "../lib/version.ts";
import { type CommandName, commands, isCommand } from "./commands.ts";

const commandWidth = 16;

/** The text of `--help` after a command: what it does, what it takes, and what its argument says more about. */
export async function commandHelpText(name: CommandName, argument?: string): Promise<string> {
  const { argument: takes, second, options = {}, more } = commands[name];
  const needed = Object.keys(options).map((option) => ` --${option} …`);
  return [
    `Usage: batch-call-mcp ${usageOf(name, takes, second)}${needed.join("")}`,
    "",
    ...commandLines(name),
    `  ${"  --data-dir PATH".padEnd(commandWidth)} on other records than those of BATCH_CALL_DATA_DIR`,
    ...((await more?.(argument)) ?? []),
    "",
    "batch-call-mcp --help lists the other commands and the settings.",
  ].join("\n");
}

/** `token [add|list|revoke] [NAME]` */
function usageOf(name: CommandName, ...takes: readonly (string | undefined)[]): string {
  return [name, ...takes.flatMap((one) => (one === undefined ? [] : `[${one}]`))].join(" ");
}

function commandLines(name: CommandName): readonly string[] {
  const { about, argument, second, flags = {}, options = {}, optional = {} } = commands[name];
  return [
    `  ${usageOf(name, argument, second).padEnd(commandWidth)} ${about}`,
    ...Object.entries({ ...options, ...optional }).map(
      ([option, is]) => `  ${`  --${option} …`.padEnd(commandWidth)} ${is}`,
    ),
    ...Object.entries(flags).map(([flag, does]) => `  ${`  --${flag}`.padEnd(commandWidth)} ${does}`),
  ];
}

/** The text of `--help`. */
export function helpText(): string {
  const settingLines = settingRows.map(
    ({ name, about, shownDefault }) => `  ${name}\n      ${about.replaceAll("`", "")} Default: ${shownDefault}.`,
  );
  return [
    `batch-call-mcp ${packageVersion}: batch phone calls for AI assistants, over MCP.`,
    "",
    "Usage: batch-call-mcp [command]",
    "       batch-call-mcp <command> --data-dir PATH, on other records than those of BATCH_CALL_DATA_DIR",
    "       batch-call-mcp <command> --help, for that command alone",
    "",
    ...Object.keys(commands).filter(isCommand).flatMap(commandLines),
    "",
    "Settings (environment variables):",
    ...settingLines,
  ].join("\n");
}
