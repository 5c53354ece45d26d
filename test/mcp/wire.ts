import { once } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";

/** Revisions that open with `initialize`. */
export const handshakeRevisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] as const;
/** The revision without a handshake: every request carries its own envelope. */
export const statelessRevision = "2026-07-28";

export type Message = {
  readonly jsonrpc: "2.0";
  readonly id?: number;
  readonly method: string;
  readonly params?: Record<string, unknown>;
};
export type Answer = {
  readonly id: number | null;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
};

export function request(id: number, method: string, params: Record<string, unknown> = {}): Message {
  return { jsonrpc: "2.0", id, method, params };
}

export function initialize(id: number, protocolVersion: string, capabilities: object = {}): Message {
  return request(id, "initialize", { protocolVersion, capabilities, clientInfo: { name: "wire", version: "1" } });
}

export const initialized: Message = { jsonrpc: "2.0", method: "notifications/initialized" };

export function callOf(id: number, name: string, args: unknown = {}): Message {
  return request(id, "tools/call", { name, arguments: args });
}

/** The same message with the envelope of 2026-07-28. */
export function enveloped(message: Message, capabilities: object = {}): Message {
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": statelessRevision,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    "io.modelcontextprotocol/clientInfo": { name: "wire", version: "1" },
  };
  return { ...message, params: { ...message.params, _meta: envelope } };
}

/** The headers that go with a message over HTTP. */
export function headersFor(message: Message, revision: string): Record<string, string> {
  const common = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  if (message.method === "initialize") return common;
  if (revision !== statelessRevision) return { ...common, "MCP-Protocol-Version": revision };
  const name = message.params?.name;
  return {
    ...common,
    "MCP-Protocol-Version": revision,
    "Mcp-Method": message.method,
    ...(typeof name === "string" && { "Mcp-Name": name }),
  };
}

/** The one answer of a response, whether it came as JSON or as a stream of events. */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const data = text.split("\n").find((line) => line.startsWith("data: "));
  return JSON.parse(data ? data.slice("data: ".length) : text);
}

/** Both ends of a stdio connection, in this process. */
export function createPipe() {
  const input = new PassThrough();
  const output = new PassThrough();
  const lines = createInterface({ input: output });
  const arrived: string[] = [];
  lines.on("line", (line) => arrived.push(line));
  return {
    input,
    output,
    /** Every line that came out. */
    arrived,
    send: (message: Message | string): void =>
      void input.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`),
    /** Everything that came out, once it is so many lines. */
    async lines(count: number): Promise<readonly string[]> {
      while (arrived.length < count) await once(lines, "line");
      return arrived;
    },
    /** The answer to a request, as soon as it is there. */
    async answerTo(id: number): Promise<Answer> {
      for (;;) {
        const found = arrived.map((line): Answer => JSON.parse(line)).find((answer) => answer.id === id);
        if (found) return found;
        await once(lines, "line");
      }
    },
  };
}
