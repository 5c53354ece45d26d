import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { Problem } from "../../domain/problem.ts";
import { Secret } from "../../domain/secret.ts";
import { errorCode, makeDir } from "../../lib/system.ts";

/** An account of the service and the pair of keys that opens it. */
type Organization = { readonly organizationId: string; readonly apiKey: Secret; readonly apiSecret: Secret };
export type Organizations = readonly [Organization, ...Organization[]];

const entry = z.object({
  organization_id: z.string().min(1),
  api_key: z.string().min(1),
  api_secret: z.string().min(1),
});
const credentialsFile = z.tuple([entry], entry);

/**
 * The organizations of a credentials file. A file that does not exist is made, with one organization, readable by its
 * owner only; of several processes that make it at once, all get the same one. Throws a `Problem` that names a file
 * that cannot be read or understood.
 */
export async function loadOrganizations(path: string): Promise<Organizations> {
  const text = (await readIfThere(path)) ?? (await make(path));
  const parsed = credentialsFile.safeParse(parseJson(text));
  if (!parsed.success)
    throw new Problem(
      "unavailable",
      brokenFile(path, "it does not hold a JSON list of {organization_id, api_key, api_secret}"),
    );
  const [first, ...rest] = parsed.data;
  return [toOrganization(first), ...rest.map(toOrganization)];
}

function toOrganization(row: z.output<typeof entry>): Organization {
  return {
    organizationId: row.organization_id,
    apiKey: new Secret(row.api_key),
    apiSecret: new Secret(row.api_secret),
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new Problem("unavailable", brokenFile(path, `it cannot be read (${errorCode(cause)})`), { cause });
  }
}

// A hard link appears whole or not at all and fails when the name is taken, so nobody reads half a file and the first
// of several processes decides.
async function make(path: string): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await makeDir(dirname(path));
    await writeFile(draft, `${JSON.stringify([newEntry()], null, 2)}\n`, { mode: 0o600, flag: "wx" });
    await link(draft, path).catch((error: unknown) => {
      if (errorCode(error) !== "EEXIST") throw error;
    });
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Problem("unavailable", brokenFile(path, `it cannot be made (${errorCode(cause)})`), { cause });
  } finally {
    await rm(draft, { force: true });
  }
}

function newEntry(): z.input<typeof entry> {
  return {
    organization_id: `org_${randomBytes(10).toString("hex")}`,
    api_key: `sk_${randomBytes(16).toString("hex")}`,
    api_secret: `s3cr3t_${randomBytes(20).toString("hex")}`,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function brokenFile(path: string, what: string): string {
  return `The service has no usable keys in ${path}: ${what}. Repair the file or its permissions, or move it away and start again to get new keys.`;
}

/** Knows which organization a pair of keys opens, by their hashes only. */
export type Keyring = { organizationOf(apiKey: string, apiSecret: string): string | undefined };

/** What is kept of an organization where its keys must not be: the SHA-256 of the pair. */
export type HashedKeys = { readonly organizationId: string; readonly hash: Buffer };

export function createKeyring(known: readonly HashedKeys[]): Keyring {
  return {
    organizationOf(apiKey, apiSecret) {
      const hash = hashOf(apiKey, apiSecret);
      // All are compared, so the time it takes tells nothing.
      return known.filter((candidate) => timingSafeEqual(candidate.hash, hash))[0]?.organizationId;
    },
  };
}

export function toHashedKeys({ organizationId, apiKey, apiSecret }: Organization): HashedKeys {
  return { organizationId, hash: hashOf(apiKey.reveal(), apiSecret.reveal()) };
}

function hashOf(apiKey: string, apiSecret: string): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([apiKey, apiSecret]))
    .digest();
}
