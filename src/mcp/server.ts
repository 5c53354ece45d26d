import { McpServer } from "@modelcontextprotocol/server";
import type { Log } from "../log.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { toAnnotations } from "./annotations.ts";
import { callTool } from "./call-tool.ts";
import { instructions } from "./instructions.ts";
import { listedSchema } from "./listed-schema.ts";

/** What a single call adds to the rest of a tool's context. */
export type Caller = Pick<ToolContext, "principal" | "signal">;

export type ServedTools = {
  readonly tools: readonly Tool[];
  readonly makeContext: (caller: Caller) => ToolContext;
  /** Version of this package, as clients show it. */
  readonly version: string;
  readonly log: Log;
};

/**
 * Makes MCP servers that are all alike and share no state: over HTTP every request gets its own, because an instance
 * that serves two clients can hand one the other's answers (CVE-2026-111770).
 */
export function buildServerFactory(served: ServedTools, principal: string): () => McpServer {
  const definitions = served.tools.map((tool) => ({ tool, config: toConfig(tool) }));
  return () => {
    const server = buildServer(served.version);
    for (const { tool, config } of definitions) {
      server.registerTool(tool.name, config, (args, { mcpReq }) =>
        callTool(tool, args, () => served.makeContext({ principal, signal: mcpReq.signal }), served.log),
      );
    }
    return server;
  };
}

function buildServer(version: string): McpServer {
  return new McpServer(
    { name: "batch-call-mcp", title: "Batch calls", version },
    { instructions, capabilities: { tools: { listChanged: false } } },
  );
}

function toConfig(tool: Tool) {
  return {
    title: tool.title,
    description: tool.description,
    inputSchema: listedSchema(tool.input, "input"),
    outputSchema: listedSchema(tool.output, "output"),
    annotations: toAnnotations(tool),
  };
}
