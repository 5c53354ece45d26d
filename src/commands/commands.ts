import { Problem } from "../domain/problem.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { type AskedTools, parseToolsets, toolsets } from "../tools/toolsets.ts";

/** What stood on the command line besides the command: only what the command declares gets through. */
export type Arguments = {
  readonly argument?: string;
  /** What stood behind it, of a command that takes two. */
  readonly second?: string;
  readonly flags: ReadonlySet<string>;
  /** Those that the command declares, each with its value. What it needs is there. */
  readonly options: Readonly<Record<string, string>>;
};

type Command = {
  readonly about: string;
  /** Name of its one argument, which may be left out. */
  readonly argument?: string;
  /** Of another one behind that. */
  readonly second?: string;
  /** What each of its flags does. */
  readonly flags?: Readonly<Record<string, string>>;
  /** What each option with a value is for; all of them are needed. */
  readonly options?: Readonly<Record<string, string>>;
  /** The same for options that may be left out. */
  readonly optional?: Readonly<Record<string, string>>;
  /** More lines of its own help, of that argument where one is given. */
  readonly more?: (argument: string | undefined) => Promise<readonly string[]>;
  run(context: CommandContext, given: Arguments): Promise<number>;
};

/** Which tools a server lists. */
const selection = {
  flags: { "read-only": "lists only tools that change nothing" },
  optional: { toolsets: `lists only these tools, comma-separated: ${toolsets.join(", ")}` },
} as const;

function toAskedTools({ flags, options }: Arguments): AskedTools {
  const { toolsets: names } = options;
  return { isReadOnly: flags.has("read-only"), ...(names !== undefined && { toolsets: parseToolsets(names) }) };
}

