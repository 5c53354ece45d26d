import { type Client, type ConfigFormat, clients, jsonEntry, type System } from "../src/setup/clients.ts";
import { type Entry, npmEntry, serverName } from "../src/setup/entry.ts";
import { editJson } from "../src/setup/json-config.ts";
import { editToml } from "../src/setup/toml-config.ts";
import { packageFacts } from "./package-facts.ts";

const systemNames: Readonly<Record<System, string>> = { darwin: "macOS", linux: "Linux", win32: "Windows" };
const entry = npmEntry(packageFacts.version, "linux");
const windowsEntry = npmEntry(packageFacts.version, "win32");

/** docs/install.md: how each client of the table gets the server. */
export function installPage(): string {
  return [
    "# Install",
    "Made by `npm run docs` from `src/setup/clients.ts`, the table that `setup` works by.",
    intro(),
    ...clients.map(clientSection),
    windows(),
    rest,
  ].join("\n\n");
}

/** The same in a few lines, for the README. */
export function installTable(): string {
  const rows = clients.map((client) => {
    const command = client.toCommand ? `\`${client.toCommand(entry)}\`` : "";
    const click = client.toLink ? `[add it with one click](${client.toLink(entry)})` : "";
    const alone = client.isHttpOnly ? `over HTTP: [how](docs/install.md#${client.id})` : `\`setup ${client.id}\``;
    return `| [${client.name}](docs/install.md#${client.id}) | ${[click, command].filter(Boolean).join(" or ") || alone} |`;
  });
  return `| client | |\n|---|---|\n${rows.join("\n")}\n`;
}

function intro(): string {
  const known = clients.filter(({ config }) => config).map(({ id }) => `\`${id}\``);
  return `The shortest way, for ${known.join(", ")}: \`setup\` finds the client's file, shows what it would change, and writes it once you
said yes. Other entries stay as they are, and so do comments where the client is known to read them (VS Code, Gemini CLI, Zed, Codex);
a file of another client with comments is refused, as is a read-only one, and the entry is printed to add by hand. The old file is kept beside the new one.

\`\`\`sh
npx -y ${packageFacts.name} setup                  # which clients are here, and what they run
npx -y ${packageFacts.name} setup claude-desktop   # --dry-run only shows, --yes does not ask, --country US
\`\`\`

Until a version is on npm, run it from a clone, where it writes the full path of that clone: \`npm ci\`, then \`node bin/${packageFacts.name}.cjs setup\`. The lines and
entries below name the published package; from a clone, put \`node /path/to/${packageFacts.name}/bin/${packageFacts.name}.cjs\` in place of \`npx -y …\`. \`mcp.json\` of a clone, copied to \`.mcp.json\` there,
is the entry for Claude Code in that folder.

Node ${packageFacts.engines.node.replace(">=", "")} or newer has to be installed. Nothing else is needed: without settings every call is simulated. Settings go into \`env\` of an entry, such as
\`"env": { "BATCH_CALL_DEFAULT_COUNTRY": "US" }\`; [operating.md](operating.md#settings) has them all. Several clients may run the server at once: one copy runs the service, the others use it,
and another takes over when that one ends. \`"--read-only"\` behind the other \`args\` lists only tools that keep and change nothing (so no preview either), \`"--toolsets", "lists,results"\` only those; \`--help\` names them.`;
}

function clientSection(client: Client): string {
  const { name, id, config, toCommand, toLink, next } = client;
  const parts = [`<a id="${id}"></a>\n\n## ${name}`];
  if (toLink) parts.push(`One click: [add ${serverName} to ${name}](${toLink(entry)}).`);
  if (toCommand) parts.push(`One line:\n\n\`\`\`sh\n${toCommand(entry)}\n\`\`\``);
  if (config) {
    const moved = config.movedBy ? ` \`${config.movedBy.variable}\` moves it.` : "";
    parts.push(`By hand, in ${filePlaces(config.paths)}:${moved}\n\n${fenced(config.format, entry)}`);
  }
  parts.push(next);
  return parts.join("\n\n");
}

function filePlaces(paths: Readonly<Record<System, string>>): string {
  const all = Object.values(paths);
  if (all.every((path) => path === all[0])) return `\`${all[0]}\``;
  const [unix, mac] = [paths.linux, paths.darwin];
  if (unix === mac) return `\`${unix}\` (Windows: \`${paths.win32}\`)`;
  return (Object.entries(paths) as [System, string][])
    .map(([system, path]) => `\`${path}\` (${systemNames[system]})`)
    .join(", ");
}

function fenced(format: ConfigFormat, of: Entry): string {
  const text = format.kind === "json" ? editJson("", format, of) : editToml("", format, of);
  return `\`\`\`${format.kind}\n${text.trimEnd()}\n\`\`\``;
}

function windows(): string {
  return `## Windows

\`npx\` is a script there, which some clients cannot start by itself. \`setup\` writes the entry so that it works; by hand it is:

\`\`\`json
${JSON.stringify({ [serverName]: jsonEntry(windowsEntry, { namesType: false }) }, null, 2)}
\`\`\`

Nothing was run on Windows: this follows the clients' pages.`;
}

const rest = `## A bundle for Claude Desktop

\`npm run mcpb\` makes \`build/${packageFacts.name}.mcpb\`, which Claude Desktop opens by a double click: it asks for the API key and secret (kept in the system's keychain),
the folder for lists, the country and a few more, all of which may be left blank. It holds no native code, so it needs a Node with SQLite in it (22.13 or newer); the package above runs on
Node ${packageFacts.engines.node.replace(">=", "")} too.

## Over HTTP

\`npx -y ${packageFacts.name} http\` serves MCP at \`http://127.0.0.1:3000/mcp\` and a page at \`/\`: [operating.md](operating.md#http). Claude Code: \`claude mcp add --transport http ${serverName} http://127.0.0.1:3000/mcp\`. Cursor: \`{ "mcpServers": { "${serverName}": { "url": "http://127.0.0.1:3000/mcp" } } }\`.
VS Code: \`{ "servers": { "${serverName}": { "type": "http", "url": "http://127.0.0.1:3000/mcp" } } }\`.

## In a container

\`docker build -t ${packageFacts.name} .\` and \`docker run --rm -p 127.0.0.1:3000:3000 -e BATCH_CALL_HTTP_TOKEN=… -v batch-call:/data ${packageFacts.name}\`: [operating.md](operating.md#in-a-container).

## Does it work?

\`npx -y ${packageFacts.name} doctor\` says what works, what is simulated and what to do next; [troubleshooting.md](troubleshooting.md) has the rest.
`;
