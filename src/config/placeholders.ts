import { findPlaceholder } from "../domain/text.ts";

/** Whole texts that a client or a shell was to fill in: `%API_KEY%`, `{{key}}`, `$API_KEY`, `$env:API_KEY`. */
const unfilled = /^(%[A-Za-z_]\w*%|\{\{[^{}]*\}\}|\$(env:)?[A-Z_][A-Z0-9_]*)$/;
/** Whole texts that stand in examples: `<your key>`, `__KEY__`, `...`. */
const example = /^(<[^<>]*>|__[A-Z][A-Z0-9_]*__|\.{3,}|…)$/;
/** The same of a key or secret alone: `YOUR_API_KEY`, `sk_...`, `__key__`. */
const exampleKey = /^(your[-_ ][a-z_ -]*(key|secret|token)[a-z_ -]*|[\w-]*(\.{3,}|…)|__[a-z]\w*__)$/i;

/**
 * Why a value is none: a key of it would make a start live, and would be sent. A key or secret is judged as a whole, since a real one may
 * have any of those signs in it; a URL, file or folder by each of its parts as well.
 */
export function placeholderError(name: string, given: string): string | undefined {
  const value = given.trim();
  const isKey = /_(KEY|SECRET|TOKEN)$/.test(name);
  if (isKey && exampleKey.test(value)) return asExample(name, `is ${value}`, "a key");
  const isPath = /_(DIR|FILE)$/.test(name);
  const isPlace = isPath || /_(URL|ISSUER)$/.test(name);
  const parts = isPlace ? [value, ...value.split(/[\\/:@?&=,;\s]+/)] : [value];
  for (const part of parts) {
    const where = part === value ? `is ${part}` : `has ${part} in it`;
    if (example.test(part)) return asExample(name, where, isKey ? "a key" : "a value");
    // Of one at the beginning of a path `parseSettingPath` says more.
    const isSaidThere = isPath && value.startsWith(part);
    if (unfilled.test(part) && !isSaidThere) return asUnfilled(name, where);
  }
  const inside = findPlaceholder(value);
  return inside === undefined ? undefined : asUnfilled(name, `holds ${inside}`);
}

function asExample(name: string, where: string, what: string): string {
  return `${name}: its value ${where}, as an example writes it, and not ${what}. Fill it in, or remove the line.`;
}

function asUnfilled(name: string, where: string): string {
  return `${name}: its value ${where}, which your client did not fill in. Set that variable where the client takes it from, or remove the line.`;
}
