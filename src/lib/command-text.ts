import { realpathSync } from "node:fs";
import { delimiter, join, sep } from "node:path";

/** How this program was started. */
export type StartedBy = {
  /** The file that Node runs. */
  readonly script: string | undefined;
  readonly path: string | undefined;
  readonly os: NodeJS.Platform;
  /** The data directory, where it is not the one that the same user has without settings. */
  readonly dataDir?: string;
  /** Names of settings that say which database or account this process works on, as far as they were given. */
  readonly reach?: readonly string[];
};

const name = "batch-call-mcp";
let program = name;
let options = "";
let reachedBy: readonly string[] = [];

/** Called once, at the start of the program: from then on `commandText` gives what works in a terminal of the same user. */
export function setCommandText({ script, path, os, dataDir, reach = [] }: StartedBy): void {
  program = toProgram(script, path, os);
  options = dataDir === undefined ? "" : ` --data-dir ${quoted(dataDir, os)}`;
  reachedBy = reach;
}

/** The line that runs a command of this program where the reader is: of this copy, on the data directory of this process. */
export function commandText(command: string): string {
  return `${programText(command)}${options}`;
}

/**
 * What releases a `stop-all` that was made with the settings of this process. Of what has keys or a password in it only the names
 * are told: without them a terminal would release another switch than the one that is on.
 */
export function releaseText(): string {
  const command = `\`${commandText("stop-all --release")}\``;
  return reachedBy.length === 0 ? command : `${command} with ${reachedBy.join(", ")} set as for this program`;
}

/** The same for whoever is not the operator: without where this program and its records are. */
export function remoteReleaseText(): string {
  return `\`${name} stop-all --release\` with the settings of the stop`;
}

/** A command that is to run on a data directory of its own. */
export function programText(command: string): string {
  return `${program} ${command}`;
}

function toProgram(script: string | undefined, path: string | undefined, os: NodeJS.Platform): string {
  if (script === undefined) return name;
  // Before the path: npx puts its own folder on it, which no terminal has.
  if (script.includes(`${sep}_npx${sep}`)) return `npx -y ${name}`;
  return isOnPath(script, path) ? name : `node ${quoted(script, os)}`;
}

function isOnPath(script: string, path = ""): boolean {
  const file = real(script);
  if (file === undefined) return false;
  return path.split(delimiter).some((folder) => folder !== "" && real(join(folder, name)) === file);
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function quoted(text: string, os: NodeJS.Platform): string {
  if (os === "win32") return /^[\w@+=:,.\\/~-]+$/.test(text) ? text : `"${text}"`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
