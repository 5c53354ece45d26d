import { createServer, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { toFailureBody } from "../../contract/envelope.ts";
import { Problem } from "../../domain/problem.ts";

export type HttpServer = {
  readonly url: string;
  /** Takes no more requests and resolves when those in hand are answered. */
  close(): Promise<void>;
};

/** Listens; port 0 = any free one. Throws a `Problem` when the address is taken or not ours. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  host: string,
  port: number,
): Promise<HttpServer> {
  // The service shares its process with others, whose Request and Response must stay what they are.
  const server = createServer(getRequestListener(fetch, { overrideGlobalObjects: false }));
  const inHand = new Set<ServerResponse>();
  const cutIdle = (): void => {
    if (!server.listening && inHand.size === 0) server.closeAllConnections();
  };
  server.on("clientError", answerNoHttp);
  server.on("request", (_request, response) => {
    inHand.add(response);
    response.once("close", () => {
      inHand.delete(response);
      cutIdle();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, resolve);
  });
  const close = (): Promise<void> =>
    new Promise((closed, failed) => {
      server.close((error) => (error ? failed(error) : closed()));
      cutIdle();
    });
  return { url: toUrl(host, server.address()), close };
}

/** What is no HTTP never becomes a request; it is answered in the envelope like every other failure. */
function answerNoHttp(_error: Error, socket: Duplex): void {
  if (!socket.writable) return;
  const body = JSON.stringify(toFailureBody("Bad request", "This is not a valid HTTP/1.1 request."));
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`HTTP/1.1 400 Bad Request\r\n${head}\r\n\r\n${body}`);
}

function toUrl(host: string, address: ReturnType<ReturnType<typeof createServer>["address"]>): string {
  if (address === null || typeof address === "string")
    throw new Error(`The service listens on ${address}, not on a port.`);
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}

function cannotListen(host: string, port: number, cause: Error): Problem {
  const isTaken = "code" in cause && cause.code === "EADDRINUSE";
  const why = isTaken
    ? "another program already listens there. Stop it, or set BATCH_CALL_SERVICE_PORT to another port"
    : cause.message;
  return new Problem("unavailable", `The service cannot listen on ${host}:${port}: ${why}.`, { cause });
}
