import { createHash, type Hash } from "node:crypto";

/** Makes the id of a list from what it was made of: text after text, none of which runs into the next. */
export class ListDigest {
  readonly #hash: Hash = createHash("sha256");

  add(text: string): void {
    this.#hash.update(`${text.length}:`).update(text);
  }

  /** `list_` and 128 bits. */
  get listId(): string {
    return `list_${this.#hash.copy().digest("hex").slice(0, 32)}`;
  }
}

/** The value as text that does not depend on the order in which its fields were written. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Map
      ? [...part]
      : typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : part,
  );
}
