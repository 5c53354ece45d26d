import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  PARSE_ERROR,
  PROTOCOL_VERSION_META_KEY,
  specTypeSchemas,
} from "@modelcontextprotocol/server";
import { parseJson, parseJsonObject } from "../domain/json-text.ts";

/** A client's message, or the error that it is answered with; nothing where it is an answer that nobody can read. */
export type Frame = { readonly message: JSONRPCMessage } | { readonly refusal: FrameError } | undefined;

/** JSON-RPC 2.0, section 5: `id` is null where that of the request cannot be read. The SDK's own type leaves it out then. */
export type FrameError = Pick<JSONRPCErrorResponse, "jsonrpc" | "error"> & { readonly id: RequestId | null };

type RequestId = string | number;

/**
 * One message, as the SDK takes it. What is no JSON-RPC request is refused with -32600, and parameters that the method does
 * not have with -32602; the SDK alone drops the first on stdio, and answers the second with -32603 and a dump.
 */
export function readFrame(value: unknown): Frame {
  if (!isObject(value)) return refuse(null, INVALID_REQUEST, `A message is a JSON object, not ${kindOf(value)}.`);
  const method = value["method"];
  // Whoever answers an answer never comes to an end.
  if (method === undefined && ("result" in value || "error" in value))
    return isJSONRPCResponse(value) ? { message: value } : undefined;
  const read = { ...value, ...readParams(method, value["params"]) };
  if (!("id" in read) && isJSONRPCNotification(read)) return { message: read };
  if (!isJSONRPCRequest(read)) return refuse(idOf(value), INVALID_REQUEST, whatIsWrong(read));
  const wrong = wrongParams(read);
  return wrong === undefined ? { message: read } : refuse(read.id, INVALID_PARAMS, wrong);
}

/** The error for a text that is no JSON, with the id of its request where the text begins or ends with one. */
export function refuseText(text: string): FrameError {
  return frameError(idInText(text), PARSE_ERROR, "This is not JSON. Send one whole JSON-RPC message.");
}

export function frameError(id: RequestId | null, code: number, message: string): FrameError {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

const atStart = /^\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(-?\d{1,16}|"[^"\\]{1,200}")\s*,/;
const atEnd = /,\s*"id"\s*:\s*(-?\d{1,16}|"[^"\\]{1,200}")\s*\}\s*$/;
const searched = 500;

/** Where clients write it: first after the version, or last of all. Within a text of the message its quotes were escaped. */
export function idInText(text: string): RequestId | null {
  const found = atStart.exec(text.slice(0, searched)) ?? atEnd.exec(text.slice(-searched));
  // What looks like an id need not be JSON either: `01`, or a text with the end of a line in it.
  const id = found?.[1] === undefined ? undefined : parseJson(found[1]);
  return typeof id === "string" || Number.isSafeInteger(id) ? idOf({ id }) : null;
}

function refuse(id: RequestId | null, code: number, message: string): Frame {
  return { refusal: frameError(id, code, message) };
}

function idOf({ id }: Readonly<Record<string, unknown>>): RequestId | null {
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/** Some clients send `null` or the text of an object for a tool's arguments; both have one meaning only. */
function readParams(method: unknown, params: unknown): { readonly params?: unknown } {
  if (method !== "tools/call" || !isObject(params)) return {};
  const { arguments: given, ...others } = params;
  if (given === null || given === "") return { params: others };
  const read = typeof given === "string" ? parseJsonObject(given) : undefined;
  return read ? { params: { ...others, arguments: read } } : {};
}

function whatIsWrong({ jsonrpc, id, method, params }: Readonly<Record<string, unknown>>): string {
  if (jsonrpc !== "2.0") return 'Every message has "jsonrpc": "2.0".';
  if (typeof method !== "string") return "A request has a method, which is text.";
  if (typeof id !== "string" && !Number.isSafeInteger(id)) return "The id of a request is text or a whole number.";
  if (params !== undefined && !isObject(params)) return `params is an object or left out, not ${kindOf(params)}.`;
  return "params._meta is an object or left out, and its progressToken is text or a whole number.";
}

/** The requests that this server takes. Others are answered with -32601, whatever they bring. */
const paramsOf = {
  initialize: specTypeSchemas.InitializeRequest,
  "tools/list": specTypeSchemas.ListToolsRequest,
  "tools/call": specTypeSchemas.CallToolRequest,
  "prompts/get": specTypeSchemas.GetPromptRequest,
  "resources/read": specTypeSchemas.ReadResourceRequest,
  "resources/subscribe": specTypeSchemas.SubscribeRequest,
  "resources/unsubscribe": specTypeSchemas.UnsubscribeRequest,
  "completion/complete": specTypeSchemas.CompleteRequest,
  "logging/setLevel": specTypeSchemas.SetLevelRequest,
} as const;

const schemas = new Map<string, (typeof paramsOf)[keyof typeof paramsOf]>(Object.entries(paramsOf));

/** Since 2026-07-28 there are no such methods, which the SDK answers. */
const isGone = new Set(["initialize", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"]);

function wrongParams(request: JSONRPCRequest): string | undefined {
  if (isGone.has(request.method) && request.params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined) return undefined;
  const issues = schemas.get(request.method)?.["~standard"].validate(request).issues ?? [];
  if (issues.length === 0) return undefined;
  const lines = issues.slice(0, 5).map(({ path = [], message }) => `${path.map(toKey).join(".")}: ${message}`);
  return `Invalid params for ${request.method}: ${lines.join("; ")}`;
}

function toKey(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === "object" ? part.key : part);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
