import { toFailureBody } from "../../contract/envelope.ts";
import { badJson, Refusal } from "../batches/index.ts";

/** A legal batch of the largest size has 5.2 MB. */
const maxBodyBytes = 8 * 1024 * 1024;

/** The body as text, counted while it comes in: what a client says of its length is not relied on. */
export async function readBody(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badJson();
  }
}

/** The body as JSON; undefined when there is none. */
export function parseBody(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw badJson();
  }
}

function tooLarge(): Refusal {
  return new Refusal(
    413,
    toFailureBody("Payload too large", `The request body must be at most ${maxBodyBytes} bytes (8 MiB).`),
  );
}
