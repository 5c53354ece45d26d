import {
  classifyInboundRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/server";
import { type Access, lackOf } from "../domain/access.ts";
import type { Tool } from "../tools/tool.ts";
import { scopeOf } from "./access.ts";
import { statelessRevision } from "./standing-server.ts";

/** Headers by name, several of one name joined as `fetch` joins them. */
export type HeaderReader = Pick<Headers, "get">;

/** How a message can be answered by a server that lasts; `accepted` is a message that nothing answers. */
export type QuickWay =
  | { readonly kind: "legacy" | "modern" | "initialize"; readonly request: JSONRPCRequest }
  | { readonly kind: "accepted" };

/** Everything that needs nothing of its own server. Others are listening, and what a revision no longer has. */
const quickMethods: ReadonlySet<string> = new Set([
  "ping",
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "prompts/list",
  "prompts/get",
  "completion/complete",
]);

/** What every server has in the newest era, so that its status is never that of a method that is not there. */
const quickModernMethods: ReadonlySet<string> = new Set(["tools/list", "tools/call"]);

const legacyRevisions: ReadonlySet<string> = new Set(
  SUPPORTED_PROTOCOL_VERSIONS.filter((one) => one < statelessRevision),
);

/**
 * The quick way for one message that was found to be well formed; undefined where the SDK's own handler is to judge: whatever is refused
 * or challenged is so in its words and with its status. `access` is of a caller who can be sent for another token.
 */
export function findQuickWay(
  message: JSONRPCMessage,
  headers: HeaderReader,
  tools: ReadonlyMap<string, Pick<Tool, "effect">>,
  access?: Access,
): QuickWay | undefined {
  const revision = headers.get("mcp-protocol-version")?.trim();
  const claim = "params" in message ? message.params?._meta?.[PROTOCOL_VERSION_META_KEY] : undefined;
  if (claim !== undefined) return findModern(message, { headers, claim, revision }, tools, access);
  if (revision !== undefined && !legacyRevisions.has(revision)) return undefined;
  if (!("method" in message)) return undefined;
  if (!("id" in message)) return { kind: "accepted" };
  if (message.method === "initialize") return { kind: "initialize", request: message };
  if (!quickMethods.has(message.method) || isChallenged(message, tools, access)) return undefined;
  return { kind: "legacy", request: message };
}

function findModern(
  message: JSONRPCMessage,
  { headers, claim, revision }: { headers: HeaderReader; claim: unknown; revision: string | undefined },
  tools: ReadonlyMap<string, Pick<Tool, "effect">>,
  access: Access | undefined,
): QuickWay | undefined {
  if (claim !== statelessRevision || revision !== statelessRevision) return undefined;
  if (!("method" in message && "id" in message)) return undefined;
  const { method, params } = message;
  if (!quickModernMethods.has(method) || headers.get("mcp-method") !== method) return undefined;
  if (method === "tools/call") {
    // A tool of another server's may ask for headers of its own.
    const name = String(params?.["name"]);
    if (!tools.has(name) || headers.get("mcp-name") !== name || isChallenged(message, tools, access)) return undefined;
  }
  const { kind } = classifyInboundRequest({ httpMethod: "POST", protocolVersionHeader: revision, body: message });
  return kind === "modern" ? { kind, request: message } : undefined;
}

function isChallenged(
  { method, params }: JSONRPCRequest,
  tools: ReadonlyMap<string, Pick<Tool, "effect">>,
  access: Access | undefined,
): boolean {
  if (access === undefined || method !== "tools/call") return false;
  const tool = tools.get(String(params?.["name"]));
  return tool !== undefined && lackOf(access, scopeOf(tool)) !== undefined;
}
