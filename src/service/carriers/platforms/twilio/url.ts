import { toText } from "../variables.ts";

/** The URL with those in its query, what stands there under another name, and a fragment, kept. */
export function withQuery(url: string, values: Readonly<Record<string, unknown>>): string {
  const full = new URL(url);
  for (const [name, value] of Object.entries(values)) full.searchParams.set(name, toText(value));
  return full.href;
}
