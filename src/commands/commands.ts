import type { Settings } from "../config.ts";
import type { Log } from "../log.ts";

/** What a command is given. It ends when its work is done or the signal is aborted, and answers the exit code. */
export type CommandContext = {
  readonly settings: Settings;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Writes a line to stdout. */
  readonly print: (line: string) => void;
};

type Command = { readonly about: string; run(context: CommandContext): Promise<number> };

// Each command is loaded when it runs: a stdio server should not wait for what only `service` needs.
export const commands = {
  stdio: {
    about: "MCP over stdio (what runs when no command is given)",
    run: async (context) => (await import("./stdio.ts")).runStdio(context),
  },
  http: {
    about: "MCP over Streamable HTTP at /mcp",
    run: async (context) => (await import("./http.ts")).runHttp(context),
  },
  service: {
    about: "only the batch-call REST service, with the simulated carrier",
    run: async (context) => (await import("./service.ts")).runService(context),
  },
  doctor: {
    about: "checks Node, settings, folders, the API and the service; exit code 1 when something is wrong",
    run: async (context) => (await import("./doctor.ts")).runDoctor(context),
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

export function runCommand(name: CommandName, context: CommandContext): Promise<number> {
  return commands[name].run(context);
}
