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

/** The folders of all accounts of an organization that are there; of the operator's own, those that callers have keys for. */
export async function findOrganizationDirs(
  dataDir: string,
  organization: string | undefined,
): Promise<readonly string[]> {
  const names = await readdir(organizationsDir(dataDir)).catch(() => []);
  const name = nameOf(organization);
  const own = names.filter((one) => one === name || one.startsWith(`${name}-`));
  return own.map((one) => join(organizationsDir(dataDir), one));
}

/** An account that was reached. `whose`: the organization that it was set for; absent for the operator's own. */
export type ReachedAccount = { readonly whose: string | undefined; readonly keys: AccountKeys };

/** The folders of all accounts that are there, without those that were reached: by the name of the organization, or by the keys. */
export async function findOtherAccountDirs(
  dataDir: string,
  reached: readonly ReachedAccount[],
): Promise<readonly string[]> {
  const names = await readdir(organizationsDir(dataDir)).catch(() => []);
  const theirs = new Set(reached.flatMap(({ whose }) => (whose === undefined ? [] : [nameOf(whose)])));
  const pairs = new Set(reached.map(({ keys }) => digest([keys.apiKey, keys.apiSecret])));
  const others = names.filter((name) => {
    const [, organization, keys] = /^(own|[0-9a-f]{32})(?:-([0-9a-f]{32}))?$/.exec(name) ?? [];
    if (organization === undefined) return false;
    return keys === undefined ? !theirs.has(organization) : !pairs.has(keys);
  });
  return others.map((name) => join(organizationsDir(dataDir), name));
}

/** The operator's own organization has a folder here for accounts of callers alone. */
function nameOf(organization: string | undefined): string {
  return organization === undefined ? "own" : digest(["organization", organization]);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
