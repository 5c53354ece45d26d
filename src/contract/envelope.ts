/** The one shape of every answer but the flat POST /batch-call of the newer page. */
export type SuccessBody<T> = {
  readonly message: string;
  readonly status: "success";
  readonly error: null;
  readonly data: T;
};
export type FailureBody = { readonly message: string; readonly status: "error"; readonly error: string };

export function toSuccessBody<T>(message: string, data: T): SuccessBody<T> {
  return { message, status: "success", error: null, data };
}

export function toFailureBody(message: string, error: string): FailureBody {
  return { message, status: "error", error };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An API failure that came with a 2xx (C5). The flat batch has `status` and `error` too, so the id decides. */
export function isFailureBody(body: unknown): boolean {
  return isObject(body) && body.status === "error" && !("batch_call_id" in body);
}

/** What the API answered with, out of its envelope if it has one (C4). */
export function unwrap(body: unknown): unknown {
  return isObject(body) && "data" in body && !("batch_call_id" in body) ? body.data : body;
}

/** The API's own words for a failure: the detail, else the class; undefined for a body of another shape. */
export function failureText(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  return [body.error, body.message].find((text): text is string => typeof text === "string" && text !== "");
}
