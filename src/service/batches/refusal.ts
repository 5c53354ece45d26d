import { type FailureBody, validationFailure } from "../../contract/envelope.ts";
import type { Issue } from "../../domain/problem.ts";

export type RefusalStatus = 400 | 401 | 404 | 405 | 409 | 413 | 422;

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
