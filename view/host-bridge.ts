// The protocol of MCP Apps, revision 2026-01-26: JSON-RPC 2.0 by postMessage between a view and the host that shows it.

type Message = {
  readonly jsonrpc: "2.0";
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
};

type Pending = { resolve(result: unknown): void; reject(error: Error): void };

/** What a view is told by its host; each is called with the `params` of the message. */
export type HostNotices = Readonly<Record<string, (params: Record<string, unknown>) => void>>;

const longestWaitMs = 60_000;

/** A host that shows this page in a frame. It is heard and nobody else: what another window sends is dropped. */
export class HostBridge {
  readonly #host: Window;
  readonly #notices: HostNotices;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor(host: Window, notices: HostNotices) {
    this.#host = host;
    this.#notices = notices;
    addEventListener("message", ({ source, data }: MessageEvent) => {
      if (source === host && isMessage(data)) this.#take(data);
    });
  }

  /** Rejects with the host's words where it refuses, and after a minute without an answer. */
  request(method: string, params: Record<string, unknown>): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id)?.reject(new Error("The host did not answer.")), longestWaitMs);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.#pending.set(id, { resolve: settled(resolve), reject: settled(reject) });
      this.#send({ jsonrpc: "2.0", id, method, params });
    });
  }

  notify(method: string, params: Record<string, unknown> = {}): void {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  #take({ id, method, params = {}, result, error }: Message): void {
    if (method === undefined) {
      const pending = this.#settle(Number(id));
      if (error) pending?.reject(new Error(error.message));
      else pending?.resolve(result);
      return;
    }
    this.#notices[method]?.(params);
    if (id === undefined) return;
    // A host asks whether the view is there, and tells it that it goes.
    const isKnown = method === "ping" || method === "ui/resource-teardown";
    this.#send({
      jsonrpc: "2.0",
      id,
      ...(isKnown ? { result: {} } : { error: { code: -32601, message: "This view does not know that method." } }),
    });
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  /** The origin of a host's frame is not known to what it frames; what is sent holds nothing that the host does not have. */
  #send(message: Message): void {
    this.#host.postMessage(message, "*");
  }
}

function isMessage(data: unknown): data is Message {
  return typeof data === "object" && data !== null && "jsonrpc" in data && data.jsonrpc === "2.0";
}
