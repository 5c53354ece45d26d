/** Parts of an API document, written down by hand. */
const any = {};

export function fields(...names: readonly string[]): { readonly properties: Readonly<Record<string, object>> } {
  return { properties: Object.fromEntries(names.map((name) => [name, any])) };
}

export const json = (schema: object) => ({ content: { "application/json": { schema } } });

const form = (schema: object) => ({ content: { "application/x-www-form-urlencoded": { schema } } });

/** `error` is what an answer with one of the statuses in `errors` holds. */
export function operation(given: {
  body?: object;
  /** Fields of a form, where the body is one. */
  form?: object;
  answer: object;
  status?: number;
  errors: readonly number[];
  error: object;
}): object {
  const { body, form: sent, answer, status = 200, errors, error } = given;
  return {
    ...(body && { requestBody: json(body) }),
    ...(sent && { requestBody: form(sent) }),
    responses: { [status]: json(answer), ...Object.fromEntries(errors.map((code) => [code, json(error)])) },
  };
}
