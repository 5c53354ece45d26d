import { join } from "node:path";
import { isOrganizationName, type NamedToken, type NamedTokens, openNamedTokens } from "../access/index.ts";
import { type AuditEntry, createAudit } from "../campaigns/records/index.ts";
import { isScope, type Scope, scopes } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { systemClock } from "../lib/clock.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { ensureWritableDir, machineUser, openRecord } from "../runtime/data-dir.ts";
import { organizationDir } from "../runtime/organization-dirs.ts";

export type TokenOrder = {
  /** `add`, `list` or `revoke`. */
  readonly action?: string;
  readonly name?: string;
  readonly scopes?: string;
  readonly organization?: string;
};

const usage = "token add NAME --scopes read,operate [--organization NAME], token list, or token revoke NAME";

type Note = (kind: AuditEntry["kind"], token: Pick<NamedToken, "name" | "scopes" | "organization">) => Promise<void>;

/** Makes, lists and revokes the bearer tokens of `http`, and records who did. A server that runs sees it with its next request. */
export async function runToken({ settings, print }: CommandContext, order: TokenOrder): Promise<number> {
  const { action, name } = order;
  if (action === "list") return withTokens(settings.dataDir, (tokens) => list(tokens, print));
  if (name === undefined || (action !== "add" && action !== "revoke"))
    throw new Problem("invalid_input", `Nothing was done. There is: ${usage}.`);
  // In the record of the organization that it is of, which is nobody else's to read.
  const note: Note = async (kind, { name, scopes, organization }) => {
    const { dataDir: own } = settings;
    const dataDir = organization === undefined ? own : organizationDir(own, organization, undefined);
    const of = organization === undefined ? "" : ` of ${organization}`;
    const detail = `"${name}"${of} with ${scopes.join(", ")}`;
    const record = await openRecord({ ...settings, dataDir });
    createAudit(record).append({ at: systemClock.now(), kind, principal: machineUser(), detail });
    record.close();
  };
  return withTokens(settings.dataDir, (tokens) =>
    action === "add" ? add(tokens, { ...order, name }, print, note) : revoke(tokens, name, print, note),
  );
}

async function withTokens(dataDir: string, work: (tokens: NamedTokens) => void | Promise<void>): Promise<number> {
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  const tokens = openNamedTokens(join(dataDir, "access.sqlite"));
  try {
    await work(tokens);
    return 0;
  } finally {
    tokens.close();
  }
}

async function add(
  tokens: NamedTokens,
  order: TokenOrder & { readonly name: string },
  print: (line: string) => void,
  note: Note,
): Promise<void> {
  const { name, organization } = order;
  if (organization !== undefined && !isOrganizationName(organization))
    throw new Problem(
      "invalid_input",
      "The name of an organization has 1 to 100 characters on one line. Nothing was made.",
    );
  const granted = parseScopes(order.scopes);
  const named = { name, scopes: granted, ...(organization !== undefined && { organization }) };
  const token = tokens.add(named, systemClock.now());
  // Before anybody sees it: one that cannot be recorded is nobody's.
  await note("token_made", named);
  const of = organization === undefined ? "" : ` of ${plainText(organization, 100)}`;
  print(`Token "${name}"${of}, with ${granted.join(", ")}. It is shown this once and kept nowhere:`);
  print(token);
  print("Clients send it as Authorization: Bearer <token>. A server that asked nobody for a token now does.");
}

function parseScopes(text: string | undefined): readonly Scope[] {
  const names = (text ?? "read,operate").split(",").map((part) => part.trim().toLowerCase());
  const wrong = names.find((one) => !isScope(one));
  if (wrong === undefined) return [...new Set(names.filter(isScope))];
  throw new Problem(
    "invalid_input",
    `There is no scope "${plainText(wrong, 40)}". There are ${scopes.join(", ")}. Nothing was made.`,
  );
}

function list(tokens: NamedTokens, print: (line: string) => void): void {
  const all = tokens.list();
  if (all.length === 0) print("No token was made yet.");
  for (const { name, scopes: granted, organization, createdAt, revokedAt } of all) {
    const parts = [
      name,
      granted.join(","),
      organization === undefined ? "own organization" : plainText(organization, 100),
      `made ${createdAt.toISOString()}`,
      ...(revokedAt ? [`REVOKED ${revokedAt.toISOString()}`] : []),
    ];
    print(parts.join("  "));
  }
}

async function revoke(tokens: NamedTokens, name: string, print: (line: string) => void, note: Note): Promise<void> {
  tokens.revoke(name, systemClock.now());
  const named = tokens.list().find((token) => token.name === name);
  if (named) await note("token_revoked", named);
  print(`Token "${name}" is revoked: no request with it is served any more.`);
}
