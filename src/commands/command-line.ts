import { parseArgs } from "node:util";
import { nearest } from "../domain/nearest.ts";
import { plainText } from "../domain/text.ts";
import { commandText } from "../lib/command-text.ts";
import { type Arguments, type CommandName, commands, isCommand } from "./commands.ts";
import { toOptionError } from "./option-error.ts";

/** What a command line asks for. `error` is one sentence for the person who typed it. */
export type CommandLine =
  | { readonly kind: "run"; readonly command: CommandName; readonly given: Arguments; readonly dataDir?: string }
  | { readonly kind: "version" }
  /** Of all, where no command is named. `argument`: that of the command. */
  | { readonly kind: "help"; readonly command?: CommandName; readonly argument?: string }
  | { readonly kind: "error"; readonly error: string };

/** Reads the arguments after the program's name. The first that is not an option names the command; none means stdio. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const at = argv.findIndex((text, place) => !text.startsWith("-") && !takesValue(argv[place - 1] ?? ""));
  const command = argv[at] ?? "stdio";
  if (!isCommand(command)) return { kind: "error", error: noCommand(command) };
  try {
    const line = readArguments(command, argv.toSpliced(at < 0 ? argv.length : at, 1));
    return line.kind === "help" && at >= 0 ? { ...line, command } : line;
  } catch (error) {
    return { kind: "error", error: toOptionError(error, optionsOf(commands[command])) };
  }
}

function noCommand(typed: string): string {
  const near = nearest(typed, Object.keys(commands));
  const instead = near === undefined ? "--help lists them." : `The nearest is: ${commandText(near)}`;
  return `There is no command "${plainText(typed, 60)}". ${instead}`;
}

function optionsOf({ flags, options, optional }: (typeof commands)[CommandName]): readonly string[] {
  return [...Object.keys({ ...flags, ...options, ...optional }), dataDirOption, "help", "version"];
}

/** Of every command, so that one that was given as text finds the records of the server that gave it. */
export const dataDirOption = "data-dir";

const valued = new Set([
  dataDirOption,
  ...Object.values(commands).flatMap(({ options, optional }) => Object.keys({ ...options, ...optional })),
]);

/** Whether what stands after that option is its value, whichever command it belongs to. */
function takesValue(option: string): boolean {
  return option.startsWith("--") && valued.has(option.slice(2));
}

function readArguments(command: CommandName, args: readonly string[]): CommandLine {
  const { argument, second, flags = {}, options = {}, optional = {} } = commands[command];
  const flag = { type: "boolean", default: false } as const;
  const option = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...Object.fromEntries(Object.keys(flags).map((name) => [name, flag])),
      ...Object.fromEntries([dataDirOption, ...Object.keys({ ...options, ...optional })].map((name) => [name, option])),
      help: { ...flag, short: "h" },
      version: { ...flag, short: "v" },
    },
  });
  const [first] = positionals;
  if (values.help) return { kind: "help", ...(first !== undefined && { argument: first }) };
  if (values.version) return { kind: "version" };
  const extra = positionals.slice([argument, second].filter((one) => one !== undefined).length);
  if (extra.length > 0) return { kind: "error", error: `"${extra.join(" ")}" is one argument too many.` };
  const set = new Set(Object.entries(values).flatMap(([name, value]) => (value === true ? [name] : [])));
  const texts = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
  const { [dataDirOption]: dataDir, ...own } = texts;
  const missing = Object.keys(options).filter((name) => !texts[name]);
  if (missing.length > 0) {
    const needs = missing.map((name) => `--${name} (${options[name]})`).join(", ");
    return { kind: "error", error: `${command} needs ${needs}.` };
  }
  const [, next] = positionals;
  return {
    kind: "run",
    command,
    ...(dataDir !== undefined && { dataDir }),
    given: {
      flags: set,
      options: own,
      ...(first !== undefined && { argument: first }),
      ...(next !== undefined && { second: next }),
    },
  };
}
