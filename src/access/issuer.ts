import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { isScope, type Scope } from "../domain/access.ts";
import { isSafeUrl } from "../domain/secret.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { isOrganizationName } from "./organization-name.ts";

export type IssuerSettings = {
  /** https, or http to this machine. */
  readonly issuer: string;
  /** What a token must name as its audience. */
  readonly audience: string;
  /** Claim with the organization of a principal; without, all are the operator's own. */
  readonly organizationClaim?: string;
};

export type IssuedCaller = {
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly organization?: string;
  readonly expiresAt: Date;
};

/** `refused` with the reason for the caller; `away` where the issuer does not answer, so that nobody knows. */
export type JwtResult = IssuedCaller | { readonly refused: string } | { readonly away: true };

export type Issuer = {
  verify(token: string): Promise<JwtResult>;
};

/** Asymmetric alone: with one of HS256 the public key would be the secret. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** An ID token or a logout token of the same issuer has other types. */
const accessTypes: ReadonlySet<string> = new Set(["at+jwt", "application/at+jwt", "jwt"]);
const clockSkewSeconds = 30;
const answerDeadlineMs = 5_000;
const discoveryKeptMs = 10 * 60 * 1000;
const longestSubject = 200;

type IssuerParts = IssuerSettings & {
  readonly clock: Clock;
  readonly log: Log;
  /** How soon an unknown key may make the keys be read again. */
  readonly keyCooldownMs?: number;
};

/** Access tokens (RFC 9068, or a JWT of older issuers) of one OpenID Connect issuer, whose keys are read anew when one is unknown. */
export function createIssuer(parts: IssuerParts): Issuer {
  const { issuer, audience, clock, log } = parts;
  const keysOf = createKeySource(parts);
  return {
    async verify(token) {
      try {
        const options = { issuer, audience, algorithms, clockTolerance: clockSkewSeconds, currentDate: clock.now() };
        const verified = await jwtVerify(token, await keysOf(), { ...options, requiredClaims: ["exp", "sub"] });
        const type = verified.protectedHeader.typ?.toLowerCase();
        if (type !== undefined && !accessTypes.has(type)) return { refused: "It is not an access token." };
        return toCaller(verified.payload, parts);
      } catch (error) {
        const refused = reasonOf(error);
        if (refused !== undefined) return { refused };
        log.warn({ err: error, issuer }, "the issuer of tokens, or its keys, could not be read");
        return { away: true };
      }
    },
  };
}

function toCaller(payload: JWTPayload, { organizationClaim }: IssuerSettings): JwtResult {
  const { sub, exp } = payload;
  if (sub === undefined || exp === undefined || !isName(sub)) return { refused: "Its subject cannot be a name." };
  const caller = { subject: sub, scopes: scopesOf(payload), expiresAt: new Date((exp + clockSkewSeconds) * 1000) };
  if (organizationClaim === undefined) return caller;
  const organization = payload[organizationClaim];
  if (typeof organization !== "string" || !isOrganizationName(organization))
    return { refused: `Its claim "${organizationClaim}", which says whose data it may see, is missing or not a name.` };
  return { ...caller, organization };
}

/** Some issuers list them, in `scp`. */
function scopesOf({ scope, scp }: JWTPayload): ReadonlySet<Scope> {
  const listed = [scope, scp].flatMap((claim) => (Array.isArray(claim) ? claim : String(claim ?? "").split(" ")));
  return new Set(listed.map(String).filter(isScope));
}

function isName(subject: string): boolean {
  return subject.length > 0 && subject.length <= longestSubject && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(subject);
}

/** What is wrong with a token, without a word of it; undefined where the issuer could not be asked. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return "It is expired.";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `Its claim "${error.claim}" is missing or not the right one.`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "Its algorithm is not one of those that are taken.";
  if (error instanceof errors.JWKSNoMatchingKey) return "It is signed with a key that its issuer does not have.";
  const isOfToken =
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported;
  return isOfToken ? "It is not a valid JWT of this issuer." : undefined;
}

const discovered = z.object({ issuer: z.string(), jwks_uri: z.string() });

/** Where the keys are, read from the issuer when it is first needed and again some minutes later; a failed reading is not kept. */
function createKeySource({ issuer, clock, keyCooldownMs = 10_000 }: IssuerParts): () => Promise<JWTVerifyGetKey> {
  let known: { readonly keys: Promise<JWTVerifyGetKey>; readonly untilMs: number; readonly uri: string } | undefined;
  let reading: Promise<JWTVerifyGetKey> | undefined;
  const read = async (): Promise<JWTVerifyGetKey> => {
    const uri = await findKeysUri(issuer);
    const untilMs = clock.monotonicMs() + discoveryKeptMs;
    if (known?.uri === uri) known = { ...known, untilMs };
    else {
      const keys = createRemoteJWKSet(new URL(uri), {
        timeoutDuration: answerDeadlineMs,
        cooldownDuration: keyCooldownMs,
      });
      known = { keys: Promise.resolve(keys), untilMs, uri };
    }
    return known.keys;
  };
  return async () => {
    if (known && clock.monotonicMs() < known.untilMs) return known.keys;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    // Keys that are known go on to be good while the issuer is away.
    return known ? reading.catch(() => known?.keys ?? Promise.reject(new Error("no keys"))) : reading;
  };
}

/** Where an issuer has its keys: OpenID Connect Discovery 1.0, section 4. Redirects are not followed, and the document must be the issuer's own. */
export async function findKeysUri(issuer: string): Promise<string> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(answerDeadlineMs) });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  const document = discovered.parse(await response.json());
  if (document.issuer !== issuer) throw new Error(`${address} is of the issuer ${document.issuer}`);
  if (!isSafeUrl(document.jwks_uri)) throw new Error(`${address} names keys at an address that is not https`);
  return document.jwks_uri;
}
