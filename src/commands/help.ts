import { settingRows } from "../config/setting-rows.ts";
import { packageVersion } from "../lib/version.ts";
import { commands } from "./commands.ts";

const commandWidth = 16;

/** The text of `--help`. */
export function helpText(): string {
  const commandLines = Object.entries(commands).flatMap(
    ([name, { about, argument, second, flags = {}, options = {}, optional = {} }]) => [
      `  ${[name, ...[argument, second].flatMap((one) => (one === undefined ? [] : `[${one}]`))].join(" ").padEnd(commandWidth)} ${about}`,
      ...Object.entries({ ...options, ...optional }).map(
        ([option, is]) => `  ${`  --${option} …`.padEnd(commandWidth)} ${is}`,
      ),
      ...Object.entries(flags).map(([flag, does]) => `  ${`  --${flag}`.padEnd(commandWidth)} ${does}`),
    ],
  );
  const settingLines = settingRows.map(
    ({ name, about, shownDefault }) => `  ${name}\n      ${about.replaceAll("`", "")} Default: ${shownDefault}.`,
  );
  return [
    `batch-call-mcp ${packageVersion}: batch phone calls for AI assistants, over MCP.`,
    "",
    "Usage: batch-call-mcp [command]",
    "       batch-call-mcp <command> --data-dir PATH, on other records than those of BATCH_CALL_DATA_DIR",
    "",
    ...commandLines,
    "",
    "Settings (environment variables):",
    ...settingLines,
  ].join("\n");
}
