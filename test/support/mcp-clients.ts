import type { Readable, Writable } from "node:stream";
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttpTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdioTransport } from "@modelcontextprotocol/client/stdio";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FirstStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as FirstHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StdioServerTransport as FirstPipeTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { Transport as FirstTransport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { StdioServerTransport as ModernPipeTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import type { Launchable } from "./process/spawn.ts";

/** The clients that hosts are built on: the first SDK, and its successor speaking the old and the new protocol. */
export const clientKinds = ["sdk v1", "sdk v2, 2025 era", "sdk v2, 2026 era"] as const;
export type ClientKind = (typeof clientKinds)[number];

const toolResult = z.object({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

/** What a tool answered, the same for every client. */
export type ToolAnswer = {
  readonly text: string;
  /** Files that it points to, as the protocol has them. */
  readonly links: readonly object[];
  readonly structured: Record<string, unknown>;
  readonly isError: boolean;
};

/** A form as a person sees it, and what they do with it. */
export type ShownForm = { readonly message: string };
export type FilledForm = {
  readonly action: "accept" | "decline" | "cancel";
  readonly content?: Record<string, string | number | boolean>;
};
export type Person = (form: ShownForm) => FilledForm | Promise<FilledForm>;

export type CallOptions = {
  readonly signal?: AbortSignal;
  /** Hears how far the call is; without it the client does not ask for that. */
  readonly onprogress?: (progress: {
    readonly progress: number;
    readonly message?: string | undefined;
    readonly total?: number | undefined;
  }) => void;
};

/** A tool as a client shows it to its model. */
export type ListedTool = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: object;
};

export type TestClient = {
  readonly instructions: string | undefined;
  readonly serverName: string | undefined;
  listTools(): Promise<readonly ListedTool[]>;
  /** Addresses of the resources that are listed, and of the templates. */
  listResources(): Promise<{ readonly uris: readonly string[]; readonly templates: readonly string[] }>;
  /** Text of the one content. */
  readResource(uri: string): Promise<string>;
  listPrompts(): Promise<readonly { readonly name: string }[]>;
  /** Text of the one message. */
  getPrompt(name: string, args: Record<string, string>): Promise<string>;
  /** Completions of an argument of a prompt, or of the variable of an address. */
  complete(
    of: { readonly prompt: string } | { readonly uri: string },
    name: string,
    value: string,
  ): Promise<readonly string[]>;
  callTool(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolAnswer>;
  /**
   * Hears of changes at those addresses, each as the address, and of the list of resources as "list": by the one request of
   * 2026-07-28, before by one for each address. Returns what ends it.
   */
  listen(uris: readonly string[], heard: (what: string) => void): Promise<() => Promise<void>>;
  /** What the server says that it has. */
  capabilities(): object | undefined;
  close(): Promise<void>;
};

/** What a client answers when it is asked for its roots: their URIs, or nothing for ever. */
export type NameRoots = () => Promise<readonly string[]>;

/** Starts the program and talks to it on its stdin and stdout. A client with roots is built on the first SDK. */
export async function connectStdio(kind: ClientKind, program: Launchable, roots?: NameRoots): Promise<TestClient> {
  if (kind === "sdk v1")
    return connectFirst(new FirstStdioTransport({ ...program, stderr: "ignore" }), undefined, roots);
  return connectModern(kind, new ModernStdioTransport({ ...program, stderr: "ignore" }));
}

/** Connects to a server that listens at `url`. With a person, the client has forms. */
export async function connectHttp(kind: ClientKind, url: string, token?: string, person?: Person): Promise<TestClient> {
  const requestInit = { headers: token ? { Authorization: `Bearer ${token}` } : {} };
  if (kind === "sdk v1") {
    return connectFirst(asFirstTransport(new FirstHttpTransport(new URL(url), { requestInit })), person);
  }
  return connectModern(kind, new ModernHttpTransport(new URL(url), { requestInit }), person);
}

/** Connects to a server in this process, by its own stdin and stdout. A line is a message in both directions. */
export async function connectPipe(
  kind: ClientKind,
  { input, output }: { readonly input: Writable; readonly output: Readable },
  person?: Person,
): Promise<TestClient> {
  if (kind === "sdk v1") return connectFirst(new FirstPipeTransport(output, input), person);
  return connectModern(kind, new ModernPipeTransport(output, input), person);
}

const identity = { name: "test", version: "1" };
const withForms = { capabilities: { elicitation: {} } };

async function connectFirst(transport: FirstTransport, person?: Person, roots?: NameRoots): Promise<TestClient> {
  const capabilities = { ...(person && withForms.capabilities), ...(roots && { roots: {} }) };
  const client = new FirstClient(identity, { capabilities });
  if (roots)
    client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: (await roots()).map((uri) => ({ uri })) }));
  if (person) client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ ...(await person(params)) }));
  await client.connect(transport);
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    listTools: async () => (await client.listTools()).tools,
    ...readersOf(client),
    callTool: async (name, args = {}, options) =>
      toAnswer(await client.callTool({ name, arguments: args }, undefined, options)),
    listen: async (uris, heard) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => heard(params.uri));
      client.setNotificationHandler(ResourceListChangedNotificationSchema, () => heard("list"));
      return subscribe(client, uris);
    },
    capabilities: () => client.getServerCapabilities(),
    close: () => client.close(),
  };
}

