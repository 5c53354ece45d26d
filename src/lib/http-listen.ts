import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { RequestTurns } from "./request-turns.ts";
import { errorCode } from "./system.ts";

/** Longer than clients keep a connection that nothing is asked on: one that is closed while a request is on its way fails it. */
const idleMs = 65_000;

export type HttpListener = {
  /** Scheme, host and port, without a path. */
  readonly origin: string;
  /** Takes no more requests and resolves when those in hand are answered. Closing once more, either way, changes nothing but that. */
  drain(): Promise<void>;
  /** Ends every connection, also those with a request in hand. */
  cut(): Promise<void>;
};

export type ListenOptions = {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** The JSON sent with status 400 to whoever does not speak HTTP/1.1. */
  readonly badRequest: object;
  /** True where the listener must not keep the process alive. */
  readonly isInBackground?: boolean;
  /** Is given each request first, before anything of it was read; false leaves it to the fetch handler. */
  readonly takesFirst?: (exchange: NodeExchange) => boolean;
};

/** What a fetch handler is given beside the request: Node's own exchange, for what a `Response` does not tell. */
export type NodeExchange = { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };

/** Serves a Hono app, or any other fetch handler, over HTTP. Rejects with the system's error when it cannot listen. */
export async function listen(
  fetch: (request: Request, exchange: NodeExchange) => Response | Promise<Response>,
  { host, port, badRequest, isInBackground, takesFirst }: ListenOptions,
): Promise<HttpListener> {
  // Other parts of the process use Request and Response too; for them they stay what they are.
  // Safe: a server of `node:http` speaks no HTTP/2.
  const listener = getRequestListener((request, env) => fetch(request, env as NodeExchange), {
    overrideGlobalObjects: false,
  });
  const turns = new RequestTurns();
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    // Nobody waits for it any more.
    if (outgoing.closed || takesFirst?.({ incoming, outgoing })) return;
    void listener(incoming, outgoing);
  };
  const server = createServer({ keepAliveTimeout: idleMs }, (incoming, outgoing) =>
    turns.take(() => serve(incoming, outgoing)),
  );
  server.on("connection", () => turns.connected());
  server.on("clientError", (_error, socket) => answerNoHttp(socket, badRequest));
  const inHand = trackResponses(server);
  // Whoever connects while the process is busy waits, as far as the system lets them: it cuts this down to its own limit.
  server.listen({ port, host, backlog: 4096 });
  await once(server, "listening");
  if (isInBackground) server.unref();
  const close = async (cutNow: () => void): Promise<void> => {
    if (!server.listening) return cutNow();
    const closed = once(server, "close");
    server.close();
    cutNow();
    await closed;
  };
  return {
    origin: `http://${isIPv6(host) ? `[${host}]` : host}:${portOf(server)}`,
    drain: () => close(() => inHand.cutWhenIdle()),
    cut: () => close(() => server.closeAllConnections()),
  };
}

/** Why an address cannot be listened on, and what to do; `setting` is the common start of the settings' names. */
export function explainListenError(error: unknown, setting: string): string {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return `another program listens there. Stop it, or set ${setting}_PORT to another port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `this machine has no such address. Set ${setting}_HOST to one that it has.`;
    case "EACCES":
      return `the system does not allow it. Set ${setting}_PORT to a port above 1023.`;
    default:
      return `the system refused it: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * The body, counted while it comes in; undefined when it is larger than `maxBytes`. Hono's `bodyLimit` makes a new Request
 * of a body whose length is not announced, which this listener's requests do not allow.
 */
export async function readBody({ headers, body }: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(headers.get("content-length") ?? 0) > maxBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The same of a request of Node's. Rejects when it breaks off. */
export function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    // Nothing more is told of one that broke off before.
    if (incoming.destroyed) return reject(new Error("The request broke off"));
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) resolve(undefined);
      else chunks.push(chunk);
    });
    incoming.once("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    incoming.once("error", reject);
  });
}

/** Sends the answer of a fetch handler; one that is given up is not read to its end. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!response.body) return void outgoing.end();
  const reader = response.body.getReader();
  const giveUp = (): void => void reader.cancel().catch(() => {});
  outgoing.once("close", giveUp);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!outgoing.write(value)) await once(outgoing, "drain");
  }
  outgoing.off("close", giveUp);
  outgoing.end();
}

/** Keep-alive connections without a request would hold back the end of a server that drains. */
function trackResponses(server: Server): { cutWhenIdle(): void } {
  const inHand = new Set<ServerResponse>();
  const cutWhenIdle = (): void => {
    if (!server.listening && inHand.size === 0) server.closeAllConnections();
  };
  server.on("request", (_request, response) => {
    inHand.add(response);
    response.once("close", () => {
      inHand.delete(response);
      cutWhenIdle();
    });
  });
  return { cutWhenIdle };
}

function answerNoHttp(socket: Duplex, badRequest: object): void {
  if (!socket.writable) return;
  const body = JSON.stringify(badRequest);
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`HTTP/1.1 400 Bad Request\r\n${head}\r\n\r\n${body}`);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`The server listens on ${address}, not a port.`);
  return address.port;
}
