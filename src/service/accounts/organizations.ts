import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { Problem } from "../../domain/problem.ts";
import { Secret } from "../../domain/secret.ts";
import { errorCode, makeDir } from "../../lib/system.ts";

/** An account of the service and the pair of keys that opens it. */
export type Organization = { readonly organizationId: string; readonly apiKey: Secret; readonly apiSecret: Secret };
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

/** As `loadOrganizations`, of a file that somebody wrote; it is not made. */
export async function readOrganizations(path: string): Promise<Organizations> {
  const text = await readIfThere(path);
  const parsed = credentialsFile.safeParse(text === undefined ? undefined : parseJson(text));
  if (parsed.success) {
    const [first, ...rest] = parsed.data;
    return [toOrganization(first), ...rest.map(toOrganization)];
  }
  const what =
    text === undefined ? "it is not there" : "it does not hold a JSON list of {organization_id, api_key, api_secret}";
  throw new Problem(
    "unavailable",
    `No accounts of organizations can be read from ${path}: ${what}. Nothing was started.`,
  );
}

const derivedKey = /^sk_of_([0-9a-f]{32})$/;

/**
 * An organization of that name at a service whose first one is given: the same each time, and kept nowhere. Whoever has the keys of
 * the first has those of all, so it is for the service that starts by itself, of which nobody gets them.
 */
export function deriveOrganization(first: Organization, name: string): Organization {
  return organizationAt(first, createHash("sha256").update(name).digest("hex").slice(0, 32));
}

function organizationAt({ apiSecret }: Organization, place: string): Organization {
  const secret = createHmac("sha256", apiSecret.reveal()).update(`organization ${place}`).digest("hex");
  return {
    organizationId: `org_of_${place}`,
    apiKey: new Secret(`sk_of_${place}`),
    apiSecret: new Secret(`s3cr3t_${secret}`),
  };
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

/** `first` is given where organizations are derived from it. */
export function createKeyring(known: readonly HashedKeys[], first?: Organization): Keyring {
  return {
    organizationOf(apiKey, apiSecret) {
      const place = first && derivedKey.exec(apiKey)?.[1];
      if (first && place !== undefined) {
        const derived = organizationAt(first, place);
        return timingSafeEqual(toHashedKeys(derived).hash, hashOf(apiKey, apiSecret))
          ? derived.organizationId
          : undefined;
      }
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
