import {
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResultResponse,
  type McpServer,
  PerRequestHTTPServerTransport,
  type ProtocolEra,
  type RequestId,
  type TransportSendOptions,
} from "@modelcontextprotocol/server";

/** Who asked one request, and is told of that one alone. Nothing comes after the answer. */
export type Asker = {
  /** `text` is the whole answer as JSON; `code` that of the error that it is. */
  answer(text: string, code?: number): void;
  /** Something on the way to the answer: progress, a notice. */
  tell(text: string): void;
};

/** The revision that a server of the newest era speaks. */
export const statelessRevision = "2026-07-28";

type Open = { readonly id: RequestId; readonly asker: Asker; readonly isList: boolean };

/**
 * The SDK's transport for one exchange, made to last for many. Clients choose their ids alike, and an instance that took them as they
 * are would hand one client the answer of another (CVE-2026-111770); so each request gets an id here that no other ever had, and what is
 * sent about it finds its asker by that id alone, or nobody. What names no request is for nobody.
 */
class ManyExchanges extends PerRequestHTTPServerTransport {
  readonly #classification: { readonly era: ProtocolEra; readonly revision?: string };
  readonly #open = new Map<RequestId, Open>();
  #nextId = 1;
  /** The list of tools is the same for everybody. */
  #list: string | undefined;

  constructor(era: ProtocolEra) {
    // The base class binds the server to the revision that it finds here.
    const classification = era === "modern" ? { era, revision: statelessRevision } : { era };
    super({ classification });
    this.#classification = classification;
  }

  override async start(): Promise<void> {}

  override async close(): Promise<void> {
    this.#open.clear();
    this.onclose?.();
  }

  ask(request: JSONRPCRequest, asker: Asker): () => void {
    const isList = request.method === "tools/list" && Object.keys(request.params ?? {}).every((key) => key === "_meta");
    if (isList && this.#list !== undefined) {
      asker.answer(`{"result":${this.#list},"jsonrpc":"2.0","id":${JSON.stringify(request.id)}}`);
      return () => {};
    }
    const id = this.#nextId++;
    this.#open.set(id, { id: request.id, asker, isList });
    this.onmessage?.({ ...request, id }, { classification: this.#classification });
    return () => {
      if (!this.#open.delete(id)) return;
      this.onmessage?.(
        { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } },
        { classification: this.#classification },
      );
    };
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!("method" in message)) return this.#answer(message);
    const open = options?.relatedRequestId === undefined ? undefined : this.#open.get(options.relatedRequestId);
    open?.asker.tell(JSON.stringify(message));
  }

  #answer(message: JSONRPCResultResponse | JSONRPCErrorResponse): void {
    const open = message.id === undefined ? undefined : this.#open.get(message.id);
    if (!open || message.id === undefined) return;
    this.#open.delete(message.id);
    const { id, asker, isList } = open;
    if ("result" in message && isList) this.#list = JSON.stringify(message.result);
    asker.answer(JSON.stringify({ ...message, id }), "error" in message ? message.error.code : undefined);
  }
}

/** A server that lasts and serves many requests at once, of one era of the protocol. It knows nothing of who asks. */
export class StandingServer {
  readonly #transport: ManyExchanges;

  private constructor(transport: ManyExchanges) {
    this.#transport = transport;
  }

  static async open(server: McpServer, era: ProtocolEra): Promise<StandingServer> {
    const transport = new ManyExchanges(era);
    await server.connect(transport);
    return new StandingServer(transport);
  }

  /** Returns what gives the request up: nothing more is told of it then, and its work is asked to end. */
  ask(request: JSONRPCRequest, asker: Asker): () => void {
    return this.#transport.ask(request, asker);
  }
}
