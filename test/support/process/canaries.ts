import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A text and where it came from. */
type Source = { readonly from: string; readonly content: Buffer };

/** Collects everything that a program leaves behind, and looks for secrets in it, as they are and in other writings. */
export class Leavings {
  readonly #sources: Source[] = [];

  add(from: string, text: string): void {
    this.#sources.push({ from, content: Buffer.from(text) });
  }

  /** Every file in there, whatever it is; without those of the given names. */
  async addFolder(folder: string, except: readonly string[] = []): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile() && !except.includes(one.name))) {
      const path = join(entry.parentPath, entry.name);
      this.#sources.push({ from: path, content: await readFile(path) });
    }
  }

  /** Where one of the secrets stands: `its name in its place`. */
  find(secrets: Readonly<Record<string, string>>): readonly string[] {
    return Object.entries(secrets).flatMap(([name, secret]) =>
      this.#sources
        .filter(({ content }) => writings(secret).some((written) => content.includes(written)))
        .map(({ from }) => `${name} in ${from}`),
    );
  }

  get files(): readonly string[] {
    return this.#sources.map(({ from }) => from);
  }
}

function writings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url"), bytes.toString("hex")];
}
