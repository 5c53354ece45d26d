import { counted } from "./text.ts";

/** `read` looks, `operate` changes and may make phones ring, `approve` agrees to calls in a person's place. None contains another. */
export const scopes = ["read", "operate", "approve"] as const;
export type Scope = (typeof scopes)[number];

/**
 * What a caller may do. `all`: who started this server themselves, over stdio. `scoped`: who showed a token. `open`: who reaches a
 * server on this machine that has no tokens; they read, and do the rest only where calls are simulated.
 */
export type Access =
  | { readonly kind: "all" | "open" }
  | { readonly kind: "scoped"; readonly scopes: ReadonlySet<Scope> };

/** The owner of every list and file in an organization's folder: its people share them, over stdio and HTTP, with a token and without. */
export const organizationOwner = "local";

export function isScope(text: string): text is Scope {
  return scopes.some((known) => known === text);
}

/** Whether an answer of theirs counts as a person's agreement to calls. */
export function mayAgree(access: Access): boolean {
  return access.kind === "all" || hasScope(access, "approve");
}

export function hasScope(access: Access, scope: Scope): boolean {
  return access.kind === "scoped" && access.scopes.has(scope);
}

/** What lacks, in a sentence for who called; undefined where nothing does. */
export function lackOf(access: Access, scope: Scope): string | undefined {
  if (access.kind !== "scoped" || access.scopes.has(scope)) return undefined;
  const has = scopes.filter((known) => access.scopes.has(known));
  const those = has.length === 0 ? "none" : `${counted(has.length, "scope")}, ${has.join(" and ")}`;
  return `This needs the scope "${scope}"; the token that was sent has ${those}.`;
}
