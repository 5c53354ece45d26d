import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A server on stdio that is spoken to in raw JSON-RPC lines, so that the client's own cost is the same for all. */
export class StdioChild {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: Record<string, unknown>) => void>();
  #nextId = 1;

  /** `node` is the path of the Node that runs it. */
  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    { node = process.execPath, isQuiet = false }: { readonly node?: string; readonly isQuiet?: boolean } = {},
  ) {
    this.#child = spawn(node, args, {
      stdio: ["pipe", "pipe", isQuiet ? "ignore" : "inherit"],
      env: { PATH: process.env["PATH"] ?? "", ...env },
    });
    const { stdout } = this.#child;
    if (!stdout) throw new Error("the child has no stdout");
    createInterface({ input: stdout }).on("line", (line) => {
      const message = JSON.parse(line) as Record<string, unknown>;
      this.#waiting.get(Number(message["id"]))?.(message);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async initialize(): Promise<void> {
    await this.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    });
    this.#child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  }

  /** Sends one request and answers its result; an error answer, or a tool's, throws. */
  async request(method: string, params: unknown): Promise<Record<string, unknown>> {
    const id = this.#nextId++;
    const message = await new Promise<Record<string, unknown>>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
    this.#waiting.delete(id);
    const result = message["result"] as Record<string, unknown> | undefined;
    if (!result || result["isError"]) throw new Error(JSON.stringify(message).slice(0, 600));
    return result;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin?.end();
    await ended;
  }
}
