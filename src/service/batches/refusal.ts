import { type FailureBody, toFailureBody, validationFailure } from "../../contract/envelope.ts";
import type { Parsed } from "../../contract/fields.ts";
import type { Issue } from "../../domain/problem.ts";

export type RefusalStatus = 400 | 401 | 404 | 405 | 413 | 422;

/** An answer of "no" in the words of the API: what is thrown to refuse a request. */
export class Refusal extends Error {
  readonly status: RefusalStatus;
  readonly body: FailureBody;

  constructor(status: RefusalStatus, body: FailureBody) {
    super(body.error);
    this.name = "Refusal";
    this.status = status;
    this.body = body;
  }
}

export function invalid(...issues: readonly Issue[]): Refusal {
  return new Refusal(400, validationFailure(issues));
}

/** What was read from a request; throws the 400 that lists everything that is wrong with it. */
export function accept<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw invalid(...parsed.issues);
  return parsed.value;
}

export function badJson(): Refusal {
  return new Refusal(400, toFailureBody("Validation error", "The request body is not valid JSON."));
}

export function unauthorized(): Refusal {
  return new Refusal(401, toFailureBody("Unauthorized", "Missing or invalid API key/secret"));
}
