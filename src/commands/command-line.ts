import { parseArgs } from "node:util";
import { type Arguments, type CommandName, commands, isCommand } from "./commands.ts";

/** What a command line asks for. `error` is one sentence for the person who typed it. */
export type CommandLine =
  | { readonly kind: "run"; readonly command: CommandName; readonly given: Arguments }
  | { readonly kind: "help" | "version" }
  | { readonly kind: "error"; readonly error: string };

/** Reads the arguments after the program's name. The first that is not an option names the command; none means stdio. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const at = argv.findIndex((text) => !text.startsWith("-"));
  const command = argv[at] ?? "stdio";
  if (!isCommand(command)) return { kind: "error", error: `There is no command "${command}".` };
  try {
    return readArguments(command, argv.toSpliced(at < 0 ? argv.length : at, 1));
  } catch (error) {
    return { kind: "error", error: error instanceof Error ? error.message : String(error) };
  }
}

function readArguments(command: CommandName, args: readonly string[]): CommandLine {
  const { argument, flags = {} } = commands[command];
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...Object.fromEntries(Object.keys(flags).map((name) => [name, flag])),
      help: { ...flag, short: "h" },
      version: { ...flag, short: "v" },
    },
  });
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  const extra = positionals.slice(argument ? 1 : 0);
  if (extra.length > 0) return { kind: "error", error: `"${extra.join(" ")}" is one argument too many.` };
  const set = new Set(Object.entries(values).flatMap(([name, isSet]) => (isSet ? [name] : [])));
  const [first] = positionals;
  return { kind: "run", command, given: { flags: set, ...(first !== undefined && { argument: first }) } };
}
