import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createSelfSigned } from "./self-signed.ts";

/** Servers that nothing should ever be sent to: one on http, and one on https whose certificate nobody vouches for. */
export class OtherOrigin {
  /** What reached them all the same: each request with its headers. */
  readonly received: string[] = [];
  readonly #plain = createServer((request, response) => this.#take(request, response));
  readonly #selfSigned = createTlsServer(createSelfSigned(), (request, response) => this.#take(request, response));

  static async start(): Promise<OtherOrigin> {
    const origin = new OtherOrigin();
    for (const server of origin.#servers) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#plain)}`;
  }

  get selfSignedUrl(): string {
    return `https://127.0.0.1:${portOf(this.#selfSigned)}`;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  }

  get #servers() {
    return [this.#plain, this.#selfSigned] as const;
  }

  #take({ method, url, rawHeaders }: IncomingMessage, response: ServerResponse): void {
    this.received.push(`${method} ${url} ${rawHeaders.join(" ")}`);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }
}

/** Safe: it listens on TCP. */
function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
