import * as http from "node:http";
import * as https from "node:https";
import type { Clock } from "../../lib/clock.ts";
import { packageVersion } from "../../lib/version.ts";

const answerDeadlineMs = 15_000;
/** After the status is known: long enough for a short body, so that the connection can be used again. */
const bodyDeadlineMs = 1_000;
const maxBodyBytes = 4_096;

/** What a URL said to one event. `why` is for people, and has nothing of the URL. */
export type PostAnswer =
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly why: string; readonly retryAfterMs?: number }
  /** 410: nothing is wanted there any more. */
  | { readonly kind: "gone" }
  /** It was closed meanwhile: whether the event arrived is open. */
  | { readonly kind: "closed" };

/** Connections to one URL, for nothing else. */
export type Poster = {
  /** Resolves within some 16 s, whatever the other side does. A redirect is a failure; what is answered beside the status is not read. */
  post(headers: Readonly<Record<string, string>>, body: string): Promise<PostAnswer>;
  /** Breaks off what is on its way. */
  close(): void;
};

/** Node's own client, because it never follows a redirect or repeats a POST by itself; undici belongs to `client/`. */
export function openPoster(url: string, connections: number, clock: Clock): Poster {
  const target = new URL(url);
  const { Agent, request: send } = target.protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const onTheirWay = new Set<http.ClientRequest>();
  let isClosed = false;

  async function post(headers: Readonly<Record<string, string>>, body: string, isFresh = false): Promise<PostAnswer> {
    const request = send(target, {
      method: "POST",
      agent: isFresh ? false : agent,
      headers: { ...commonHeaders(body), ...headers },
    });
    onTheirWay.add(request);
    const cancelDeadline = clock.at(after(clock, answerDeadlineMs), () => request.destroy(new NoAnswer()));
    try {
      const response = await statusOf(request, body);
      const answer = toAnswer(response);
      await drain(request, response, clock);
      return answer;
    } catch (error) {
      if (isClosed) return { kind: "closed" };
      // A connection that was kept open can be closing just then; that says nothing of the other side.
      if (request.reusedSocket && !isFresh && !(error instanceof NoAnswer)) return post(headers, body, true);
      return { kind: "failed", why: error instanceof NoAnswer ? error.message : reasonOf(error) };
    } finally {
      cancelDeadline();
      onTheirWay.delete(request);
    }
  }

  return {
    post,
    close() {
      isClosed = true;
      for (const request of onTheirWay) request.destroy();
      agent.destroy();
    },
  };
}

class NoAnswer extends Error {
  constructor() {
    super(`no answer within ${answerDeadlineMs / 1000} s`);
  }
}

function after(clock: Clock, waitMs: number): Date {
  return new Date(clock.now().getTime() + waitMs);
}

function commonHeaders(body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "user-agent": `batch-call-mcp/${packageVersion}`,
  };
}

function statusOf(request: http.ClientRequest, body: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("close", () => reject(new Error("closed")));
    request.once("response", resolve);
    request.end(body);
  });
}

/** Waits for the end of a short body; a connection that brings more, or is slow, is closed. */
function drain(request: http.ClientRequest, response: http.IncomingMessage, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const cancel = clock.at(after(clock, bodyDeadlineMs), () => request.destroy());
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) request.destroy();
    });
    response.on("error", () => {});
    response.on("close", () => {
      cancel();
      resolve();
    });
  });
}

function toAnswer({ statusCode = 0, headers }: http.IncomingMessage): PostAnswer {
  if (statusCode >= 200 && statusCode < 300) return { kind: "delivered" };
  if (statusCode === 410) return { kind: "gone" };
  const seconds = Number(headers["retry-after"]);
  const why = statusCode >= 300 && statusCode < 400 ? `HTTP ${statusCode}, a redirect` : `HTTP ${statusCode}`;
  return { kind: "failed", why, ...(seconds > 0 && { retryAfterMs: seconds * 1000 }) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
