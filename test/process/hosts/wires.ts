import { once } from "node:events";
import { createInterface } from "node:readline";
import { PROTOCOL_VERSION_META_KEY } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { RunningProgram } from "../../support/process/spawn.ts";
import type { Host } from "./hosts.ts";

const frame = z.looseObject({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  method: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }).optional(),
});
export type Frame = z.output<typeof frame>;
export type Id = number | string;

/** What a host's frames travel over. */
export type Wire = {
  /** Sends a request; what the server asks meanwhile is answered by `onAsked`. */
  request(sent: { readonly id: Id; readonly [name: string]: unknown }): Promise<Frame>;
  notify(sent: object): Promise<void>;
  /** Sends a request, gives it up, and says so. */
  giveUp(sent: { readonly id: Id; readonly [name: string]: unknown }): Promise<void>;
  /** Ends the connection as the host does. */
  disconnect(): Promise<void>;
};

/** Answers what a server asks of its client. */
export type OnAsked = (asked: Frame) => object;

const cancelled = (id: Id) => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId: id, reason: "AbortError: This operation was aborted" },
});

export function stdioWire(program: RunningProgram, onAsked: OnAsked): Wire {
  const { stdin, stdout } = program.process;
  if (!stdin || !stdout) throw new Error("The program has no pipes");
  const lines = createInterface({ input: stdout });
  const arrived: Frame[] = [];
  const write = (sent: object): void => void stdin.write(`${JSON.stringify(sent)}\n`);
  lines.on("line", (line) => {
    const read = frame.parse(JSON.parse(line));
    if (read.method !== undefined && read.id !== undefined)
      write({ jsonrpc: "2.0", id: read.id, result: onAsked(read) });
    else if (read.method === undefined) arrived.push(read);
  });
  const answerTo = async (id: Id): Promise<Frame> => {
    for (;;) {
      const found = arrived.find((answer) => answer.id === id);
      if (found) return found;
      await Promise.race([once(lines, "line"), program.exited.then(() => Promise.reject(new Error(program.stderr())))]);
    }
  };
  return {
    request(sent) {
      write(sent);
      return answerTo(sent.id);
    },
    notify: async (sent) => write(sent),
    async giveUp(sent) {
      write(sent);
      write(cancelled(sent.id));
    },
    async disconnect() {
      stdin.end();
      const code = await program.exited;
      if (code !== 0) throw new Error(`It ended with ${code}:\n${program.stderr()}`);
    },
  };
}

export function httpWire(url: string, { headers = {}, initialize, namesNoVersion }: Host): Wire {
  let isOpen = false;
  const versionHeader = (): Record<string, string> =>
    isOpen && !namesNoVersion ? { "MCP-Protocol-Version": initialize.protocolVersion } : {};
  const post = (sent: object, signal?: AbortSignal): Promise<Response> =>
    fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        ...headers,
        ...(isStateless(sent) ? statelessHeaders(sent) : versionHeader()),
      },
      body: JSON.stringify(sent),
      ...(signal && { signal }),
    });
  const notify = async (sent: object): Promise<void> => {
    const { status } = await post(sent);
    if (status !== 202) throw new Error(`A notification was answered with ${status}`);
    if (isOpen) return;
    isOpen = true;
    // The SDK's client asks for a stream of its own then, and goes on without one.
    const stream = await fetch(url, { headers: { ...headers, Accept: "text/event-stream" } });
    if (stream.status !== 405) throw new Error(`GET was answered with ${stream.status}`);
  };
  return {
    async request(sent) {
      const response = await post(sent);
      const text = await response.text();
      const origin = headers["Origin"];
      if (origin && response.headers.get("access-control-allow-origin") !== origin)
        throw new Error("No page can read it");
      return (
        framesOf(text).find(({ id }) => id === sent.id) ??
        frame.parse({ error: { code: response.status, message: text } })
      );
    },
    notify,
    async giveUp(sent) {
      const controller = new AbortController();
      const given = post(sent, controller.signal).then((response) => response.text());
      controller.abort();
      await given.catch(() => undefined);
      await notify(cancelled(sent.id));
    },
    async disconnect() {
      const { status } = await fetch(url, { method: "DELETE", headers });
      if (status !== 405) throw new Error(`DELETE was answered with ${status}`);
    },
  };
}

/** Since 2026-07-28 the headers repeat what the message says. */
function statelessHeaders(sent: object): Record<string, string> {
  const { method, params } = stateless.parse(sent);
  const name = params?.name ?? params?.uri;
  return {
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": method,
    ...(name !== undefined && { "Mcp-Name": name }),
  };
}

function isStateless(sent: object): boolean {
  return PROTOCOL_VERSION_META_KEY in (stateless.safeParse(sent).data?.params?._meta ?? {});
}

const stateless = z.object({
  method: z.string(),
  params: z
    .object({ name: z.string(), uri: z.string(), _meta: z.looseObject({}) })
    .partial()
    .optional(),
});

function framesOf(text: string): readonly Frame[] {
  const data = text.split("\n").filter((line) => line.startsWith("data: "));
  const messages = data.length > 0 ? data.map((line) => line.slice("data: ".length)) : [text];
  return messages.filter((message) => message.startsWith("{")).map((message) => frame.parse(JSON.parse(message)));
}
