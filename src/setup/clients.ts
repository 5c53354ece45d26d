import { homedir } from "node:os";
import { join } from "node:path";
import { type Entry, serverName } from "./entry.ts";

/** The systems that clients name their files for. */
export const systems = ["darwin", "linux", "win32"] as const;
export type System = (typeof systems)[number];

/** How a client's file holds its servers. */
export type ConfigFormat =
  | {
      readonly kind: "json";
      /** The member that holds the servers by name. */
      readonly key: string;
      /** Whether the client reads comments and commas before a bracket. */
      readonly takesComments: boolean;
      /** Whether an entry names its transport. */
      readonly namesType: boolean;
    }
  | { readonly kind: "toml"; readonly key: string };

type ConfigFile = {
  /** As a person writes it: `~` is the home, `%APPDATA%` the folder of Windows. */
  readonly paths: Readonly<Record<System, string>>;
  readonly format: ConfigFormat;
  /** A variable that moves the folder, and the file's name in it. */
  readonly movedBy?: { readonly variable: string; readonly file: string };
  /** A folder that shows that the client is there, where that of the file is everybody's. */
  readonly sign?: string;
};

export type Client = {
  readonly id: string;
  readonly name: string;
  /** None where the client is set up in its own pages. */
  readonly config?: ConfigFile;
  /** The line of a terminal that adds the server, where the client has one. */
  toCommand?(entry: Entry): string;
  /** A page that leads a browser to the client with the entry filled in, where the client has one. */
  toLink?(entry: Entry): string;
  /** What a person does afterwards, or instead where there is no file. */
  readonly next: string;
  /** Only reached over HTTP. */
  readonly isHttpOnly?: true;
};

const mcpServers = { kind: "json", key: "mcpServers", takesComments: false, namesType: false } as const;

function everywhere(path: string): ConfigFile["paths"] {
  return { darwin: path, linux: path, win32: path };
}

/**
 * Every client that texts and `setup` know. Sources, read in November 2026: the clients' own pages on MCP (code.claude.com,
 * modelcontextprotocol.io, cursor.com/docs/mcp/install-links, code.visualstudio.com, developers.openai.com/codex/mcp,
 * geminicli.com, docs.windsurf.com, zed.dev/docs/ai/mcp, docs.n8n.io). `takesComments` is false where none of these says so: Cursor
 * refuses a comma before a bracket (github.com/upstash/context7/issues/563), and an entry in a file that is not read looks added.
 */
