import type { Access } from "../domain/access.ts";
import type { Secret } from "../domain/secret.ts";

/** Who sent a request, as far as it was proved. */
export type Caller = {
  /** For the record: `local` without a token, `http` for the one of the settings, the name of a token, `oidc:` and the subject of a JWT. */
  readonly principal: string;
  /** Whose batches, lists and files they see: the operator's own where absent. */
  readonly organization?: string;
  readonly access: Access;
  /** Keys of an account of theirs at the API, of this request alone. */
  readonly accountKeys?: AccountKeys;
  /** How the token was proved: what ends with it is found again by this. */
  readonly proof:
    | { readonly kind: "none" | "setting" }
    | { readonly kind: "named"; readonly name: string }
    | { readonly kind: "jwt"; readonly expiresAt: Date };
};

export type AccountKeys = { readonly apiKey: Secret; readonly apiSecret: Secret };

/** Names a principal of an organization, so that two organizations' principals of one name are two. */
export function callerKey({ organization, principal }: Pick<Caller, "organization" | "principal">): string {
  return JSON.stringify([organization ?? null, principal]);
}
