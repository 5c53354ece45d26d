import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Stands before a service and hands everything through, but for the answers to some creates. */
export class BreakingProxy {
  target = "";
  /** So many of the next creates get a broken connection instead of their answer. */
  lostAnswers = 0;
  /** So many of the next creates get no answer at all. */
  withheldAnswers = 0;
  /** Resolves when an answer was withheld. */
  readonly withheld: Promise<void>;
  #tellWithheld: () => void = () => {};
  readonly #server = createServer((request, response) => void this.#forward(request, response));

  private constructor() {
    this.withheld = new Promise((resolve) => {
      this.#tellWithheld = resolve;
    });
  }

  static async start(): Promise<BreakingProxy> {
    const proxy = new BreakingProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    // Safe: the server listens on TCP from `start` on.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    const body = await buffer(request);
    const kept = Object.entries(headers).filter(([name]) => /^x-|content-type|idempotency-key/.test(name));
    const answer = await fetch(this.target + url, {
      method,
      headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const text = await answer.text();
    const isCreate = method === "POST" && url === "/batch-call";
    if (isCreate && this.withheldAnswers-- > 0) return this.#tellWithheld();
    if (isCreate && this.lostAnswers-- > 0) return void response.socket?.resetAndDestroy();
    response
      .writeHead(answer.status, {
        "content-type": "application/json",
        "x-environment": answer.headers.get("x-environment") ?? "",
      })
      .end(text);
  }
}
