export type HttpRequest = {
  readonly origin: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HttpAnswer = {
  readonly kind: "answer";
  readonly status: number;
  /** In lower case; of a header that came twice, the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/**
 * Why there is no answer. `not_connected` proves that nothing was sent; the others leave open how far the request got.
 * `code` is the system's or the library's short name for it.
 */
type NoAnswer = { readonly kind: "not_connected" | "silent" | "broken" | "too_large"; readonly code: string };

export type Exchange = HttpAnswer | NoAnswer;

/** A service of this process, asked without a socket: what crosses is the same, and so is what comes of it. Never throws. */
export type InProcess = (request: HttpRequest) => Promise<Exchange>;

/** HTTP without redirects and without repeats of its own. Never throws for what the network does. */
export type Connections = {
  /** May use a connection that is already open. */
  exchange(request: HttpRequest): Promise<Exchange>;
  /** On a connection of its own: one that was kept open can be closing just then, and the fate of a write be unknown. */
  exchangeAfresh(request: HttpRequest): Promise<Exchange>;
  close(): Promise<void>;
};