// Each command is loaded when it runs: a stdio server should not wait for what only `service` needs.
const definitions = {
  stdio: {
    about: "MCP over stdio (what runs when no command is given)",
    ...selection,
    run: async (context, given) => (await import("./stdio.ts")).runStdio(context, toAskedTools(given)),
  },
  http: {
    about: "MCP over Streamable HTTP at /mcp",
    ...selection,
    run: async (context, given) => (await import("./http.ts")).runHttp(context, toAskedTools(given)),
  },
  service: {
    about: "only the batch-call REST service",
    flags: { rehearse: "in memory, on a clock that jumps ahead: a week's campaign in seconds, then a report" },
    run: async (context, { flags }) => (await import("./service.ts")).runService(context, flags.has("rehearse")),
  },
  rehearse: {
    about:
      "runs a list on a virtual clock: when the phones ring, how the calls end, and when the last has; calls nobody",
    argument: "list",
    optional: {
      from: "caller id of the account; its first one when left out",
      agent: "agent_id of the account; its first one when left out",
      at: "when it starts, as 2026-03-02T10:00; now when left out",
    },
    run: async (context, { argument, options }) =>
      (await import("./rehearse-list.ts")).runRehearseList(context, argument, options),
  },
  worker: {
    about: "one more dialing process for a service on PostgreSQL",
    run: async (context) => (await import("./worker.ts")).runWorker(context),
  },
  setup: {
    about:
      "writes this server into a client's file once you have seen the difference and agreed; without a client lists those that are here (docs/install.md)",
    argument: "client",
    flags: {
      yes: "agreed: writes without asking",
      "dry-run": "shows the difference and writes nothing",
    },
    optional: { country: "country of numbers written without one, such as US, for the entry" },
    run: async (context, { argument, flags, options: { country } }) => {
      const { runSetup } = await import("./setup.ts");
      const [isAgreed, isTrial] = [flags.has("yes"), flags.has("dry-run")];
      return runSetup(context, argument, { isAgreed, isTrial, ...(country !== undefined && { country }) });
    },
  },
  doctor: {
    about:
      "checks what the settings will be used for (folders, database, bridge, API, service); exit code 1 when something is wrong",
    run: async (context) => (await import("./doctor.ts")).runDoctor(context),
  },
  "check-bridge": {
    about: "calls one phone of yours through a bridge and checks that it keeps the contract (docs/carriers.md)",
    argument: "url",
    options: {
      to: "number of the phone beside you, as +14155550123: it rings, and no other does",
      from: "caller id that your telephony may use",
      agent: "agent_id that your bridge knows",
    },
    flags: {
      yes: "agreed: does not ask before the phone rings, nor how often it rang",
      json: "one JSON object a line",
    },
    run: async (context, { argument: url, options: { to = "", from = "", agent: agentId = "" }, flags }) => {
      const { runCheckBridge } = await import("./check-bridge.ts");
      const [isAgreed, asJson] = [flags.has("yes"), flags.has("json")];
      return runCheckBridge(context, { to, from, agentId, isAgreed, asJson, ...(url && { url }) });
    },
  },
  "check-provider": {
    about:
      "calls one phone of yours through a voice-agent platform and measures what its documents leave open (docs/providers)",
    argument: "name",
    options: {
      from: "caller id of the platform's account",
      agent: "agent_id of the platform's account",
    },
    optional: {
      to: "number of the phone beside you, as +14155550123; the one of BATCH_CALL_TEST_NUMBERS when left out",
    },
    flags: { stop: "has the platform end the call when the phone rings, where it documents how" },
    more: async (name) => (await import("./provider-check/help.ts")).helpLines(name),
    run: async (context, { argument: name, options: { to, from = "", agent: agentId = "" }, flags }) => {
      const { runCheckProvider } = await import("./check-provider.ts");
      const given = { ...(name !== undefined && { name }), ...(to !== undefined && { to }) };
      return runCheckProvider(context, { from, agentId, stops: flags.has("stop"), ...given });
    },
  },
  approve: {
    about: "shows what waits for approval, and takes a person's answer in a terminal",
    argument: "batch",
    run: async (context, { argument }) => (await import("./approve.ts")).runApprove(context, argument),
  },
  audit: {
    about: "prints the record of questions, answers, launches and refusals, newest last",
    flags: { json: "one JSON object a line" },
    optional: { organization: "of another organization than the operator's own" },
    run: async (context, { flags, options }) =>
      (await import("./audit.ts")).runAudit(context, flags.has("json"), options["organization"]),
  },
  token: {
    about: "bearer tokens for http: add NAME (shown once), list, revoke NAME (docs/access.md)",
    argument: "action",
    second: "name",
    optional: {
      scopes: "of read, operate and approve, comma-separated; read,operate when left out",
      organization: "whose data it sees; the operator's own when left out",
    },
    run: async (context, { argument: action, second: name, options: { scopes, organization } }) => {
      const { runToken } = await import("./token.ts");
      const given = { ...(action !== undefined && { action }), ...(name !== undefined && { name }) };
      const options = { ...(scopes !== undefined && { scopes }), ...(organization !== undefined && { organization }) };
      return runToken(context, { ...given, ...options });
    },
  },
  "send-parked-events": {
    about: "sends the events again that a webhook URL did not take for three days, once it is back (docs/webhooks.md)",
    run: async (context) => (await import("./send-parked-events.ts")).runSendParkedEvents(context),
  },
  "stop-all": {
    about: "pauses everything, and refuses every launch from then on",
    flags: {
      release: "allows launches again; what was paused stays paused",
      forget: "with --release: forgets places that were stopped from here and cannot be released from here",
    },
    run: async (context, { flags }) => {
      if (flags.has("forget") && !flags.has("release"))
        throw new Problem(
          "invalid_input",
          "--forget goes with --release. Nothing was stopped and nothing was released.",
        );
      if (flags.has("release")) return (await import("./stop-all.ts")).releaseAll(context, flags.has("forget"));
      const { databaseUrl } = context.settings;
      // Before the rest is loaded, which takes as long as several dials.
      const database =
        databaseUrl && (await import("../runtime/shared-kill-switch.ts")).stopDatabase(databaseUrl, context.log);
      return (await import("./stop-all.ts")).stopAll(context, database);
    },
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof definitions;

export const commands: Readonly<Record<CommandName, Command>> = definitions;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
