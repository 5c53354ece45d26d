import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Clock } from "../../../src/lib/clock.ts";
import type { FaultPlan } from "./wire-faults.ts";

const lateMs = 60_000;

/**
 * A TCP proxy before an API. Bytes go through as they are, but for the next write once a fault is armed: creates,
 * executes and edits, which come on connections of their own.
 */
export class FaultProxy {
  /** How many requests are held up until time passes. */
  held = 0;
  readonly #clock: Clock;
  readonly #target: number;
  readonly #redirectTo: string;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#accept(client));
  #armed: FaultPlan | undefined;

  private constructor(clock: Clock, targetUrl: string, redirectTo: string) {
    this.#clock = clock;
    this.#target = Number(new URL(targetUrl).port);
    this.#redirectTo = redirectTo;
  }

  static async start(clock: Clock, targetUrl: string, redirectTo: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(clock, targetUrl, redirectTo);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Safe: the server listens on TCP from `start` on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  arm(plan: FaultPlan): void {
    this.#armed = plan;
  }

  get isArmed(): boolean {
    return this.#armed !== undefined;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    this.#keep(client);
    client.once("data", (first: Buffer) => {
      const plan = isWrite(first) ? this.#armed : undefined;
      if (!plan) return this.#passThrough(client, first);
      this.#armed = undefined;
      void this.#fail(client, first, plan);
    });
  }

  #passThrough(client: Socket, first: Buffer): void {
    const upstream = this.#keep(connect(this.#target, "127.0.0.1"));
    upstream.write(first);
    client.pipe(upstream).pipe(client);
  }

  async #fail(client: Socket, first: Buffer, plan: FaultPlan): Promise<void> {
    if (plan.fault === "reset_before_body") return void client.resetAndDestroy();
    const request = await readRequest(client, first);
    const isHeld = plan.fault === "silence" || plan.fault === "late_answer" || plan.fault === "late_request";
    if (isHeld) this.#hold(client);
    if (plan.arrival === "late") await this.#later();
    const answer = plan.arrival === "never" ? Buffer.alloc(0) : await this.#exchange(request);
    if (plan.fault === "late_answer") await this.#later();
    this.#answer(client, answer, plan);
  }

  #answer(client: Socket, answer: Buffer, { fault, run }: FaultPlan): void {
    if (client.destroyed) return;
    switch (fault) {
      case "reset_after_body":
        return void client.resetAndDestroy();
      case "truncated":
        return void client.end(answer.subarray(0, Math.floor(answer.length * truncatedTo(run))));
      case "garbled":
        return void client.end(garbage[run % garbage.length] ?? "");
      case "redirect":
        return void client.end(redirect(run, this.#redirectTo));
      case "silence":
        return;
    }
    client.end(typeof fault === "number" ? statusAnswer(fault) : answer);
  }

  /** Counts the request as held up until its client gives up. */
  #hold(client: Socket): void {
    this.held++;
    client.once("close", () => this.held--);
  }

  #later(): Promise<void> {
    const at = new Date(this.#clock.now().getTime() + lateMs);
    return new Promise((resolve) => void this.#clock.at(at, resolve));
  }

  /** The whole answer of the API. */
  async #exchange(request: Buffer): Promise<Buffer> {
    const upstream = this.#keep(connect(this.#target, "127.0.0.1"));
    upstream.write(request.toString("latin1").replace(/^connection: .*$/im, "connection: close"), "latin1");
    const chunks: Buffer[] = [];
    for await (const chunk of upstream) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

function isWrite(first: Buffer): boolean {
  return /^(POST \/batch-call(\/[^/]+\/execute)?|PATCH \/\S+) HTTP/.test(first.toString("latin1"));
}

async function readRequest(client: Socket, first: Buffer): Promise<Buffer> {
  let request = first;
  while (!isWhole(request)) {
    const [chunk]: Buffer[] = await once(client, "data");
    if (chunk) request = Buffer.concat([request, chunk]);
  }
  return request;
}

function isWhole(request: Buffer): boolean {
  const end = request.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const [, length = "0"] = /^content-length: (\d+)$/im.exec(request.subarray(0, end).toString("latin1")) ?? [];
  return request.length >= end + 4 + Number(length);
}

/** Within the head, within the body, and right before the last bytes. */
function truncatedTo(run: number): number {
  return [0.1, 0.6, 0.9, 0.99][run % 4] ?? 0.5;
}

const asJson = (text: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

// Pairs, because every second run of a fault never arrives.
const garbage: readonly string[] = [
  asJson("<html><body>It works!</body></html>"),
  asJson('{"message":"ok","data":{"batch_call_'),
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\u0000\u0001\u0002",
  asJson('["done"]'),
].flatMap((text) => [text, text]);

function redirect(run: number, to: string): string {
  const status = [301, 302, 303, 307, 308][Math.floor(run / 2) % 5];
  return `HTTP/1.1 ${status} Moved\r\nlocation: ${to}/batch-call\r\ncontent-length: 0\r\n\r\n`;
}

function statusAnswer(status: number): string {
  const text = '{"message":"no","status":"error","error":"Not now"}';
  return `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}
