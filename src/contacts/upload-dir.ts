import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { earliest } from "../lib/clock.ts";
import { errorCode, makeDir } from "../lib/system.ts";

type Upload = { readonly principal: string; readonly fileName: string; readonly expiresAt: Date };

// `<expiry in ms>-<id>`, then `.part` while it arrives, `.owner` (whose it is and its name, a line each) and `.list` once all is there.
const nameShape = /^(\d{1,16})-([\w-]{22})\.(part|owner|list)$/;

/** A directory of uploads that only this user can read. A file's name says until when it is kept, so any process can remove it. */
export class UploadDir {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the bytes as they come; when they or the disk fail, nothing is left. */
  async write(
    { principal, fileName, expiresAt }: Upload,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly id: string; readonly size: number }> {
    await makeDir(this.#path);
    const id = randomBytes(16).toString("base64url");
    const stem = join(this.#path, `${expiresAt.getTime()}-${id}`);
    try {
      const size = await writeAll(`${stem}.part`, bytes);
      await writeFile(`${stem}.owner`, `${principal}\n${fileName}`, { mode: 0o600, flag: "wx" });
      await rename(`${stem}.part`, `${stem}.list`);
      return { id, size };
    } catch (error) {
      for (const ending of ["part", "owner", "list"]) await rm(`${stem}.${ending}`, { force: true });
      throw error;
    }
  }

  async find(id: string): Promise<(Upload & { readonly path: string }) | undefined> {
    const found = (await this.#entries()).find((entry) => entry.id === id && entry.kind === "list");
    if (!found) return undefined;
    const owner = await readFile(found.path.replace(/list$/, "owner"), "utf8").catch(() => "");
    const [principal, fileName] = owner.split("\n");
    if (principal === undefined || fileName === undefined) return undefined;
    return { principal, fileName, expiresAt: found.expiresAt, path: found.path };
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
async function writeAll(path: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(path, "wx", 0o600);
  try {
    let size = 0;
    for await (const chunk of bytes) {
      await handle.appendFile(chunk);
      size += chunk.length;
    }
    return size;
  } finally {
    await handle.close();
  }
}
