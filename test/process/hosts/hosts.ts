/** How a host speaks: what it says of itself, what it asks before a model does anything, and what it adds to calls. */
export type Host = {
  readonly name: string;
  /** Where each part was seen. */
  readonly sources: readonly string[];
  readonly transports: readonly ("stdio" | "http")[];
  readonly initialize: {
    readonly protocolVersion: string;
    readonly capabilities: object;
    readonly clientInfo: object;
  };
  /** The id of its first request; the next ones count on where it is a number. */
  readonly firstId: number | string;
  /** Sends `server/discover` of 2026-07-28 first. Goes on in it, or opens with `initialize` all the same. */
  readonly discovers?: "and stays" | "and initializes";
  /** Requests right after the handshake. */
  readonly asks: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Leaves MCP-Protocol-Version out of what follows the handshake. */
  readonly namesNoVersion?: true;
  /** Put into `_meta` of every call. */
  readonly callMeta?: Readonly<Record<string, unknown>>;
  /** Put beside the arguments of every call. */
  readonly addedArguments?: Readonly<Record<string, unknown>>;
  /** How it writes lists and objects inside of arguments. */
  readonly nested?: "text";
  /** What it sends for arguments that were left out. */
  readonly leftOut?: null | "";
  /** What it sends for a tool without arguments. */
  readonly noArguments?: null;
};

const browserLike = { "Accept-Language": "*", "Sec-Fetch-Mode": "cors", "User-Agent": "node" };
const ui = { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } };
const all = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"];

const claudeCode = {
  capabilities: { roots: { listChanged: true }, elicitation: {} },
  clientInfo: {
    name: "claude-code",
    title: "Claude Code",
    version: "2.1.317",
    description: "Anthropic's agentic coding tool",
    websiteUrl: "https://claude.com/claude-code",
  },
};

