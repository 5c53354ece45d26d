import { z } from "zod";
import { isSafeUrl, Secret } from "../domain/secret.ts";
import { parseSettingPath } from "./setting-path.ts";
import { readBy, type SettingRow, wholeNumber } from "./setting-row.ts";

/** Who may use `http`, in the order of the README's table. */
export const accessRows: readonly SettingRow[] = [
  {
    name: "BATCH_CALL_HTTP_TOKEN",
    shownDefault: "none",
    about:
      "`http`: one bearer token that may everything, at least 16 characters. Tokens with names and scopes are made with `batch-call-mcp token add` (docs/access.md).",
  },
  {
    name: "BATCH_CALL_HTTP_PUBLIC_URL",
    shownDefault: "none",
    about:
      "`http`: address of `/mcp` as clients are given it, such as `https://calls.example.com/mcp`. Its host is served as this machine's own names are (docs/access.md). Needed with `BATCH_CALL_OIDC_ISSUER`.",
  },
  {
    name: "BATCH_CALL_HTTP_REQUESTS_PER_MINUTE",
    shownDefault: "600",
    about:
      "`http`: requests of one principal within a minute; more are told when to try again (429), and nobody else waits.",
  },
  {
    name: "BATCH_CALL_OIDC_ISSUER",
    shownDefault: "none",
    about:
      "`http`: OpenID Connect issuer whose access tokens (JWT) are taken, with the scopes `read`, `operate`, `approve`. https, or http to this machine.",
  },
  {
    name: "BATCH_CALL_OIDC_AUDIENCE",
    shownDefault: "`BATCH_CALL_HTTP_PUBLIC_URL`",
    about: "`http`: what such a token must name as its audience.",
  },
  {
    name: "BATCH_CALL_OIDC_ORGANIZATION_CLAIM",
    shownDefault: "none, all are the operator's own organization",
    about: "`http`: claim that names the organization of a principal. A token without it is refused then.",
  },
  {
    name: "BATCH_CALL_ORGANIZATIONS_FILE",
    shownDefault: "none",
    about:
      "`http`: JSON list of `{organization_id, api_key, api_secret}`, as the service's `credentials.json`: the API accounts of organizations other than the operator's own.",
  },
];

const safeUrl = z.string().refine(isSafeUrl, "an https URL without query or fragment, or http to this machine");

export const accessSchemas = {
  BATCH_CALL_HTTP_TOKEN: z
    .string()
    .min(16, "at least 16 characters long")
    .transform((text) => new Secret(text))
    .optional(),
  BATCH_CALL_HTTP_PUBLIC_URL: safeUrl.optional(),
  BATCH_CALL_HTTP_REQUESTS_PER_MINUTE: wholeNumber(1, 1_000_000).default(600),
  BATCH_CALL_OIDC_ISSUER: safeUrl.optional(),
  BATCH_CALL_OIDC_AUDIENCE: z.string().max(500, "at most 500 characters long").optional(),
  BATCH_CALL_OIDC_ORGANIZATION_CLAIM: z.string().max(200, "at most 200 characters long").optional(),
  BATCH_CALL_ORGANIZATIONS_FILE: readBy((text) => parseSettingPath(text, "BATCH_CALL_ORGANIZATIONS_FILE")).optional(),
} as const;

type AccessValues = z.output<z.ZodObject<typeof accessSchemas>>;

/** Who may use `http`, besides its one token. */
export type AccessSettings = {
  readonly requestsPerMinute: number;
  /** Address of `/mcp` as clients are given it, where a proxy stands in front. */
  readonly publicUrl?: string;
  readonly issuer?: {
    readonly issuer: string;
    readonly audience: string;
    readonly organizationClaim?: string;
    /** The public URL. */
    readonly resourceUrl: string;
  };
  /** Absolute. */
  readonly organizationsFile?: string;
};

export function accessErrors(given: ReadonlySet<string>): readonly string[] {
  const issuer = given.has("BATCH_CALL_OIDC_ISSUER");
  if (issuer && !given.has("BATCH_CALL_HTTP_PUBLIC_URL"))
    return ["BATCH_CALL_HTTP_PUBLIC_URL is missing: clients of an issuer are told for which address their token is."];
  const idle = ["BATCH_CALL_OIDC_AUDIENCE", "BATCH_CALL_OIDC_ORGANIZATION_CLAIM"].filter((name) => given.has(name));
  return issuer ? [] : idle.map((name) => `BATCH_CALL_OIDC_ISSUER is missing: ${name} says nothing without it.`);
}

export function toAccessSettings(values: AccessValues): AccessSettings {
  const { BATCH_CALL_OIDC_ISSUER: issuer, BATCH_CALL_HTTP_PUBLIC_URL: resourceUrl } = values;
  const { BATCH_CALL_OIDC_ORGANIZATION_CLAIM: organizationClaim, BATCH_CALL_ORGANIZATIONS_FILE: file } = values;
  return {
    requestsPerMinute: values.BATCH_CALL_HTTP_REQUESTS_PER_MINUTE,
    ...(resourceUrl !== undefined && { publicUrl: resourceUrl }),
    ...(issuer !== undefined &&
      resourceUrl !== undefined && {
        issuer: {
          issuer,
          resourceUrl,
          audience: values.BATCH_CALL_OIDC_AUDIENCE ?? resourceUrl,
          ...(organizationClaim !== undefined && { organizationClaim }),
        },
      }),
    ...(file !== undefined && { organizationsFile: file }),
  };
}