export const clients: readonly Client[] = [
  {
    id: "claude-code",
    name: "Claude Code",
    config: {
      paths: everywhere("~/.claude.json"),
      format: { ...mcpServers, namesType: true },
      movedBy: { variable: "CLAUDE_CONFIG_DIR", file: ".claude.json" },
      sign: "~/.claude",
    },
    toCommand: (entry) => `claude mcp add --scope user ${serverName} -- ${words(entry)}`,
    next: "Start a new session; `/mcp` shows the server.",
  },
  {
    id: "claude-desktop",
    name: "Claude Desktop",
    config: {
      paths: {
        darwin: "~/Library/Application Support/Claude/claude_desktop_config.json",
        linux: "~/.config/Claude/claude_desktop_config.json",
        win32: "%APPDATA%\\Claude\\claude_desktop_config.json",
      },
      format: mcpServers,
    },
    next: "Quit Claude Desktop and open it again. Or open the `.mcpb` file of a release, which needs no terminal.",
  },
  {
    id: "cursor",
    name: "Cursor",
    config: { paths: everywhere("~/.cursor/mcp.json"), format: mcpServers },
    toLink: (entry) => cursorLink(entry),
    next: "Settings, MCP shows the server.",
  },
  {
    id: "vscode",
    name: "VS Code",
    config: {
      paths: {
        darwin: "~/Library/Application Support/Code/User/mcp.json",
        linux: "~/.config/Code/User/mcp.json",
        win32: "%APPDATA%\\Code\\User\\mcp.json",
      },
      format: { kind: "json", key: "servers", takesComments: true, namesType: true },
    },
    toCommand: (entry) => `code --add-mcp ${quoted(JSON.stringify({ name: serverName, ...plainEntry(entry) }))}`,
    toLink: (entry) => vscodeLink(entry),
    next: "`MCP: List Servers` in the command palette shows the server. `.vscode/mcp.json` of a folder takes the same entry.",
  },
  {
    id: "codex",
    name: "Codex",
    config: {
      paths: everywhere("~/.codex/config.toml"),
      format: { kind: "toml", key: "mcp_servers" },
      movedBy: { variable: "CODEX_HOME", file: "config.toml" },
    },
    toCommand: (entry) => `codex mcp add ${serverName} -- ${words(entry)}`,
    next: "Start a new session; `/mcp` shows the server.",
  },
  {
    id: "gemini",
    name: "Gemini CLI",
    config: { paths: everywhere("~/.gemini/settings.json"), format: { ...mcpServers, takesComments: true } },
    toCommand: ({ command, args }) => `gemini mcp add -s user ${serverName} ${quoted(command)} -- ${quotedAll(args)}`,
    next: "Start a new session; `/mcp` shows the server.",
  },
  {
    id: "windsurf",
    name: "Windsurf",
    config: { paths: everywhere("~/.codeium/windsurf/mcp_config.json"), format: mcpServers },
    next: "Press Refresh in the MCP panel of Cascade.",
  },
  {
    id: "zed",
    name: "Zed",
    config: {
      paths: {
        darwin: "~/.config/zed/settings.json",
        linux: "~/.config/zed/settings.json",
        win32: "%APPDATA%\\Zed\\settings.json",
      },
      format: { kind: "json", key: "context_servers", takesComments: true, namesType: false },
    },
    next: "The settings of the Agent Panel show the server.",
  },
  {
    id: "n8n",
    name: "n8n",
    isHttpOnly: true,
    next: "n8n speaks MCP over HTTP: run `batch-call-mcp http` where n8n reaches it, and give an **MCP Client Tool** node the endpoint `http://127.0.0.1:3000/mcp`, transport *HTTP Streamable*, and Bearer authentication with the value of `BATCH_CALL_HTTP_TOKEN`, if it is set.",
  },
];

/** The client's file on this system, or undefined where it has none. */
export function configPath(
  { config }: Client,
  { os, env }: { readonly os: NodeJS.Platform; readonly env: Readonly<Record<string, string | undefined>> },
): string | undefined {
  if (!config) return undefined;
  const moved = config.movedBy && env[config.movedBy.variable]?.trim();
  if (config.movedBy && moved) return join(moved, config.movedBy.file);
  return filledIn(config.paths[toSystem(os)], env);
}

/** A path of the table with the folders of this machine in it. */
export function filledIn(path: string, env: Readonly<Record<string, string | undefined>>): string {
  const [first = "", ...rest] = path.split(/[\\/]/);
  if (first === "%APPDATA%") return join(env["APPDATA"] ?? join(homedir(), "AppData", "Roaming"), ...rest);
  if (rest[0] === ".config" && env["XDG_CONFIG_HOME"]) return join(env["XDG_CONFIG_HOME"], ...rest.slice(1));
  return join(first === "~" ? homedir() : first, ...rest);
}

function toSystem(os: NodeJS.Platform): System {
  return systems.find((system) => system === os) ?? "linux";
}

/** The entry as a client's JSON holds it. */
export function plainEntry({ command, args, env }: Entry): Record<string, unknown> {
  return { command, args, ...(Object.keys(env).length > 0 && { env }) };
}

/** The same with its transport, for clients that want it named. */
export function jsonEntry(entry: Entry, { namesType }: { readonly namesType: boolean }): Record<string, unknown> {
  return { ...(namesType && { type: "stdio" }), ...plainEntry(entry) };
}

// Pages and not `cursor:` and `vscode:`, which lead there too, because GitHub shows links of other schemes as text.

function cursorLink(entry: Entry): string {
  const config = Buffer.from(JSON.stringify(plainEntry(entry))).toString("base64");
  return `https://cursor.com/en/install-mcp?name=${serverName}&config=${encodeURIComponent(config)}`;
}

function vscodeLink(entry: Entry): string {
  const config = encodeURIComponent(JSON.stringify(jsonEntry(entry, { namesType: true })));
  return `https://vscode.dev/redirect/mcp/install?name=${serverName}&config=${config}`;
}

function words({ command, args }: Entry): string {
  return quotedAll([command, ...args]);
}

function quotedAll(texts: readonly string[]): string {
  return texts.map(quoted).join(" ");
}

/** For a POSIX shell, as pages write it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
