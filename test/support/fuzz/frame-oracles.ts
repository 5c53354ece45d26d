import { isObject } from "../../../src/contract/envelope.ts";
import { parseJson } from "../../../src/domain/json-text.ts";

/** How a line must be answered: not at all, by one error of that code, with the answer to that request, or somehow. */
export type Expected =
  | { readonly kind: "nothing" }
  | { readonly kind: "error"; readonly code: number }
  | { readonly kind: "answer"; readonly id: string | number }
  | { readonly kind: "anything" };

const [parseError, invalidRequest] = [-32700, -32600];
// What the protocol has for an unknown method, wrong parameters, and a resource that is not there; and its own errors since 2026.
const codesOfRequests = new Set([-32600, -32601, -32602, -32002, -32020, -32021, -32022, -32003, -32004]);

/** As JSON-RPC 2.0 has it, read anew from the text that a server reads out of the bytes of a line. */
export function expectedOf(text: string): Expected {
  const given = text.replace(/^\uFEFF/, "");
  if (given.trim() === "") return { kind: "nothing" };
  const value = parseJson(given);
  if (value === undefined) return { kind: "error", code: parseError };
  if (Array.isArray(value)) {
    const isBatch = value.length > 0 && value.length <= 100;
    return isBatch ? { kind: "anything" } : { kind: "error", code: invalidRequest };
  }
  if (!isObject(value)) return { kind: "error", code: invalidRequest };
  const { jsonrpc, id, method, params } = value;
  if (method === undefined && ("result" in value || "error" in value)) return { kind: "nothing" };
  const isMessage = jsonrpc === "2.0" && typeof method === "string" && (params === undefined || isObject(params));
  if (!isMessage) return { kind: "error", code: invalidRequest };
  // The parts of `_meta` have a form of their own, which is the schema's to judge.
  if (isObject(params) && "_meta" in params) return { kind: "anything" };
  if (!("id" in value)) return { kind: "nothing" };
  if (typeof id === "string" || Number.isSafeInteger(id))
    return method === "subscriptions/listen"
      ? { kind: "anything" }
      : { kind: "answer", id: typeof id === "number" ? id : String(id) };
  return { kind: "error", code: invalidRequest };
}

/** What is wrong with something that a server sent as an answer. */
export function* judgeMessage(text: string): Generator<string> {
  const value = parseJson(text);
  for (const one of Array.isArray(value) ? value : [value]) {
    if (!isObject(one) || one["jsonrpc"] !== "2.0") yield `No JSON-RPC: ${text}`;
    else if (typeof one["method"] !== "string") yield* judgeReply(one);
  }
  if (Array.isArray(value) && value.length === 0) yield "An empty batch";
}

function* judgeReply(reply: Readonly<Record<string, unknown>>): Generator<string> {
  const { id, result, error } = reply;
  if (id !== null && typeof id !== "string" && typeof id !== "number") yield `No id: ${JSON.stringify(reply)}`;
  if ((result === undefined) === (error === undefined)) yield `Neither a result nor an error: ${JSON.stringify(reply)}`;
  if (!isObject(error)) return;
  const { code, message } = error;
  if (typeof message !== "string" || message === "") yield `An error without a message: ${JSON.stringify(reply)}`;
  if (code !== parseError && code !== -32000 && !codesOfRequests.has(Number(code)))
    yield `An error of code ${String(code)}: ${String(message)}`;
  if (/\n\s+at |node_modules|\.js:\d/.test(String(message))) yield `The error shows our inside: ${String(message)}`;
}

/** Whether one of the messages is the answer that was to be expected. */
export function isAnswered(expected: Expected, messages: readonly unknown[]): boolean {
  if (expected.kind === "nothing" || expected.kind === "anything") return true;
  return messages.some((message) => {
    if (!isObject(message) || "method" in message) return false;
    if (expected.kind === "answer") return message["id"] === expected.id;
    return isObject(message["error"]) && message["error"]["code"] === expected.code;
  });
}
