import type { ServerResponse } from "node:http";
import type { Accepted } from "./http-exchange.ts";
import type { Asker } from "./standing-server.ts";

/** A client that hears nothing for so long may take the server for gone, and so may a proxy between them. */
const silentForMs = 15_000;
const lookEveryMs = 5_000;
/** -32021 of 2026-07-28: the client did not say that it can be asked. */
const missingCapability = -32021;

/** The answer to one request, as JSON; as a stream of events where something is told on the way, or where it takes long and the client takes a stream. */
export class HttpAnswer implements Asker {
  readonly #outgoing: ServerResponse;
  readonly #accepted: Accepted;
  #isStream = false;
  /** A client that reads slowly, or asked before an earlier answer came, has yet to get what was answered. */
  #isOver = false;
  #lastAtMs = performance.now();

  constructor(outgoing: ServerResponse, accepted: Accepted) {
    this.#outgoing = outgoing;
    this.#accepted = accepted;
  }

  answer(text: string, code?: number): void {
    this.#isOver = true;
    if (this.#accepted === "stream" || this.#isStream) {
      this.#write(toEvent(text));
      this.#outgoing.end();
    } else sendJson(this.#outgoing, code === missingCapability ? 400 : 200, text);
  }

  tell(text: string): void {
    if (this.#accepted !== "json") this.#write(toEvent(text));
  }

  /** Keeps up a connection on which nothing was said for long. */
  keepUp(nowMs: number): void {
    if (this.#isOver || this.#accepted === "json" || this.#outgoing.writableNeedDrain) return;
    if (nowMs - this.#lastAtMs >= silentForMs) this.#write(": keepalive\n\n");
  }

  #write(text: string): void {
    this.#lastAtMs = performance.now();
    if (!this.#isStream) this.#outgoing.writeHead(200, streamHeaders);
    this.#isStream = true;
    this.#outgoing.write(text);
  }
}

// Without `Connection`: whether that stays is Node's to say, by what the client asked for.
const streamHeaders = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
};

function toEvent(text: string): string {
  return `event: message\ndata: ${text}\n\n`;
}

export function sendJson(
  outgoing: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const length = Buffer.byteLength(text);
  outgoing.writeHead(status, { ...headers, "Content-Type": "application/json", "Content-Length": length });
  outgoing.end(text);
}

/** Answers that are under way, kept up by one timer for all. */
export class OpenAnswers {
  readonly #open = new Set<HttpAnswer>();
  #timer: NodeJS.Timeout | undefined;

  /** Returns what is called once the answer is over. */
  add(answer: HttpAnswer): () => void {
    this.#open.add(answer);
    this.#timer ??= setInterval(() => this.#keepUp(), lookEveryMs).unref();
    return () => void this.#open.delete(answer);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #keepUp(): void {
    const now = performance.now();
    for (const answer of this.#open) answer.keepUp(now);
  }
}
