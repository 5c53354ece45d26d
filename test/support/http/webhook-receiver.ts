import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** Of 32 bytes that are no secret to anybody. */
export const webhookSecret = `whsec_${Buffer.alloc(32, "webhook").toString("base64")}`;

const elsewhere = "/elsewhere";

/** What the receiver does with a request. `hang`: takes it and never answers; `break`: takes it and cuts the connection. */
export type Conduct =
  | "take"
  | "hang"
  | "break"
  | "redirect"
  /** 200 and a body without an end. */
  | "flood"
  /** 200 and half of a body. */
  | "half"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

export type Received = {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: of any shape, because what it should hold is what the tests are about
  readonly event: any;
  readonly batchId: string;
  readonly conduct: Conduct;
};

/**
 * Somebody's system that takes events over a real socket, and judges each by the library of Standard Webhooks. `conduct` decides what becomes of
 * a request; all that came is kept in order.
 */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** What the library did not accept, and why. */
  readonly refused: string[] = [];
  /** Requests that followed a redirect. */
  strays = 0;
  conduct: (event: Omit<Received, "conduct">) => Conduct = () => "take";
  readonly #library = new Webhook(webhookSecret);
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    // Safe: it listens on a port.
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/events`;
  }

  /** Those that were answered with success, in order, doubled ones too. */
  get taken(): readonly Received[] {
    return this.received.filter(({ conduct }) => ["take", "flood", "half"].includes(String(conduct)));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === elsewhere) {
      this.strays += 1;
      response.end();
      return;
    }
    const body = Buffer.concat(chunks).toString("utf8");
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      this.#library.verify(body, headers);
    } catch (error) {
      this.refused.push(String(error));
    }
    const event = JSON.parse(body);
    const known = { id: headers["webhook-id"] ?? "", event, batchId: event.data.batch_id };
    const conduct = this.conduct(known);
    this.received.push({ ...known, conduct });
    behave(conduct, request, response);
  }
}

function behave(conduct: Conduct, request: IncomingMessage, response: ServerResponse): void {
  if (typeof conduct === "object") response.writeHead(conduct.status, { ...conduct.headers }).end();
  else if (conduct === "take") response.writeHead(204).end();
  else if (conduct === "break") request.socket.destroy();
  else if (conduct === "redirect") response.writeHead(307, { location: elsewhere }).end();
  else if (conduct === "half") response.writeHead(200, { "content-length": "100" }).write("half");
  else if (conduct === "flood") flood(response.writeHead(200));
}

function flood(response: ServerResponse): void {
  const block = Buffer.alloc(64 * 1024, "x");
  const more = (): void => {
    if (response.destroyed) return;
    if (response.write(block)) setImmediate(more);
    else response.once("drain", more);
  };
  more();
}
