import {
  INVALID_REQUEST,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
} from "@modelcontextprotocol/server";
import { type FrameError, frameError, readFrame } from "./frames.ts";

type RequestId = JSONRPCRequest["id"];

/** The messages of a JSON-RPC batch that can be read, and the answers to the others. */
export type Batch = { readonly messages: readonly JSONRPCMessage[]; readonly refusals: readonly FrameError[] };

// As the SDK's limit over HTTP.
const mostMessages = 100;

/** Batches are part of protocol 2025-03-26 alone; there `initialize` must not be in one. Returns one error for what is no batch. */
export function readBatch(values: readonly unknown[]): Batch | FrameError {
  if (values.length === 0) return frameError(null, INVALID_REQUEST, "A batch has at least one message.");
  if (values.length > mostMessages)
    return frameError(null, INVALID_REQUEST, `A batch has at most ${mostMessages} messages, not ${values.length}.`);
  const frames = values.map(readFrame).map((frame) => {
    const isOpening = frame && "message" in frame && isJSONRPCRequest(frame.message) && isInitialize(frame.message);
    return isOpening ? { refusal: frameError(frame.message.id, INVALID_REQUEST, noInitialize) } : frame;
  });
  return {
    messages: frames.flatMap((frame) => (frame && "message" in frame ? [frame.message] : [])),
    refusals: frames.flatMap((frame) => (frame && "refusal" in frame ? [frame.refusal] : [])),
  };
}

const noInitialize = "initialize cannot be part of a batch. Send it alone and first.";

function isInitialize({ method }: JSONRPCRequest): boolean {
  return method === "initialize";
}

/** Gathers the answers to batches that came over one connection; each is answered as a whole, once nothing of it is open. */
export class OpenBatches {
  readonly #open = new Map<RequestId, { readonly waiting: Set<RequestId>; readonly answers: unknown[] }>();

  /** Returns the answers at once where the batch holds no request. */
  add({ messages, refusals }: Batch): readonly unknown[] | undefined {
    const ids = messages.flatMap((message) => (isJSONRPCRequest(message) ? [message.id] : []));
    if (ids.length === 0) return refusals;
    const batch = { waiting: new Set(ids), answers: [...refusals] };
    for (const id of ids) this.#open.set(id, batch);
    return undefined;
  }

  /** What goes out for an answer: itself, the batch that it completes, or nothing yet. */
  answer(message: JSONRPCMessage): unknown {
    const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (!isAnswer || message.id === undefined || !this.#open.has(message.id)) return message;
    return this.#settle(message.id, message);
  }

  /** A call that was cancelled is not answered, so its batch no longer waits for it. */
  cancelled(message: JSONRPCMessage): unknown {
    if (!isJSONRPCNotification(message) || message.method !== "notifications/cancelled") return undefined;
    const id = message.params?.["requestId"];
    return typeof id === "string" || typeof id === "number" ? this.#settle(id) : undefined;
  }

  #settle(id: RequestId, answer?: JSONRPCMessage): readonly unknown[] | undefined {
    const batch = this.#open.get(id);
    if (!batch) return undefined;
    this.#open.delete(id);
    batch.waiting.delete(id);
    if (answer) batch.answers.push(answer);
    return batch.waiting.size === 0 && batch.answers.length > 0 ? batch.answers : undefined;
  }
}
