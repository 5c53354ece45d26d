import type { Readable, Writable } from "node:stream";
import { INVALID_REQUEST, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { organizationOwner } from "../domain/access.ts";
import { parseJson } from "../domain/json-text.ts";
import type { Log } from "../lib/log.ts";
import type { ResourceWatch } from "../resources/resource-watch.ts";
import { OpenBatches, readBatch } from "./batches.ts";
import { type Frame, frameError, idInText, readFrame, refuseText } from "./frames.ts";
import { refuseListening, StdioListening } from "./listening.ts";
import type { ServedTools } from "./served.ts";
import { buildResourceWatch, buildServerFactory, servingOne } from "./server.ts";
import { type Line, StdioLines } from "./stdio-lines.ts";

export type StdioOptions = ServedTools & {
  /** Whether the operator lets lists be read from the client's roots. Not unless given. */
  readonly readsRoots?: boolean;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
  /** Results that the client has already, as text by the id of its request. They are not sent again. */
  readonly answered?: Map<string | number, string>;
  /** The process's own stdin and stdout unless given. */
  readonly input?: Readable;
  readonly output?: Writable;
};

/**
 * Serves one client on stdin and stdout, in whichever protocol revision it opens with. Resolves when the connection is
 * over: the client closed its end, or `signal` was aborted. Calls in progress are aborted.
 */
export async function serveOverStdio(options: StdioOptions): Promise<void> {
  const readsRoots = options.readsRoots ?? false;
  const caller = {
    principal: "local",
    owner: organizationOwner,
    access: { kind: "all" },
    takesForms: true,
    readsRoots,
  } as const;
  const watch = buildResourceWatch(options, caller);
  const sent = new SentBefore(options.answered, options.log);
  const transport = new AnsweringTransport(watch, sent, options.input, options.output);
  const handle = serveStdio(buildServerFactory(options, servingOne(options, caller, watch)), {
    transport,
    onerror: (error) => options.log.warn({ err: error }, "trouble on the stdio connection"),
  });
  const close = (): void => void handle.close();
  options.signal.addEventListener("abort", close, { once: true });
  if (options.signal.aborted) close();
  await transport.closed;
  options.signal.removeEventListener("abort", close);
}

// As the SDK's. The largest legal batch is a message of 5.2 MB.
const maxLineBytes = 10 * 1024 * 1024;
const tooLong = "A message is at most 10 MB long. Give a long list as tasks_file.";

/**
 * The SDK's transport drops lines that it cannot read, so that a host waits until its time is up, and ends the connection at a long
 * one. This one answers each. Every end of the connection passes through `close`; the SDK tells nobody else of it.
 */
class AnsweringTransport extends StdioServerTransport {
  readonly closed: Promise<void>;
  readonly #lines = new StdioLines(maxLineBytes);
  readonly #batches = new OpenBatches();
  readonly #listening: StdioListening;
  readonly #sentBefore: SentBefore;
  #markClosed = (): void => {};

  constructor(watch: ResourceWatch, sentBefore: SentBefore, input?: Readable, output?: Writable) {
    super(input, output);
    this.#sentBefore = sentBefore;
    this.#listening = new StdioListening(watch, (message) => this.#answer(message));
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
  }

  override _ondata = (chunk: Buffer): void => {
    for (const line of this.#lines.take(chunk)) this.#read(line);
  };

  override async send(message: JSONRPCMessage): Promise<void> {
    this.#listening.sent(message);
    if (this.#sentBefore.has(message)) return;
    const out = this.#batches.answer(message);
    if (out !== undefined) await super.send(asMessage(out));
  }

  override async close(): Promise<void> {
    this.#listening.close();
    await super.close();
    this.#markClosed();
  }

  #read(line: Line): void {
    if ("tooLong" in line) {
      this.#answer(frameError(idInText(line.tooLong), INVALID_REQUEST, tooLong));
      return;
    }
    // A byte order mark comes from a file that was piped in.
    const text = line.text.replace(/^\uFEFF/, "");
    if (text.trim() === "") return;
    const value = parseJson(text);
    if (Array.isArray(value)) this.#readBatch(value);
    else this.#readOne(value === undefined ? { refusal: refuseText(text) } : readFrame(value));
  }

  #readOne(frame: Frame): void {
    if (frame && "refusal" in frame) this.#answer(frame.refusal);
    else if (frame) this.#deliver(frame.message);
  }

  #readBatch(values: readonly unknown[]): void {
    const batch = readBatch(values);
    if ("error" in batch) {
      this.#answer(batch);
      return;
    }
    const answers = this.#batches.add(batch);
    if (answers && answers.length > 0) this.#answer(answers);
    for (const message of batch.messages) this.#deliver(message);
  }

  #deliver(message: JSONRPCMessage): void {
    this.#listening.received(message);
    const refusal = refuseListening(message);
    if (refusal) {
      this.#answer(refusal);
      return;
    }
    const completed = this.#batches.cancelled(message);
    if (completed !== undefined) this.#answer(completed);
    this.onmessage?.(message);
  }

  #answer(out: unknown): void {
    super.send(asMessage(out)).catch((error: Error) => this.onerror?.(error));
  }
}

/** What a client was answered before this server was there, which answers it too. */
class SentBefore {
  readonly #results: Map<string | number, string>;
  readonly #log: Log;

  constructor(results: Map<string | number, string> | undefined, log: Log) {
    this.#results = results ?? new Map();
    this.#log = log;
  }

  has(message: JSONRPCMessage): boolean {
    if (this.#results.size === 0 || !("id" in message) || "method" in message || message.id === undefined) return false;
    const before = this.#results.get(message.id);
    if (before === undefined) return false;
    this.#results.delete(message.id);
    const now = "result" in message ? JSON.stringify(message.result) : undefined;
    if (now !== before) this.#log.warn({ id: message.id }, "a first answer was another than this server's own");
    return true;
  }
}

/** Safe: the SDK's `send` writes what it is given as JSON. Its type knows neither batches nor an error without the id of a request. */
function asMessage(out: unknown): JSONRPCMessage {
  return out as JSONRPCMessage;
}
