import { PassThrough } from "node:stream";
import { isObject } from "../../../src/contract/envelope.ts";
import { parseJson } from "../../../src/domain/json-text.ts";
import type { ServedTools } from "../../../src/mcp/served.ts";
import { serveOverStdio } from "../../../src/mcp/stdio.ts";

export type Reply = Readonly<Record<string, unknown>>;

/** The client's end of a stdio connection to a server in this process, which may write any bytes. */
export class StdioPeer {
  readonly over: Promise<void>;
  /** Every line that came and that `take` did not take yet. */
  #lines: string[] = [];
  #rest = "";
  readonly #input = new PassThrough();
  readonly #waiting = new Map<unknown, (reply: Reply) => void>();
  readonly #ending = new AbortController();
  /** Answers a request of the server, such as a form. */
  #onAsked: (method: string) => object = () => ({});

  constructor(served: ServedTools) {
    const output = new PassThrough();
    const { signal } = this.#ending;
    this.over = serveOverStdio({ ...served, signal, input: this.#input, output });
    output.on("data", (chunk: Buffer) => this.#read(chunk.toString()));
  }

  /** Opens the connection in that revision of the protocol, from before 2026. */
  async open(protocolVersion: string, capabilities: object = {}, onAsked?: (method: string) => object): Promise<void> {
    if (onAsked) this.#onAsked = onAsked;
    const params = { protocolVersion, capabilities, clientInfo: { name: "fuzz", version: "1" } };
    await this.ask(JSON.stringify({ jsonrpc: "2.0", id: "open", method: "initialize", params }), "open");
    this.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  }

  write(bytes: string | Uint8Array): void {
    this.#input.write(bytes);
  }

  /** Resolves with the answer that has that id. */
  ask(line: string, id: unknown): Promise<Reply> {
    const answer = this.answerTo(id);
    this.write(`${line}\n`);
    return answer;
  }

  answerTo(id: unknown): Promise<Reply> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** The lines that came since. */
  take(): readonly string[] {
    return this.#lines.splice(0);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.over;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    this.#lines.push(line);
    const message = parseJson(line);
    for (const one of Array.isArray(message) ? message : [message]) if (isObject(one)) this.#hear(one);
  }

  #hear(message: Reply): void {
    const { id, method } = message;
    if (typeof method === "string") {
      if (id !== undefined) this.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: this.#onAsked(method) })}\n`);
      return;
    }
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }
}

const patienceMs = 20_000;

/** The answer; undefined where none came in time. `onLate` is given the chance to let time pass that the answer may wait for. */
export async function inTime<T>(
  answer: Promise<T>,
  onLate: () => Promise<unknown> = async () => {},
): Promise<T | undefined> {
  for (const waitMs of [patienceMs / 10, patienceMs]) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, waitMs, undefined);
    });
    const first = await Promise.race([answer, late]);
    clearTimeout(timer);
    if (first !== undefined) return first;
    await onLate();
  }
  return undefined;
}
