import type { Readable, Writable } from "node:stream";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { buildServerFactory, type ServedTools } from "./server.ts";

export type StdioOptions = ServedTools & {
  /** Whether the operator lets lists be read from the client's roots. Not unless given. */
  readonly readsRoots?: boolean;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
  /** The process's own stdin and stdout unless given. */
  readonly input?: Readable;
  readonly output?: Writable;
};

/**
 * Serves one client on stdin and stdout, in whichever protocol revision it opens with. Resolves when the connection is
 * over: the client closed its end, sent a message over 10 MB, or `signal` was aborted. Calls in progress are aborted.
 */
export async function serveOverStdio(options: StdioOptions): Promise<void> {
  const transport = new ObservedTransport(options.input, options.output);
  const caller = { principal: "local", takesForms: true, readsRoots: options.readsRoots ?? false };
  const handle = serveStdio(buildServerFactory(options, caller), {
    transport,
    onerror: (error) => options.log.warn({ err: error }, "trouble on the stdio connection"),
  });
  const close = (): void => void handle.close();
  options.signal.addEventListener("abort", close, { once: true });
  if (options.signal.aborted) close();
  await transport.closed;
  options.signal.removeEventListener("abort", close);
}

/** Every end of the connection passes through `close`; the SDK tells nobody else of it. */
class ObservedTransport extends StdioServerTransport {
  readonly closed: Promise<void>;
  #markClosed = (): void => {};

  constructor(input?: Readable, output?: Writable) {
    super(input, output);
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
  }

  override async close(): Promise<void> {
    await super.close();
    this.#markClosed();
  }
}
