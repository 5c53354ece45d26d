import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { earliest } from "../lib/clock.ts";
import { errorCode, makeDir } from "../lib/system.ts";

type OwnedFile = { readonly owner: string; readonly fileName: string; readonly expiresAt: Date };

/** One that is there whole. */
export type ExpiringFile = OwnedFile & { readonly id: string; readonly path: string; readonly isUsed: boolean };

// `<expiry in ms>-<id>`, then `.part` while it arrives, `.owner` (whose it is and its name, a line each), `.list` once all is there, and
// `.used` where it was to be handed out once and was.
const nameShape = /^(\d{1,16})-([\w-]{22})\.(part|owner|list|used)$/;

/** A directory of files that only this user can read. A file's name says until when it is kept, so any process can remove it. */
export class ExpiringDir {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the bytes as they come; when they or the disk fail, nothing is left. */
  async write(
    { owner, fileName, expiresAt }: OwnedFile,
    bytes: AsyncIterable<string | Uint8Array>,
  ): Promise<{ readonly id: string; readonly size: number }> {
    await makeDir(this.#path);
    const id = randomBytes(16).toString("base64url");
    const stem = join(this.#path, `${expiresAt.getTime()}-${id}`);
    try {
      const size = await writeAll(`${stem}.part`, bytes);
      await writeFile(`${stem}.owner`, `${owner}\n${fileName}`, { mode: 0o600, flag: "wx" });
      await rename(`${stem}.part`, `${stem}.list`);
      return { id, size };
    } catch (error) {
      for (const ending of ["part", "owner", "list"]) await rm(`${stem}.${ending}`, { force: true });
      throw error;
    }
  }

  async find(id: string): Promise<ExpiringFile | undefined> {
    const entries = (await this.#entries()).filter((entry) => entry.id === id);
    const found = entries.find(({ kind }) => kind === "list");
    if (!found) return undefined;
    const owned = await readFile(found.path.replace(/list$/, "owner"), "utf8").catch(() => "");
    const [owner, fileName] = owned.split("\n");
    if (owner === undefined || fileName === undefined) return undefined;
    const isUsed = entries.some(({ kind }) => kind === "used");
    return { id, owner, fileName, expiresAt: found.expiresAt, path: found.path, isUsed };
  }

  /** Written down as used from now on, also for a process that starts later. */
  async markUsed({ path }: Pick<ExpiringFile, "path">): Promise<void> {
    await writeFile(path.replace(/list$/, "used"), "", { mode: 0o600 });
  }

  /** Removes what has expired, halves too, and returns how many lists are left and when the next file expires. */
  async removeExpired(now: Date): Promise<{ readonly lists: number; readonly next?: Date }> {
    const entries = await this.#entries();
    for (const { path } of entries.filter(({ expiresAt }) => expiresAt <= now)) await rm(path, { force: true });
    const left = entries.filter(({ expiresAt }) => expiresAt > now);
    const next = earliest(...left.map(({ expiresAt }) => expiresAt));
    return { lists: left.filter(({ kind }) => kind === "list").length, ...(next && { next }) };
  }

  async #entries() {
    const names = await readdir(this.#path).catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    });
    return names.flatMap((name) => {
      const [, expiry, id, kind] = nameShape.exec(name) ?? [];
      return expiry && id && kind
        ? [{ id, kind, path: join(this.#path, name), expiresAt: new Date(Number(expiry)) }]
        : [];
    });
  }
}

/** Writes a new file for its owner only, one piece after the other, and returns its size. */
async function writeAll(path: string, bytes: AsyncIterable<string | Uint8Array>): Promise<number> {
  const handle = await open(path, "wx", 0o600);
  try {
    let size = 0;
    for await (const chunk of bytes) {
      await handle.appendFile(chunk);
      size += Buffer.byteLength(chunk);
    }
    return size;
  } finally {
    await handle.close();
  }
}
