import { Problem } from "../domain/problem.ts";
import { type ConfigFormat, jsonEntry } from "./clients.ts";
import { type Entry, serverName } from "./entry.ts";

/** Where in a text a character stands, as an editor shows it. */
export function positionOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** For a file that can be read and not be changed safely. */
export function refuseChange(why: string): Problem {
  return new Problem("invalid_input", `${why}, so that it has to be changed by hand`);
}

/** What to put into a file that is not written, in lines of their own. */
export function entryByHand(path: string, format: ConfigFormat, entry: Entry): string {
  const where = format.kind === "json" ? ` into "${format.key}" of` : " into";
  const text =
    format.kind === "json"
      ? `"${serverName}": ${JSON.stringify(jsonEntry(entry, format), null, 2)}`
      : tomlEntry(format.key, entry);
  return `By hand,${where} ${path}:\n${text}`;
}

/** The entry as TOML, without an end of line. JSON's strings are strings of TOML too. */
export function tomlEntry(key: string, entry: Entry): string {
  return [`[${key}.${serverName}]`, ...tomlLines(entry), ...tomlSettings(entry.env)].join("\n");
}

/** How the server is started. */
export function tomlLines({ command, args }: Entry): readonly string[] {
  const list = args.map((text) => JSON.stringify(text)).join(", ");
  return [`command = ${JSON.stringify(command)}`, `args = [${list}]`];
}

/** What the server is started with, on a line of its own where there is any. */
export function tomlSettings(env: Readonly<Record<string, unknown>>): readonly string[] {
  const settings = Object.entries(env).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return settings.length === 0 ? [] : [`env = { ${settings.join(", ")} }`];
}
