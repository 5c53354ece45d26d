import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type McpRequestContext,
  McpServer,
  type ProtocolEra,
  requireScopes,
  type ServerContext,
  SUPPORTED_PROTOCOL_VERSIONS,
  type ToolAnnotations,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { mayAgree } from "../domain/access.ts";
import { plainText } from "../domain/text.ts";
import type { ReadContext } from "../resources/resource.ts";
import { ResourceWatch } from "../resources/resource-watch.ts";
import type { Effect, Tool } from "../tools/tool.ts";
import { requireScope, scopeOf } from "./access.ts";
import { askNobody, buildAskPerson } from "./ask-person.ts";
import { buildClientRoots } from "./client-roots.ts";
import { type AskingCall, FormStates } from "./form-state.ts";
import { instructionsFor } from "./instructions.ts";
import { listedSchema } from "./json-schema.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { runCall } from "./run-call.ts";
import type { ServedCaller, ServedNow, ServedTools, ToolCaller } from "./served.ts";
import { statelessRevision } from "./standing-server.ts";
import { offerSubscriptions } from "./subscriptions.ts";
import { offersView, registerView, viewMeta } from "./view.ts";

/** Watches what the organization of that caller has, for all servers that are made for it. */
export function buildResourceWatch(
  { resources, makeContext }: Pick<ServedTools, "resources" | "makeContext">,
  { principal, owner }: Pick<ServedCaller, "principal" | "owner">,
): ResourceWatch {
  const access = { kind: "all" } as const;
  return new ResourceWatch(resources, () =>
    makeContext({ principal, owner, access, askPerson: askNobody, signal: neverAborted }),
  );
}

/** For a server whose callers are all one. */
export function servingOne(served: ServedTools, caller: ServedCaller, watch = buildResourceWatch(served, caller)) {
  const now: ServedNow = { caller, makeContext: served.makeContext, watch, forms: new FormStates() };
  return () => now;
}

/**
 * Makes MCP servers that are all alike and know nothing of whom they serve: `now` is asked with each request, in the course of it, for
 * whom it is done and with what of theirs.
 */
export function buildServerFactory(
  served: Omit<ServedTools, "makeContext">,
  now: () => ServedNow,
): (request: Pick<McpRequestContext, "era" | "requestInfo">) => McpServer {
  const hasView = offersView(served.resources);
  const definitions = served.tools.map((tool) => ({ tool, config: toConfig(tool, hasView) }));
  const instructions = instructionsFor(served.tools.map(({ name }) => name));
  return ({ era, requestInfo }) => {
    const lasts = requestInfo === undefined;
    const server = buildServer(served, instructions, { now, era, remembers: lasts || era === "modern" });
    const toCaller = (
      { caller, forms, origin }: ServedNow,
      call: AskingCall,
      context: ServerContext,
      { progress }: Pick<ToolCaller, "progress">,
    ): ToolCaller => {
      const { principal, owner, access, takesForms, readsRoots } = caller;
      const { name, hasForms, hasRoots } = describeClient(server, era, context);
      const askPerson =
        hasForms && takesForms && mayAgree(access) ? buildAskPerson(era, call, context, forms, served.log) : askNobody;
      // Since 2026-07-28 roots are deprecated, and a server cannot ask for them while a call waits.
      const clientRoots = readsRoots && hasRoots && era === "legacy" && buildClientRoots(context, served.log);
      const { signal } = context.mcpReq;
      return {
        principal,
        owner,
        access,
        askPerson,
        signal,
        ...(progress && { progress }),
        ...(clientRoots && { clientRoots }),
        ...(origin !== undefined && { origin }),
        ...(name !== undefined && { client: name }),
      };
    };
    const readContext = (signal = neverAborted): ReadContext => {
      const { caller, makeContext, origin } = now();
      const { principal, owner, access } = caller;
      requireScope(access, "read");
      const context = { principal, owner, access, askPerson: askNobody, signal };
      return makeContext({ ...context, ...(origin !== undefined && { origin }) });
    };
    // Over HTTP a client of an older protocol has no stream that outlasts a request.
    const onListed =
      era === "legacy" && lasts && served.resources.length > 0 && offerSubscriptions(server, now().watch);
    registerResources(server, served.resources, readContext, onListed || undefined);
    if (hasView) registerView(server);
    registerPrompts(server, served.prompts, readContext);
    for (const { tool, config } of definitions) {
      server.registerTool(tool.name, config, (args, context) => {
        const its = now();
        const call = { principal: its.callerKey ?? its.caller.principal, tool: tool.name, args };
        const caller = (progress: Pick<ToolCaller, "progress">) => toCaller(its, call, context, progress);
        return runCall(tool, args, its, context.mcpReq, caller, served.log);
      });
    }
    return server;
  };
}

