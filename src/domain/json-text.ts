/** What a text holds as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The object that a text is the JSON of; undefined where it is none. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = /^\s*\{/.test(text) ? parseJson(text) : undefined;
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}
