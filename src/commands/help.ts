import { settingRows } from "../config/setting-rows.ts";
import { packageVersion } from "../lib/version.ts";
import { type CommandName, commands, isCommand } from "./commands.ts";

const commandWidth = 16;

/** The text of `--help` after a command: what it does, what it takes, and what its argument says more about. */
export async function commandHelpText(name: CommandName, argument?: string): Promise<string> {
  const { argument: takes, options = {}, more } = commands[name];
  const needed = Object.keys(options).map((option) => ` --${option} …`);
  return [
    `Usage: batch-call-mcp ${name}${takes ? ` [${takes}]` : ""}${needed.join("")}`,
    "",
    ...commandLines(name),
    `  ${"  --data-dir PATH".padEnd(commandWidth)} on other records than those of BATCH_CALL_DATA_DIR`,
    ...((await more?.(argument)) ?? []),
    "",
    "batch-call-mcp --help lists the other commands and the settings.",
  ].join("\n");
}

function commandLines(name: CommandName): readonly string[] {
  const { about, argument, flags = {}, options = {}, optional = {} } = commands[name];
  return [
    `  ${(argument ? `${name} [${argument}]` : name).padEnd(commandWidth)} ${about}`,
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
