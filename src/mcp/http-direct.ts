import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonContentType, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { parseJson } from "../domain/json-text.ts";
import { isLoopback } from "../domain/secret.ts";
import { type NodeExchange, readIncoming, sendResponse } from "../lib/http-listen.ts";
import { readFrame } from "./frames.ts";
import { HttpAnswer, OpenAnswers, sendJson } from "./http-answer.ts";
import { readAccept, tooLarge } from "./http-exchange.ts";
import { ownHost, protocolError, type ServedNames } from "./http-guards.ts";
import type { HeaderReader, QuickWay } from "./quick-way.ts";
import type { Asker } from "./standing-server.ts";
import { admit, type DoorParts, isTurned, type Visit } from "./visit.ts";

export type DirectParts = ServedNames & {
  readonly door: DoorParts;
  readonly maxBytes: number;
  /** The quick way for a message of a caller who was let in, if it has one. */
  find(message: JSONRPCMessage, headers: HeaderReader, visit: Visit): QuickWay | undefined;
  /** Has a message answered that way; returns what gives it up. */
  ask(way: Exclude<QuickWay, { kind: "accepted" }>, visit: Visit, origin: string, asker: Asker): Promise<() => void>;
  /** Every other message. */
  serve(visit: Visit, request: Request): Promise<Response>;
  onError(error: unknown): void;
};

/**
 * POST `/mcp` on Node's own exchange. A web Request, its Response and its streams cost several times what a call does, and so does a
 * server for each request: most messages are answered by servers that last, and as plain JSON where nothing is told on the way. What
 * comes from a page in a browser, or is refused by where it comes from, is left to the app.
 */
export function createDirectDoor(parts: DirectParts) {
  const isOwnHost = ownHost(parts);
  const judgesHost = isLoopback(parts.host);
  const open = new OpenAnswers();
  const takesFirst = ({ incoming, outgoing }: NodeExchange): boolean => {
    const { method, url, headers } = incoming;
    if (method !== "POST" || url !== "/mcp" || headers.origin !== undefined || headers.host === undefined) return false;
    if (judgesHost ? !isOwnHost(headers.host) : !URL.canParse(`http://${headers.host}`)) return false;
    if (!isJsonContentType(headers["content-type"] ?? null)) return false;
    serveDirectly(parts, open, incoming, outgoing).catch((error: unknown) => {
      parts.onError(error);
      if (outgoing.headersSent) outgoing.destroy();
      else sendError(outgoing, 500, "The server failed. Its log says why.");
    });
    return true;
  };
  return { takesFirst, close: () => open.close() };
}

async function serveDirectly(
  parts: DirectParts,
  open: OpenAnswers,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const headers = readerOf(incoming);
  const visit = await admit(parts.door, headers, outgoing);
  if (isTurned(visit)) return sendError(outgoing, visit.status, visit.message, visit.headers);
  const body = await readIncoming(incoming, parts.maxBytes).catch(() => "gone" as const);
  if (body === "gone" || outgoing.closed) return;
  if (body === undefined) return sendError(outgoing, 413, tooLarge(parts.maxBytes));
  const frame = readFrame(parseJson(body.toString("utf8")));
  const way = frame && "message" in frame ? parts.find(frame.message, headers, visit) : undefined;
  if (way === undefined) return serveOtherwise(parts, visit, incoming, outgoing, body);
  if (way.kind === "accepted") return void outgoing.writeHead(202).end();
  const answer = new HttpAnswer(outgoing, readAccept(headers.get("accept")));
  outgoing.once("close", open.add(answer));
  const origin = originSeen(incoming.headers.host ?? "", headers);
  const giveUp = await parts.ask(way, visit, origin, answer);
  // Also when it was answered: what is over cannot be given up.
  if (outgoing.closed) giveUp();
  else outgoing.once("close", giveUp);
}

async function serveOtherwise(
  { serve }: DirectParts,
  visit: Visit,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  body: Buffer,
): Promise<void> {
  const ended = new AbortController();
  outgoing.once("close", () => ended.abort());
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const url = `http://${incoming.headers.host}/mcp`;
  const request = new Request(url, { method: "POST", headers, body, signal: ended.signal });
  await sendResponse(await serve(visit, request), outgoing);
}

function sendError(
  outgoing: ServerResponse,
  status: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): void {
  sendJson(outgoing, status, JSON.stringify(protocolError(message)), headers);
}

function readerOf(incoming: IncomingMessage): HeaderReader {
  return { get: (name) => incoming.headersDistinct[name]?.join(", ") ?? null };
}

/** Where the client reaches this server, as it says itself; what ends TLS before it says so in a header. */
export function originSeen(host: string, headers: HeaderReader): string {
  const protocol = headers.get("x-forwarded-proto") === "https" ? "https:" : "http:";
  return `${protocol}//${new URL(`http://${host}`).host}`;
}
