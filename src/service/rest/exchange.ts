import { type SuccessBody, toFailureBody, toSuccessBody } from "../../contract/envelope.ts";
import type { Parsed } from "../../contract/fields.ts";
import type { PageRequest } from "../../contract/paging.ts";
import { readBody } from "../../lib/http-listen.ts";
import { invalid, Refusal } from "../batches/index.ts";

const defaultPageSize = 20;

/** With a 503: a restart of a database takes some seconds. */
export const retryLater = { "Retry-After": "2" } as const;

/** A legal batch of the largest size has 5.2 MB. */
const maxBodyBytes = 8 * 1024 * 1024;

/** The body as text. Throws the 413 for what is too large, the 400 for what is not UTF-8. */
export async function readText(request: Request): Promise<string> {
  const bytes = await readBody(request, maxBodyBytes);
  if (!bytes) throw tooLarge();
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

/** What was read from a request; throws the 400 that lists everything that is wrong with it. */
export function accept<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw invalid(...parsed.issues);
  return parsed.value;
}

/** Paging fields as a query or body gave them. */
export type AskedPage = { readonly page?: number | undefined; readonly limit?: number | undefined };

export function toPage({ page = 0, limit = defaultPageSize }: AskedPage): PageRequest {
  return { page, limit };
}

/** The page of a list that is short enough to be in memory whole. */
export function pageOf<T>(
  all: readonly T[],
  asked: AskedPage,
): { readonly page: PageRequest; readonly rows: readonly T[] } {
  const page = toPage(asked);
  const first = page.page * page.limit;
  return { page, rows: all.slice(first, first + page.limit) };
}

/** The enveloped answer. */
export function success<T>(message: string, data: T): { readonly body: SuccessBody<T> } {
  return { body: toSuccessBody(message, data) };
}

function badJson(): Refusal {
  return new Refusal(400, toFailureBody("Validation error", "The request body is not valid JSON."));
}

function tooLarge(): Refusal {
  const detail = `The request body must be at most ${maxBodyBytes} bytes (8 MiB).`;
  return new Refusal(413, toFailureBody("Payload too large", detail));
}
