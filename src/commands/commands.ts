import type { CommandContext } from "../runtime/command-context.ts";

/** What stood on the command line besides the command: only what the command declares gets through. */
export type Arguments = { readonly argument?: string; readonly flags: ReadonlySet<string> };

type Command = {
  readonly about: string;
  /** Name of its one argument, which may be left out. */
  readonly argument?: string;
  /** What each of its flags does. */
  readonly flags?: Readonly<Record<string, string>>;
  run(context: CommandContext, given: Arguments): Promise<number>;
};

// Each command is loaded when it runs: a stdio server should not wait for what only `service` needs.
const definitions = {
  stdio: {
    about: "MCP over stdio (what runs when no command is given)",
    run: async (context) => (await import("./stdio.ts")).runStdio(context),
  },
  http: {
    about: "MCP over Streamable HTTP at /mcp",
    run: async (context) => (await import("./http.ts")).runHttp(context),
  },
  service: {
    about: "only the batch-call REST service",
    flags: { rehearse: "in memory, on a clock that jumps ahead: a week's campaign in seconds, then a report" },
    run: async (context, { flags }) => (await import("./service.ts")).runService(context, flags.has("rehearse")),
  },
  worker: {
    about: "one more dialing process for a service on PostgreSQL",
    run: async (context) => (await import("./worker.ts")).runWorker(context),
  },
  doctor: {
    about: "checks Node, settings, folders, the API and the service; exit code 1 when something is wrong",
    run: async (context) => (await import("./doctor.ts")).runDoctor(context),
  },
  approve: {
    about: "shows what waits for approval, and takes a person's answer in a terminal",
    argument: "batch",
    run: async (context, { argument }) => (await import("./approve.ts")).runApprove(context, argument),
  },
  audit: {
    about: "prints the record of questions, answers, launches and refusals, newest last",
    flags: { json: "one JSON object a line" },
    run: async (context, { flags }) => (await import("./audit.ts")).runAudit(context, flags.has("json")),
  },
  "stop-all": {
    about: "pauses everything, and refuses every launch from then on",
    flags: { release: "allows launches again; what was paused stays paused" },
    run: async (context, { flags }) => {
      const { releaseAll, stopAll } = await import("./stop-all.ts");
      return flags.has("release") ? releaseAll(context) : stopAll(context);
    },
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof definitions;

export const commands: Readonly<Record<CommandName, Command>> = definitions;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
