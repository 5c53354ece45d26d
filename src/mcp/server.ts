import { type McpRequestContext, McpServer, type ServerContext } from "@modelcontextprotocol/server";
import type { Log } from "../lib/log.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { toAnnotations } from "./annotations.ts";
import { askNobody, buildAskPerson } from "./ask-person.ts";
import { callTool } from "./call-tool.ts";
import { type AskingCall, FormStates } from "./form-state.ts";
import { instructions } from "./instructions.ts";
import { listedSchema } from "./listed-schema.ts";
import { describeClient } from "./mcp-client.ts";

/** What a single call adds to the rest of a tool's context. */
export type ToolCaller = Pick<ToolContext, "principal" | "client" | "askPerson" | "signal">;

export type ServedTools = {
  readonly tools: readonly Tool[];
  readonly makeContext: (caller: ToolCaller) => ToolContext;
  /** Version of this package, as clients show it. */
  readonly version: string;
  readonly log: Log;
};

/**
 * Makes MCP servers that are all alike and share nothing but the key that forms are signed with: over HTTP every request
 * gets its own, because an instance that serves two clients can hand one the other's answers (CVE-2026-111770).
 */
export function buildServerFactory(
  served: ServedTools,
  principal: string,
): (request: Pick<McpRequestContext, "era">) => McpServer {
  const definitions = served.tools.map((tool) => ({ tool, config: toConfig(tool) }));
  const forms = new FormStates();
  return ({ era }) => {
    const server = buildServer(served.version);
    const toCaller = (call: AskingCall, context: ServerContext): ToolCaller => {
      const { name, hasForms } = describeClient(server, era, context);
      const askPerson = hasForms ? buildAskPerson(era, call, context, forms, served.log) : askNobody;
      return { principal, askPerson, signal: context.mcpReq.signal, ...(name !== undefined && { client: name }) };
    };
    for (const { tool, config } of definitions) {
      server.registerTool(tool.name, config, (args, context) => {
        const call = { principal, tool: tool.name, args };
        return callTool(tool, args, () => served.makeContext(toCaller(call, context)), served.log);
      });
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