async function connectModern(
  kind: Exclude<ClientKind, "sdk v1">,
  transport: ModernHttpTransport | ModernStdioTransport | ModernPipeTransport,
  person?: Person,
): Promise<TestClient> {
  const mode = kind === "sdk v2, 2026 era" ? { pin: "2026-07-28" } : "legacy";
  const client = new ModernClient(identity, { ...(person && withForms), versionNegotiation: { mode } });
  if (person) client.setRequestHandler("elicitation/create", async ({ params }) => person(params));
  await client.connect(transport);
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    listTools: async () => (await client.listTools()).tools,
    ...readersOf(client),
    callTool: async (name, args = {}, options) => toAnswer(await client.callTool({ name, arguments: args }, options)),
    listen: async (uris, heard) => {
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => heard(params.uri));
      client.setNotificationHandler("notifications/resources/list_changed", () => heard("list"));
      if (kind === "sdk v2, 2025 era") return subscribe(client, uris);
      const subscription = await client.listen({ resourceSubscriptions: [...uris], resourcesListChanged: true });
      return () => subscription.close();
    },
    capabilities: () => client.getServerCapabilities(),
    close: () => client.close(),
  };
}

type SubscribingClient = {
  subscribeResource(params: { uri: string }): Promise<unknown>;
  unsubscribeResource(params: { uri: string }): Promise<unknown>;
};

async function subscribe(client: SubscribingClient, uris: readonly string[]): Promise<() => Promise<void>> {
  for (const uri of uris) await client.subscribeResource({ uri });
  return async () => {
    for (const uri of uris) await client.unsubscribeResource({ uri });
  };
}

const textContent = z.object({ text: z.string() });

/** What both SDKs call the same. */
type ReadingClient = {
  listResources(): Promise<{ readonly resources: readonly { readonly uri: string }[] }>;
  listResourceTemplates(): Promise<{ readonly resourceTemplates: readonly { readonly uriTemplate: string }[] }>;
  readResource(params: { uri: string }): Promise<{ readonly contents: readonly unknown[] }>;
  listPrompts(): Promise<{ readonly prompts: readonly { readonly name: string }[] }>;
  getPrompt(params: {
    name: string;
    arguments: Record<string, string>;
  }): Promise<{ readonly messages: readonly { readonly content: unknown }[] }>;
  complete(params: {
    ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string };
    argument: { name: string; value: string };
  }): Promise<{ readonly completion: { readonly values: readonly string[] } }>;
};

function readersOf(
  client: ReadingClient,
): Pick<TestClient, "listResources" | "readResource" | "listPrompts" | "getPrompt" | "complete"> {
  return {
    async listResources() {
      const [{ resources }, { resourceTemplates }] = [
        await client.listResources(),
        await client.listResourceTemplates(),
      ];
      return {
        uris: resources.map(({ uri }) => uri),
        templates: resourceTemplates.map(({ uriTemplate }) => uriTemplate),
      };
    },
    readResource: async (uri) => textContent.parse((await client.readResource({ uri })).contents[0]).text,
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: async (name, args) =>
      textContent.parse((await client.getPrompt({ name, arguments: args })).messages[0]?.content).text,
    async complete(of, name, value) {
      const ref =
        "prompt" in of
          ? { type: "ref/prompt" as const, name: of.prompt }
          : { type: "ref/resource" as const, uri: of.uri };
      return (await client.complete({ ref, argument: { name, value } })).completion.values;
    },
  };
}

function toAnswer(result: unknown): ToolAnswer {
  const { content, structuredContent, isError } = toolResult.parse(result);
  return {
    text: content.flatMap(({ text }) => text ?? []).join("\n"),
    links: content.filter(({ type }) => type === "resource_link"),
    structured: structuredContent ?? {},
    isError: isError ?? false,
  };
}

/** Safe: the first SDK's own transport; only its types were not written for `exactOptionalPropertyTypes`. */
function asFirstTransport(transport: FirstHttpTransport): FirstTransport {
  return transport as FirstTransport;
}
