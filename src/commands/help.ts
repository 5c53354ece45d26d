import { settingRows } from "../config.ts";
import { packageVersion } from "../version.ts";
import { commands } from "./commands.ts";

/** The text of `--help`. */
export function helpText(): string {
  const commandLines = Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`);
  const settingLines = settingRows.map(
    ({ name, about, shownDefault }) => `  ${name}\n      ${about.replaceAll("`", "")} Default: ${shownDefault}.`,
  );
  return [
    `batch-call-mcp ${packageVersion}: batch phone calls for AI assistants, over MCP.`,
    "",
    "Usage: batch-call-mcp [command]",
    "",
    ...commandLines,
    "",
    "Settings (environment variables):",
    ...settingLines,
  ].join("\n");
}
