import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the server does with one request. */
export type Step = (response: ServerResponse) => void;

export type SeenRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The same for requests that came over one connection. */
  readonly connection: number;
};

/** A server that answers each request with the next step of its script, and every further one with the last. */
export class ScriptedServer {
  readonly seen: SeenRequest[] = [];
  readonly #server;
  readonly #steps: Step[];
  readonly #awaited: { readonly count: number; readonly resolve: () => void }[] = [];

  private constructor(steps: Step[]) {
    this.#steps = steps;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(...steps: Step[]): Promise<ScriptedServer> {
    const server = new ScriptedServer(steps);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** An address at which nothing listens any more. */
  static async deserted(): Promise<string> {
    const server = await ScriptedServer.start();
    const url = server.url;
    await server.close();
    return url;
  }

  get url(): string {
    // Safe: the server listens on TCP from `start` on.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when so many requests came in whole. */
  received(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited.push({ count, resolve });
      this.#tell();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const body = await text(request);
    this.seen.push({ method, url, headers, body, connection: request.socket.remotePort ?? 0 });
    this.#tell();
    const step = this.#steps[Math.min(this.seen.length, this.#steps.length) - 1];
    step?.(response);
  }

  #tell(): void {
    for (const { count, resolve } of this.#awaited) if (this.seen.length >= count) resolve();
  }
}

/** Answers in JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Step {
  return (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Returns with text as it is. */
export function raw(status: number, body: string, headers: Record<string, string> = {}): Step {
  return (response) => response.writeHead(status, headers).end(body);
}

/** Takes the request and says nothing. */
export const silence: Step = () => {};

/** Resets the connection before the first byte of an answer. */
export const reset: Step = (response) => response.socket?.resetAndDestroy();

/** Resets the connection in the middle of the answer's body. */
export const resetInBody: Step = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"batch_call_id":', () => response.socket?.resetAndDestroy());
};

/** Ends the connection in good order before the promised length is reached. */
export const truncated: Step = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"batch_call_id":', () => response.socket?.end());
};

/** 9 MiB of well-formed JSON. */
export const oversized: Step = (response) => {
  response.writeHead(200, { "content-type": "application/json" }).end(`{"filler":"${"x".repeat(9 * 1024 * 1024)}"}`);
};
