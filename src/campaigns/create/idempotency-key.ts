import { createHash } from "node:crypto";
import type { CreateAttempt } from "./creation-log.ts";

const longestName = 255;

/** Sent with a create; the same for every repeat of it, another for each batch that was asked for anew. */
export function idempotencyKey({ key, generation }: Pick<CreateAttempt, "key" | "generation">): string {
  return generation === 1 ? key : `${key}.${generation}`;
}

/** The mark by which a draft is found again at an API that knows no Idempotency-Key: `bc-` and 12 hex digits. */
export function markerOf(intent: Pick<CreateAttempt, "key" | "generation">): string {
  return `bc-${createHash("sha256").update(idempotencyKey(intent)).digest("hex").slice(0, 12)}`;
}

/** The name with the tag behind it, shortened to what the API takes. */
export function markedName(name: string, tag: string): string {
  const suffix = ` [${tag}]`;
  return name.slice(0, longestName - suffix.length) + suffix;
}
