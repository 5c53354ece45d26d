/** Names in double braces in any text of those bodies. What a template does to the value, behind a bar, is left out. */
export function namesInBraces(bodies: readonly unknown[]): readonly string[] {
  return [...JSON.stringify(bodies).matchAll(/\{\{\s*([\w.-]{1,100})\s*(?:\|[^{}]{0,200})?\}\}/g)].map(
    ([, name = ""]) => name,
  );
}

/** A value as text. What is blank stays blank: without a value the agent would say the name of it. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value);
}
