import { isDeepStrictEqual } from "node:util";
import { parse, TomlError } from "smol-toml";
import { Problem } from "../domain/problem.ts";
import type { ConfigFormat } from "./clients.ts";
import { type Entry, serverName } from "./entry.ts";
import { refuseChange, tomlEntry, tomlLines, tomlSettings } from "./refusals.ts";

type TomlFormat = Extract<ConfigFormat, { kind: "toml" }>;
type Table = Record<string, unknown>;

/**
 * The text with the entry at its end, or in the place of its command where there is one already; everything else as it was. What comes
 * out is read again: a text in which more or less would be changed is refused with what to write by hand.
 */
export function editToml(text: string, format: TomlFormat, entry: Entry): string {
  const before = read(text);
  const found = entryOf(before, format);
  if (found && isAsWanted(found, entry)) return text;
  if (found?.["url"] !== undefined) throw refuseChange(`its "${serverName}" is reached over HTTP`);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const after = found ? replaced(text, format, entry, eol) : appended(text, format, entry, eol);
  if (!isDeepStrictEqual(readAgain(after), expected(before, format, entry)))
    throw refuseChange(`its "${format.key}" is written in a way that is not changed here`);
  return after;
}

/** The entry that a text has, if any. */
export function entryInToml(text: string, format: TomlFormat): Table | undefined {
  return entryOf(read(text), format);
}

function read(text: string): Table {
  try {
    return plain(parse(text.replace(/^\uFEFF/, "")));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
    const place = `line ${error.line}, column ${error.column}`;
    throw new Problem("invalid_input", `it is no TOML that the client can read: ${what} at ${place}`, { cause: error });
  }
}

/** Undefined for a text that is no TOML any more. */
function readAgain(text: string): Table | undefined {
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

/** Dates as their text, so that tables can be compared. */
function plain(table: object): Table {
  return JSON.parse(JSON.stringify(table, (_name, value) => (typeof value === "bigint" ? `${value}n` : value)));
}

function entryOf(table: Table, { key }: TomlFormat): Table | undefined {
  const servers = table[key];
  const found = isTable(servers) ? servers[serverName] : undefined;
  return isTable(found) ? found : undefined;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAsWanted(found: Table, { command, args, env }: Entry): boolean {
  return (
    found["command"] === command &&
    isDeepStrictEqual(found["args"], args) &&
    isDeepStrictEqual({ ...settingsOf(found), ...env }, settingsOf(found))
  );
}

function settingsOf(found: Table): Table {
  return isTable(found["env"]) ? found["env"] : {};
}

function expected(before: Table, { key }: TomlFormat, entry: Entry): Table {
  const servers = isTable(before[key]) ? before[key] : {};
  const found = isTable(servers[serverName]) ? servers[serverName] : undefined;
  const { command, args, env } = entry;
  const settings = { ...(found && settingsOf(found)), ...env };
  const whole = { ...found, command, args, ...(Object.keys(settings).length > 0 && { env: settings }) };
  return { ...before, [key]: { ...servers, [serverName]: whole } };
}

function appended(text: string, { key }: TomlFormat, entry: Entry, eol: string): string {
  const gap = text.trim() === "" ? "" : `${text.endsWith("\n") ? "" : eol}${eol}`;
  return `${text}${gap}${tomlEntry(key, entry).replaceAll("\n", eol)}${eol}`;
}

function replaced(text: string, format: TomlFormat, entry: Entry, eol: string): string {
  const lines = text.split(/\r?\n/);
  const header = lines.findIndex((line) => isHeader(line, `${format.key}.${serverName}`));
  if (header < 0) throw refuseChange(`its "${serverName}" is written in a way that is not changed here`);
  const settings = settingsOf(entryOf(read(text), format) ?? {});
  const isInTable = lines.some((line) => isHeader(line, `${format.key}.${serverName}.env`));
  const wanted = Object.entries(entry.env).filter(([name, value]) => settings[name] !== value);
  const isWhole = wanted.length > 0 && !isInTable;
  const merged = isWhole ? tomlSettings({ ...settings, ...entry.env }) : [];
  const end = endOfTable(lines, header);
  const rest = isInTable ? withSettings(lines.slice(end), format, Object.fromEntries(wanted)) : lines.slice(end);
  const kept = without(lines.slice(header + 1, end), isWhole ? ["command", "args", "env"] : ["command", "args"], () =>
    refuseChange(`the command of its "${serverName}" has a comment`),
  );
  const before = isInTable
    ? withSettings(lines.slice(0, header), format, Object.fromEntries(wanted))
    : lines.slice(0, header);
  return [...before, lines[header] ?? "", ...tomlLines(entry), ...merged, ...kept, ...rest].join(eol);
}

/** The lines with these settings at the head of the entry's own table of them, where the lines have that table. */
function withSettings(lines: readonly string[], format: TomlFormat, wanted: Table): readonly string[] {
  const header = lines.findIndex((line) => isHeader(line, `${format.key}.${serverName}.env`));
  if (header < 0) return lines;
  const end = endOfTable(lines, header);
  const kept = without(lines.slice(header + 1, end), Object.keys(wanted), (name) =>
    refuseChange(`${name} of its "${serverName}" has a comment`),
  );
  const own = Object.entries(wanted).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return [...lines.slice(0, header + 1), ...own, ...kept, ...lines.slice(end)];
}

/** Where the table ends whose header stands at that line: at the next header, or the end. */
function endOfTable(lines: readonly string[], header: number): number {
  const next = lines.findIndex((line, at) => at > header && /^\s*\[/.test(line));
  return next < 0 ? lines.length : next;
}

/** The lines of a table without the assignments of these names. One with a comment is refused: it would be lost. */
function without(
  lines: readonly string[],
  names: readonly string[],
  refuse: (name: string) => Problem,
): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const name = /^\s*["']?([\w-]+)["']?\s*=/.exec(line)?.[1];
    const size = name !== undefined && names.includes(name) ? lengthOfValue(lines.slice(at)) : 0;
    if (name !== undefined && lines.slice(at, at + size).some((part) => part.includes("#"))) throw refuse(name);
    if (size === 0) kept.push(line);
    else at += size - 1;
  }
  return kept;
}

function isHeader(line: string, path: string): boolean {
  return line.replaceAll(/["'\s]/g, "").replace(/#.*/, "") === `[${path}]`;
}

/** How many lines the assignment takes that begins with the first. */
function lengthOfValue(lines: readonly string[]): number {
  const size = lines.findIndex((_line, at) => readAgain(lines.slice(0, at + 1).join("\n")) !== undefined);
  return size < 0 ? 0 : size + 1;
}
