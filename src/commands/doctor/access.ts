import { existsSync } from "node:fs";
import { join } from "node:path";
import { findKeysUri, type NamedToken, openNamedTokens } from "../../access/index.ts";
import type { Settings } from "../../config/settings.ts";
import { Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { commandText } from "../../lib/command-text.ts";
import { readOrganizations } from "../../service/accounts/index.ts";

/** Throws where the issuer of tokens, or the accounts of organizations, cannot be read. */
export async function checkAccess({ access, dataDir, httpToken }: Settings): Promise<string> {
  if (access.organizationsFile !== undefined) await readOrganizations(access.organizationsFile);
  if (access.issuer) await checkIssuer(access.issuer.issuer);
  const path = join(dataDir, "access.sqlite");
  const made = existsSync(path) ? readTokens(path) : [];
  const good = made.filter(({ revokedAt }) => revokedAt === undefined).length;
  const ways = [
    ...(made.length > 0 ? [`${counted(good, "token")} with names`] : []),
    ...(httpToken ? ["BATCH_CALL_HTTP_TOKEN"] : []),
    ...(access.issuer ? [`tokens of ${access.issuer.issuer}, which answers`] : []),
  ];
  if (ways.length > 0) return ways.join(", ");
  return `anybody on this machine, who reads, and does the rest where calls are simulated; \`${commandText("token add NAME")}\` makes the first token`;
}

async function checkIssuer(issuer: string): Promise<void> {
  try {
    await findKeysUri(issuer);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Problem("unavailable", `The issuer of BATCH_CALL_OIDC_ISSUER cannot be read: ${issuer}, ${why}.`, {
      cause,
    });
  }
}

function readTokens(path: string): readonly NamedToken[] {
  const tokens = openNamedTokens(path);
  try {
    return tokens.list();
  } finally {
    tokens.close();
  }
}
