import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttpTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdioTransport } from "@modelcontextprotocol/client/stdio";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FirstStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as FirstHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as FirstTransport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { z } from "zod";
import type { Launchable } from "./spawn.ts";

/** The clients that hosts are built on: the first SDK, and its successor speaking the old and the new protocol. */
export const clientKinds = ["sdk v1", "sdk v2, 2025 era", "sdk v2, 2026 era"] as const;
export type ClientKind = (typeof clientKinds)[number];

const toolResult = z.object({
  content: z.array(z.looseObject({ type: z.string(), text: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

/** What a tool answered, the same for every client. */
export type ToolAnswer = {
  readonly text: string;
  readonly structured: Record<string, unknown>;
  readonly isError: boolean;
};

export type TestClient = {
  readonly instructions: string | undefined;
  readonly serverName: string | undefined;
  listTools(): Promise<readonly { readonly name: string }[]>;
  callTool(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
  close(): Promise<void>;
};

/** Starts the program and talks to it on its stdin and stdout. */
export async function connectStdio(kind: ClientKind, program: Launchable): Promise<TestClient> {
  if (kind === "sdk v1") return connectFirst(new FirstStdioTransport({ ...program, stderr: "ignore" }));
  return connectModern(kind, new ModernStdioTransport({ ...program, stderr: "ignore" }));
}

/** Connects to a server that listens at `url`. */
export async function connectHttp(kind: ClientKind, url: string, token?: string): Promise<TestClient> {
  const requestInit = { headers: token ? { Authorization: `Bearer ${token}` } : {} };
  if (kind === "sdk v1") return connectFirst(asFirstTransport(new FirstHttpTransport(new URL(url), { requestInit })));
  return connectModern(kind, new ModernHttpTransport(new URL(url), { requestInit }));
}

async function connectFirst(transport: FirstTransport): Promise<TestClient> {
  const client = new FirstClient({ name: "test", version: "1" });
  await client.connect(transport);
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, args = {}) => toAnswer(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

async function connectModern(
  kind: Exclude<ClientKind, "sdk v1">,
  transport: ModernHttpTransport | ModernStdioTransport,
): Promise<TestClient> {
  const mode = kind === "sdk v2, 2026 era" ? { pin: "2026-07-28" } : "legacy";
  const client = new ModernClient({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, args = {}) => toAnswer(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

function toAnswer(result: unknown): ToolAnswer {
  const { content, structuredContent, isError } = toolResult.parse(result);
  return {
    text: content.map(({ text }) => text).join("\n"),
    structured: structuredContent ?? {},
    isError: isError ?? false,
  };
}

/** Safe: the first SDK's own transport; only its types were not written for `exactOptionalPropertyTypes`. */
function asFirstTransport(transport: FirstHttpTransport): FirstTransport {
  return transport as FirstTransport;
}