export const hosts: readonly Host[] = [
  {
    name: "Claude Desktop",
    sources: [
      "https://github.com/0x4m4/hexstrike-ai/issues/11 (its log: initialize, id 0)",
      "https://github.com/anthropics/claude-ai-mcp/issues/77 (2025-11-25)",
      "https://github.com/coddingtonbear/obsidian-local-rest-api/issues/329 (extensions)",
    ],
    transports: ["stdio"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { extensions: ui },
      clientInfo: { name: "claude-ai", version: "0.1.0" },
    },
    firstId: 0,
    asks: ["tools/list", "prompts/list", "resources/list"],
    nested: "text",
  },
  {
    name: "Claude on the web",
    sources: ["https://github.com/anthropics/claude-ai-mcp/issues/70 (no MCP-Protocol-Version)"],
    transports: ["http"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { extensions: ui },
      clientInfo: { name: "claude-ai", version: "0.1.0" },
    },
    firstId: 0,
    asks: ["tools/list"],
    namesNoVersion: true,
    nested: "text",
  },
  {
    name: "Claude Code",
    sources: [
      "https://cljdoc.org/d/io.github.joshrotenberg/presa/0.1.1/doc/what-claude-code-and-codex-send-as-mcp-clients (2.1.317, its wire)",
    ],
    transports: ["stdio", "http"],
    initialize: { ...claudeCode, protocolVersion: "2026-07-28" },
    firstId: 0,
    discovers: "and stays",
    asks: all,
    headers: { "User-Agent": "claude-code/2.1.317 (cli)" },
    callMeta: { "claudecode/toolUseId": "toolu_015V", progressToken: 2 },
    nested: "text",
  },
  {
    name: "Claude Code 2.1.280",
    sources: [
      "the same (initialize of 2025-11-25, capabilities)",
      "https://github.com/github/copilot-cli/issues/4525 (initialize after an answered server/discover, as in Copilot CLI 1.0.81)",
    ],
    transports: ["stdio", "http"],
    initialize: { ...claudeCode, protocolVersion: "2025-11-25" },
    firstId: 0,
    discovers: "and initializes",
    asks: all,
    headers: { "User-Agent": "claude-code/2.1.280 (cli)" },
    callMeta: { "claudecode/toolUseId": "toolu_015V", progressToken: 2 },
    nested: "text",
  },
  {
    name: "Cursor",
    sources: [
      "https://cursor.com/docs/mcp, https://github.com/apify/mcp-client-capabilities/pull/17 (elicitation, roots)",
      "its wire as servers recorded it: cursor-vscode 1.0.0, id 0, resources before tools; capabilities that are truth values until 2025",
    ],
    transports: ["stdio", "http"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { elicitation: { form: {} }, roots: { listChanged: false }, extensions: ui },
      clientInfo: { name: "cursor-vscode", version: "1.0.0" },
    },
    firstId: 0,
    asks: ["resources/list", "tools/list", "prompts/list"],
    headers: browserLike,
  },
  {
    name: "Cursor of 2025",
    sources: ['the same; "capabilities": { "tools": true, "prompts": false, … } as several servers\' tests keep it'],
    transports: ["stdio"],
    initialize: {
      protocolVersion: "2024-11-05",
      capabilities: { tools: true, prompts: false, resources: true, logging: false, roots: { listChanged: false } },
      clientInfo: { name: "cursor-vscode", version: "1.0.0" },
    },
    firstId: 0,
    asks: ["tools/list"],
  },
  {
    name: "VS Code",
    sources: [
      "https://github.com/microsoft/vscode/blob/main/src/vs/workbench/contrib/mcp/common/mcpServerRequestHandler.ts",
      "https://github.com/microsoft/vscode/blob/main/src/vs/workbench/contrib/mcp/common/mcpServer.ts (_meta of a call)",
    ],
    transports: ["stdio", "http"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: {
        roots: { listChanged: true },
        sampling: {},
        elicitation: { form: {}, url: {} },
        tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
        extensions: ui,
      },
      clientInfo: { name: "Visual Studio Code", version: "1.138.0" },
    },
    firstId: 1,
    asks: ["tools/list", "prompts/list", "resources/templates/list"],
    callMeta: { progressToken: "5d0c1f6e", "vscode.conversationId": "c1", "vscode.requestId": "r1" },
  },
  {
    name: "n8n",
    sources: [
      "https://github.com/n8n-io/n8n/blob/master/packages/@n8n/nodes-langchain/nodes/mcp/shared/utils.ts (no capabilities, version of the node)",
      "https://github.com/n8n-io/n8n/issues/21500 (toolCallId)",
      "https://github.com/n8n-io/n8n/issues/22787 (sessionId, action, chatInput)",
    ],
    transports: ["http"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "@n8n/n8n-nodes-langchain.mcpClientTool", version: "1.2" },
    },
    firstId: 0,
    asks: ["tools/list"],
    headers: browserLike,
    addedArguments: { toolCallId: "call_x1", sessionId: "s1", action: "sendMessage", chatInput: "call them" },
    leftOut: null,
  },
  {
    name: "Cline",
    sources: [
      "https://github.com/cline/cline/blob/main/src/services/mcp/McpHub.ts (tools, resources, templates in this order)",
      "https://github.com/cline/cline/issues/8256 (task_progress)",
    ],
    transports: ["stdio", "http"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "Cline", version: "3.40.0" },
    },
    firstId: 0,
    asks: ["tools/list", "resources/list", "resources/templates/list", "prompts/list"],
    addedArguments: { task_progress: "- [x] Preview\n- [ ] Create" },
  },
  {
    name: "LibreChat",
    sources: [
      "https://github.com/danny-avila/LibreChat/blob/main/packages/api/src/mcp/connection.ts (ping before it is used)",
    ],
    transports: ["http", "stdio"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "@librechat/api-client", version: "1.2.3" },
    },
    firstId: 0,
    asks: ["ping", "tools/list", "resources/list", "prompts/list", "ping"],
    headers: { "User-Agent": "LibreChat" },
    leftOut: "",
  },
  {
    name: "mcp-remote",
    sources: [
      "https://github.com/geelen/mcp-remote/blob/main/src/lib/utils.ts (its host's frames go through, but for the name)",
    ],
    transports: ["http"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { extensions: ui },
      clientInfo: { name: "claude-ai (via mcp-remote 0.1.38)", version: "0.1.0" },
    },
    firstId: 0,
    asks: ["tools/list", "prompts/list", "resources/list"],
    headers: browserLike,
    nested: "text",
  },
  {
    name: "supergateway",
    sources: [
      "https://github.com/supercorp-ai/supergateway/blob/main/src/gateways/stdioToStatelessStreamableHttp.ts (a process for each request, opened by itself with an id that is text)",
    ],
    transports: ["stdio"],
    initialize: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "supergateway", version: "3.4.3" },
    },
    firstId: "init_1795812944924_k3j9x0q2a",
    asks: ["tools/list"],
    noArguments: null,
  },
  {
    name: "Inspector",
    sources: [
      "https://github.com/modelcontextprotocol/inspector/blob/main/client/src/lib/hooks/useConnection.ts (capabilities; direct connection from a page)",
    ],
    transports: ["stdio", "http"],
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } },
      clientInfo: { name: "mcp-inspector", version: "0.20.0" },
    },
    firstId: 0,
    asks: ["ping", ...all],
    headers: { Origin: "http://localhost:6274", "Sec-Fetch-Mode": "cors" },
    callMeta: { progressToken: 1 },
  },
];
