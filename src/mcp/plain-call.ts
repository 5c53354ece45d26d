import { INTERNAL_ERROR, type JSONRPCRequest } from "@modelcontextprotocol/server";
import type { Log } from "../lib/log.ts";
import type { Tool } from "../tools/tool.ts";
import { askNobody } from "./ask-person.ts";
import { frameError } from "./frames.ts";
import { type CallRequest, runCall } from "./run-call.ts";
import type { ServedNow } from "./served.ts";
import type { Asker } from "./standing-server.ts";

/** What a call up to 2025-11-25 has where the SDK reads nothing else of it than the tool and its arguments. */
const plainParams: ReadonlySet<string> = new Set(["name", "arguments", "_meta"]);

/** The tool that a request calls, where nothing but the call itself is to be read of it; its frame was found to be well formed. */
export function plainlyCalled(
  { method, params = {} }: JSONRPCRequest,
  tools: ReadonlyMap<string, Tool>,
): Tool | undefined {
  if (method !== "tools/call" || !Object.keys(params).every((key) => plainParams.has(key))) return undefined;
  return tools.get(String(params["name"]));
}

/**
 * Answers a call up to 2025-11-25 of a client of which nothing is known but this request, without the SDK: its server would hand the call
 * on and the result back. Who asked is told of this call alone, since nobody else is in reach here. Returns what gives the call up.
 */
export function answerPlainCall(
  tool: Tool,
  { id, params }: JSONRPCRequest,
  its: ServedNow,
  asker: Asker,
  log: Log,
): () => void {
  const ended = new AbortController();
  let isOpen = true;
  const request: CallRequest = {
    signal: ended.signal,
    ...(params?._meta && { _meta: params._meta }),
    async notify(notification) {
      if (isOpen) asker.tell(JSON.stringify({ ...notification, jsonrpc: "2.0" }));
    },
    // By `logging/setLevel` of a session, which there is not.
    async log() {},
  };
  const answer = (message: object, code?: number): void => {
    if (!isOpen) return;
    isOpen = false;
    asker.answer(JSON.stringify(message), code);
  };
  const { principal, owner, access } = its.caller;
  const caller = { principal, owner, access, askPerson: askNobody, signal: ended.signal };
  runCall(
    tool,
    params?.["arguments"],
    its,
    request,
    ({ progress }) => ({
      ...caller,
      ...(progress && { progress }),
      ...(its.origin !== undefined && { origin: its.origin }),
    }),
    log,
  )
    .then((result) => answer({ result, jsonrpc: "2.0", id }))
    .catch((err: unknown) => {
      log.error({ err, tool: tool.name }, "a call got no answer");
      answer(frameError(id, INTERNAL_ERROR, "Internal error"), INTERNAL_ERROR);
    });
  return () => {
    if (!isOpen) return;
    isOpen = false;
    ended.abort();
  };
}
