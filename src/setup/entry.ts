import { sep } from "node:path";

/** The name of this server in every client's file. */
export const serverName = "batch-call";

/** The name of the package, and of its program. */
const packageName = "batch-call-mcp";

/** How a client starts the server over stdio. */
export type Entry = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** The entry that fetches a version from the npm registry. Its version is fixed, so that what dials changes only when somebody changes it. */
export function npmEntry(version: string, os: NodeJS.Platform, env: Entry["env"] = {}): Entry {
  const args = ["-y", `${packageName}@${version}`];
  // Windows has npx as a script of its shell, which a program cannot start by itself.
  return os === "win32" ? { command: "cmd", args: ["/c", "npx", ...args], env } : { command: "npx", args, env };
}

/** How this program was started. */
export type RunningCopy = {
  /** Node's own path: a client with a window has no terminal's search path. */
  readonly node: string;
  /** The file that Node runs. */
  readonly script: string;
  readonly version: string;
  readonly os: NodeJS.Platform;
};

/** The entry that starts this copy: the same files, or the same version where npx keeps them in a folder that it may empty. */
export function entryOfThisCopy({ node, script, version, os }: RunningCopy, env: Entry["env"] = {}): Entry {
  if (script.includes(`${sep}_npx${sep}`)) return npmEntry(version, os, env);
  return { command: node, args: [script], env };
}
