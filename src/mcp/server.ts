import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type McpRequestContext,
  McpServer,
  type ProtocolEra,
  type ServerContext,
  type StandardSchemaWithJSON,
  type ToolAnnotations,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { plainText } from "../domain/text.ts";
import type { Log } from "../lib/log.ts";
import type { Effect, Tool, ToolContext } from "../tools/tool.ts";
import { askNobody, buildAskPerson } from "./ask-person.ts";
import { callTool } from "./call-tool.ts";
import { type AskingCall, FormStates } from "./form-state.ts";
import { instructions } from "./instructions.ts";

/** What a single call adds to the rest of a tool's context. */
export type ToolCaller = Pick<ToolContext, "principal" | "client" | "askPerson" | "signal">;

export type ServedTools = {
  readonly tools: readonly Tool[];
  readonly makeContext: (caller: ToolCaller) => ToolContext;
  /** Version of this package, as clients show it. */
  readonly version: string;
  readonly log: Log;
};

export type ServedCaller = {
  /** Who calls, for the record. */
  readonly principal: string;
  /** Whether a form that the client shows counts as a person's answer. */
  readonly takesForms: boolean;
};

/**
 * Makes MCP servers that are all alike and share nothing but the key that forms are signed with: over HTTP every request
 * gets its own, because an instance that serves two clients can hand one the other's answers (CVE-2026-111770).
 */
export function buildServerFactory(
  served: ServedTools,
  { principal, takesForms }: ServedCaller,
): (request: Pick<McpRequestContext, "era">) => McpServer {
  const definitions = served.tools.map((tool) => ({ tool, config: toConfig(tool) }));
  const forms = new FormStates();
  return ({ era }) => {
    const server = buildServer(served.version);
    const toCaller = (call: AskingCall, context: ServerContext): ToolCaller => {
      const { name, hasForms } = describeClient(server, era, context);
      const askPerson = hasForms && takesForms ? buildAskPerson(era, call, context, forms, served.log) : askNobody;
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

/** What is known of the client that makes a call. */
type McpClient = { readonly name?: string; readonly hasForms: boolean };

const longestName = 60;

const description = z.object({
  [CLIENT_INFO_META_KEY]: z.object({ name: z.string() }).optional(),
  [CLIENT_CAPABILITIES_META_KEY]: z
    .object({ elicitation: z.object({ form: z.unknown(), url: z.unknown() }).partial().optional() })
    .optional(),
});

/**
 * Since 2026-07-28 a client describes itself with every request. Before, it does so once when it opens the connection,
 * of which a server over HTTP without sessions knows nothing.
 */
function describeClient({ server }: McpServer, era: ProtocolEra, { mcpReq }: ServerContext): McpClient {
  const described = description.parse(
    era === "modern"
      ? mcpReq.envelope
      : {
          [CLIENT_INFO_META_KEY]: server.getClientVersion(),
          [CLIENT_CAPABILITIES_META_KEY]: server.getClientCapabilities(),
        },
  );
  const name = described[CLIENT_INFO_META_KEY]?.name;
  const forms = described[CLIENT_CAPABILITIES_META_KEY]?.elicitation;
  // Before 2025-11-25 there were no modes but forms, and an empty object stood for them.
  const hasForms = forms !== undefined && (forms.form !== undefined || forms.url === undefined);
  return { ...(name !== undefined && { name: plainText(name, longestName) }), hasForms };
}

// `openWorldHint` is true where strangers are reached (a phone rings) or where their words come back (names, transcripts).
const hints: Readonly<Record<Effect, ToolAnnotations>> = {
  reads: { readOnlyHint: true, openWorldHint: true },
  writes: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  writes_file: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  // A call cannot be taken back, so whatever may place one counts as destructive.
  may_dial: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  dials: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  destroys: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
};

/** What a client may believe about a tool before it asks the user; made from the effect alone, so the two cannot differ. */
function toAnnotations({ effect, idempotent }: Pick<Tool, "effect" | "idempotent">): ToolAnnotations {
  // The protocol gives `idempotentHint` a meaning only where something is changed.
  return { ...hints[effect], ...(idempotent && effect !== "reads" && { idempotentHint: true }) };
}

/**
 * A schema that the SDK lists but does not enforce: our own parser words the errors. It is converted at the first
 * listing and then kept, because the SDK asks for it again at every listing and at every call.
 */
export function listedSchema(schema: z.ZodObject, io: "input" | "output"): StandardSchemaWithJSON {
  let json: JsonSchema | undefined;
  const listed = (): JsonSchema => {
    json ??= toJsonSchema(schema, io);
    return json;
  };
  return {
    "~standard": {
      version: 1,
      vendor: "batch-call-mcp",
      validate: (value) => ({ value }),
      jsonSchema: { input: listed, output: listed },
    },
  };
}

type JsonSchema = Record<string, unknown>;

/**
 * A tool's schema as clients read it: JSON Schema 2020-12 without what costs tokens and says nothing. A model reads all
 * of it before its first call. Throws for a schema that would need `$ref`, which several clients do not follow.
 */
export function toJsonSchema(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io,
    target: "draft-2020-12",
    cycles: "throw",
    override: ({ jsonSchema }) => slim(jsonSchema, io),
  });
  // 2020-12 is the protocol's default dialect, so naming it in every tool adds nothing.
  delete json.$schema;
  return json;
}

function slim(schema: z.core.JSONSchema.BaseSchema, io: "input" | "output"): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  // That a name or an id may not be empty needs no saying; our parser still refuses it.
  if (schema.minLength === 1) delete schema.minLength;
  // zod writes the whole grammar of a format as a pattern of some 300 characters beside it.
  if (schema.format) delete schema.pattern;
  if (isAnyString(schema.propertyNames)) delete schema.propertyNames;
  if (allowsAnything(schema.additionalProperties) || (io === "output" && schema.additionalProperties === false)) {
    delete schema.additionalProperties;
  }
}

function isAnyString(schema: unknown): boolean {
  return JSON.stringify(schema) === '{"type":"string"}';
}

function allowsAnything(schema: unknown): boolean {
  return JSON.stringify(schema) === "{}";
}