const neverAborted = new AbortController().signal;

/** `remembers`: what a client asked to hear of is known when there is something to tell, as over HTTP up to 2025-11-25 it is not. */
function buildServer(
  { version, resources, prompts }: Omit<ServedTools, "makeContext">,
  instructions: string,
  { now, era, remembers }: { readonly now: () => ServedNow; readonly era: ProtocolEra; readonly remembers: boolean },
): McpServer {
  const [hasResources, hasPrompts] = [resources.length > 0, prompts.length > 0];
  return new McpServer(
    { name: "batch-call-mcp", title: "Batch calls", version },
    {
      instructions,
      // What the transport of a server that lasts can bind it to.
      ...(era === "modern" && { supportedProtocolVersions: [...SUPPORTED_PROTOCOL_VERSIONS, statelessRevision] }),
      requestState: { verify: (state, context) => now().forms.read(state, context) },
      capabilities: {
        tools: { listChanged: false },
        ...(remembers && { logging: {} }),
        ...(hasResources && { resources: { subscribe: remembers, listChanged: remembers } }),
        ...(hasPrompts && { prompts: { listChanged: false } }),
        ...((hasResources || hasPrompts) && { completions: {} }),
      },
    },
  );
}

function toConfig(tool: Tool, hasView: boolean) {
  return {
    title: tool.title,
    description: tool.description,
    inputSchema: listedSchema(tool.input, "input"),
    outputSchema: listedSchema(tool.output, "output"),
    annotations: toAnnotations(tool),
    // Who got a token of an issuer is told which one to ask for; others are told by the tool's answer.
    scopeChallenge: requireScopes(scopeOf(tool)),
    ...(hasView && tool.hasView && { _meta: viewMeta }),
  };
}

/** What is known of the client that makes a call. */
type McpClient = { readonly name?: string; readonly hasForms: boolean; readonly hasRoots: boolean };

const longestName = 60;

const description = z.object({
  [CLIENT_INFO_META_KEY]: z.object({ name: z.string() }).optional(),
  [CLIENT_CAPABILITIES_META_KEY]: z
    .object({
      elicitation: z.object({ form: z.unknown(), url: z.unknown() }).partial().optional(),
      roots: z.unknown(),
    })
    .partial()
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
  const { elicitation: forms, roots } = described[CLIENT_CAPABILITIES_META_KEY] ?? {};
  // Before 2025-11-25 there were no modes but forms, and an empty object stood for them.
  const hasForms = forms !== undefined && (forms.form !== undefined || forms.url === undefined);
  return { ...(name !== undefined && { name: plainText(name, longestName) }), hasForms, hasRoots: roots !== undefined };
}

// `openWorldHint` is false only where nothing but this server is asked: every other tool asks the calling API, if only for the do-not-call list that it keeps.
const hints: Readonly<Record<Effect, ToolAnnotations>> = {
  reads: { readOnlyHint: true, openWorldHint: true },
  keeps_list: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  writes: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  writes_file: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  // A call cannot be taken back, so whatever may place one counts as destructive.
  may_dial: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  dials: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  steers: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  destroys: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  erases: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
};

/** What a client may believe about a tool before it asks the user; made from the effect alone, so the two cannot differ. */
function toAnnotations({ effect, idempotent }: Pick<Tool, "effect" | "idempotent">): ToolAnnotations {
  // The protocol gives `idempotentHint` a meaning only where something is changed.
  return { ...hints[effect], ...(idempotent && effect !== "reads" && { idempotentHint: true }) };
}
