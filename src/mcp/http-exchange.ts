import {
  INTERNAL_ERROR,
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  isJsonContentType,
} from "@modelcontextprotocol/server";
import { parseJson } from "../domain/json-text.ts";
import { readBody } from "../lib/http-listen.ts";
import { readBatch } from "./batches.ts";
import { frameError, readFrame, refuseText } from "./frames.ts";
import { protocolError } from "./http-guards.ts";
import { isListening, refuseListening } from "./listening.ts";

/** The SDK's handler: takes a request together with its body as it was read. */
export type ServeMcp = (request: Request, options?: { readonly parsedBody?: unknown }) => Promise<Response>;

/**
 * One POST to the endpoint. The SDK answers a client with 406 that does not accept both JSON and a stream of events; here
 * each gets its answers in a form that it does accept. `refuseMessage` answers what is not to be served. A body that cannot be read is answered as on stdio, with status 400.
 */
export async function exchange(
  request: Request,
  serve: ServeMcp,
  maxBytes: number,
  refuseMessage: (message: unknown) => object | undefined = () => undefined,
): Promise<Response> {
  // A page may send any other type to any address without asking first.
  if (!isJsonContentType(request.headers.get("content-type")))
    return refuse(415, "Send the message as JSON, with Content-Type: application/json.");
  const bytes = await readBody(request, maxBytes);
  if (!bytes) return refuse(413, tooLarge(maxBytes));
  const text = new TextDecoder().decode(bytes);
  const value = parseJson(text);
  if (value === undefined) return Response.json(refuseText(text), { status: 400 });
  const accepted = readAccept(request.headers.get("accept"));
  const pass = async (parsedBody: unknown): Promise<Response> =>
    withoutConnection(await serve(askingForBoth(request), { parsedBody }));
  if (Array.isArray(value)) return exchangeBatch(value, pass, accepted);
  const frame = readFrame(value);
  if (frame && "refusal" in frame) return Response.json(frame.refusal, { status: 400 });
  const message = frame?.message ?? value;
  const refusal = refuseListening(message) ?? refuseMessage(message);
  if (refusal) return Response.json(refusal, { status: 400 });
  // The one answer of it never ends.
  if (accepted === "json" && isListening(message)) return refuse(406, onlyStreamed);
  return inForm(await pass(message), accepted);
}

export const tooLarge = (maxBytes: number): string =>
  `A message is at most ${maxBytes / 1024 / 1024} MiB. Send a long list to /uploads.`;

const onlyStreamed = "subscriptions/listen is answered by a stream: send Accept: application/json, text/event-stream.";

/** What the SDK asks of every client; the body was read before. */
function askingForBoth({ url, method, headers, signal }: Request): Request {
  const asked = new Headers(headers);
  asked.set("Accept", "application/json, text/event-stream");
  return new Request(url, { method, headers: asked, signal });
}

/** The SDK's streams say that the connection stays, also where the client asked for its end; without a word Node does as the client asked. */
function withoutConnection(response: Response): Response {
  response.headers.delete("Connection");
  return response;
}

async function exchangeBatch(
  values: readonly unknown[],
  serve: (body: unknown) => Promise<Response>,
  accepted: Accepted,
): Promise<Response> {
  const batch = readBatch(values);
  if ("error" in batch) return Response.json(batch, { status: 400 });
  const { messages, refusals } = batch;
  // Of answers that nobody can read nothing is left to say: an empty list is no answer.
  if (messages.length === 0)
    return refusals.length === 0 ? new Response(null, { status: 202 }) : Response.json(refusals, { status: 400 });
  const response = await serve(messages);
  if (refusals.length === 0) return inForm(response, accepted, true);
  const answers = isStream(response) ? await readStream(response) : await readJson(response);
  return accepted === "stream" ? toStream([...answers, ...refusals]) : Response.json([...answers, ...refusals]);
}

export type Accepted = "json" | "stream" | "both";

/** Whoever names no stream is not expected to read one: nothing, any type and JSON alone get JSON. */
export function readAccept(header: string | null): Accepted {
  const ranges = (header ?? "").toLowerCase();
  const hasStream = /text\/(event-stream|\*)/.test(ranges);
  if (!hasStream) return "json";
  return /application\/(json|\*)|\*\/\*/.test(ranges) ? "both" : "stream";
}

async function inForm(response: Response, accepted: Accepted, isBatch = false): Promise<Response> {
  if (accepted === "json" && isStream(response)) {
    const answers = await readStream(response);
    return Response.json(isBatch ? answers : (answers[0] ?? noAnswer));
  }
  if (accepted === "stream" && response.ok && isJsonContentType(response.headers.get("content-type")))
    return toStream(await readJson(response));
  return response;
}

const noAnswer = frameError(null, INTERNAL_ERROR, "The call ended without an answer.");

function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

/** The answers of a stream. Notices on the way to them have no place in a single answer. */
async function readStream(response: Response): Promise<readonly unknown[]> {
  const events = (await response.text()).split(/\r?\n\r?\n/);
  const messages = events.map((event) => parseJson(dataOf(event)));
  return messages.filter((message) => isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message));
}

function dataOf(event: string): string {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice("data:".length).trimStart()).join("\n");
}

async function readJson(response: Response): Promise<readonly unknown[]> {
  const value = parseJson(await response.text());
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function toStream(messages: readonly unknown[]): Response {
  const text = messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`).join("");
  return new Response(text, { headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" } });
}

function refuse(status: number, message: string): Response {
  return Response.json(protocolError(message), { status });
}
