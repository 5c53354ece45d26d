import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

type AccountKeys = { readonly apiKey: string; readonly apiSecret: string };

/** Where the data of organizations other than the operator's own are, each account in a folder of its own. */
function organizationsDir(dataDir: string): string {
  return join(dataDir, "organizations");
}

/**
 * The folder of an organization, and of the keys that a caller has for an account of their own. Neither name nor keys are in it: one is
 * whatever an issuer calls it, and the other is kept nowhere.
 */
export function organizationDir(
  dataDir: string,
  organization: string | undefined,
  keys: AccountKeys | undefined,
): string {
  const own = keys ? `-${digest([keys.apiKey, keys.apiSecret])}` : "";
  return join(organizationsDir(dataDir), `${nameOf(organization)}${own}`);
}

/** The folders of all accounts of an organization that are there. */
export async function findOrganizationDirs(dataDir: string, organization: string): Promise<readonly string[]> {
  const names = await readdir(organizationsDir(dataDir)).catch(() => []);
  const name = nameOf(organization);
  const own = names.filter((one) => one === name || one.startsWith(`${name}-`));
  return own.map((one) => join(organizationsDir(dataDir), one));
}

/** The folders of accounts that callers brought keys for, without those of the keys that are given. */
export async function findCallersDirs(dataDir: string, known: readonly AccountKeys[]): Promise<readonly string[]> {
  const names = await readdir(organizationsDir(dataDir)).catch(() => []);
  const others = new Set(known.map(({ apiKey, apiSecret }) => digest([apiKey, apiSecret])));
  const theirs = names.filter((name) => {
    const [, keys] = /^(?:own|[0-9a-f]{32})-([0-9a-f]{32})$/.exec(name) ?? [];
    return keys !== undefined && !others.has(keys);
  });
  return theirs.map((name) => join(organizationsDir(dataDir), name));
}

/** The operator's own organization has a folder here for accounts of callers alone. */
function nameOf(organization: string | undefined): string {
  return organization === undefined ? "own" : digest(["organization", organization]);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
