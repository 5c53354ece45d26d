import { createHash, randomBytes } from "node:crypto";
import { isScope, type Scope } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import { openPrivateDatabase } from "../lib/sqlite.ts";

/** Released steps never change. Instants are ms since 1970 UTC. Of a token only its SHA-256 is here: it has 256 random bits, so nothing is guessed from that. */
const accessSchemaSteps: readonly string[] = [
  `
  CREATE TABLE tokens (
    name TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    organization TEXT,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
];

export type NamedToken = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The operator's own where absent. */
  readonly organization?: string;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
};

/** Bearer tokens of people and programs, each with a name. All processes of the data directory see a change with their next request. */
export type NamedTokens = {
  /** Makes a token and returns it: the only time that anybody sees it. Throws `invalid_input` for a name that is, or ever was, taken. */
  add(token: Pick<NamedToken, "name" | "scopes" | "organization">, now: Date): string;
  /** Oldest first, revoked ones too. */
  list(): readonly NamedToken[];
  /** Returns since when it was revoked already; undefined where this did it. Throws `not_found` for a name that no token has. */
  revoke(name: string, now: Date): Date | undefined;
  /** The token that is good; undefined for any other text. */
  find(token: string): NamedToken | undefined;
  /** Whether a token of that name is good. */
  isGood(name: string): boolean;
  /** Whether one was ever made: from then on nobody gets in without, also when all are revoked. */
  hasAny(): boolean;
  close(): void;
};

const prefix = "bcm_";
const mostKnown = 10_000;
/** Cannot be taken for the principals `local` and `http`, nor for one that an issuer names. */
const nameForm = /^[a-z0-9][a-z0-9._-]{0,59}$/;
const ownNames: ReadonlySet<string> = new Set(["local", "http", "approval", "recipient"]);

/** Opens the file of the tokens, making it when it is not there: for its owner only. */
export function openNamedTokens(path: string): NamedTokens {
  const database = openPrivateDatabase(path, accessSchemaSteps, newerDatabase);
  const insert = database.prepare(
    "INSERT INTO tokens (name, digest, scopes, organization, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const all = database.prepare("SELECT * FROM tokens ORDER BY created_at, name");
  const revoke = database.prepare("UPDATE tokens SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL");
  const byDigest = database.prepare("SELECT * FROM tokens WHERE digest = ? AND revoked_at IS NULL");
  const good = database.prepare("SELECT 1 FROM tokens WHERE name = ? AND revoked_at IS NULL");
  const any = database.prepare("SELECT 1 FROM tokens LIMIT 1");
  // A token is revoked and never removed, so that one that was made once stays made.
  let hasOne = false;
  // Moves with every commit of another connection, and so with each change that another process makes.
  const version = database.prepare("PRAGMA data_version");
  let knownVersion: unknown;
  const known = new Map<string, NamedToken>();
  const forgetOnceChanged = (): void => {
    const found = version.get()?.["data_version"];
    if (found === knownVersion && known.size < mostKnown) return;
    known.clear();
    knownVersion = found;
  };
  return {
    add({ name, scopes, organization }, now) {
      requireName(name);
      const token = `${prefix}${randomBytes(32).toString("base64url")}`;
      known.clear();
      const { changes } = insert.run(name, digest(token), scopes.join(" "), organization ?? null, now.getTime());
      if (Number(changes) === 1) return token;
      const message = `There is, or was, a token "${name}", and the record knows what was done with it by that name. Nothing was made. Take another name.`;
      throw new Problem("invalid_input", message);
    },
    list: () => all.all().map(toToken),
    revoke(name, now) {
      known.clear();
      if (Number(revoke.run(now.getTime(), name).changes) === 1) return undefined;
      const before = all
        .all()
        .map(toToken)
        .find((token) => token.name === name)?.revokedAt;
      if (before) return before;
      throw new Problem("not_found", `There is no token "${name}". Nothing was revoked.`);
    },
    find(token) {
      if (!token.startsWith(prefix)) return undefined;
      forgetOnceChanged();
      const key = digest(token);
      const row = known.has(key) ? undefined : byDigest.get(key);
      if (row) known.set(key, toToken(row));
      return known.get(key);
    },
    isGood: (name) => good.get(name) !== undefined,
    hasAny() {
      hasOne ||= any.get() !== undefined;
      return hasOne;
    },
    close: () => database.close(),
  };
}

function requireName(name: string): void {
  if (nameForm.test(name) && !ownNames.has(name)) return;
  const message = ownNames.has(name)
    ? `"${name}" stands for others in the record. Nothing was made. Take another name.`
    : "A name has up to 60 of the characters a to z, 0 to 9, dot, dash and underscore, and begins with a letter or digit. Nothing was made.";
  throw new Problem("invalid_input", message);
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function toToken(row: Readonly<Record<string, unknown>>): NamedToken {
  const { organization, revoked_at: revokedAt } = row;
  return {
    name: String(row["name"]),
    scopes: String(row["scopes"]).split(" ").filter(isScope),
    createdAt: new Date(Number(row["created_at"])),
    ...(typeof organization === "string" && { organization }),
    ...(typeof revokedAt === "number" && { revokedAt: new Date(revokedAt) }),
  };
}

function newerDatabase(found: number, known: number): Error {
  return new Problem(
    "unavailable",
    `The file of tokens was written by a newer version of batch-call-mcp (schema ${found}; this copy knows ${known}). Nothing was changed. Update this copy.`,
  );
}
