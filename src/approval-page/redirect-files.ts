import { randomBytes } from "node:crypto";
import { chmod, lstat, readdir, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { html } from "hono/html";
import { makeDir } from "../lib/system.ts";
import type { Desktop } from "./open-in-browser.ts";

const nameShape = /^(\d+)-[\w-]+\.html$/;

/**
 * Files that only this user can read, each of which leads a browser to one link. The arguments of a browser are read by
 * every user of the machine; the address of such a file says nothing to anybody else.
 */
export class RedirectFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Path for a new file; its name says until when it is of use. */
  newPath(until: Date): string {
    return join(this.#dir, `${until.getTime()}-${randomBytes(12).toString("base64url")}.html`);
  }

  /** Throws where the file could not be kept private. */
  async write(path: string, link: string, now: Date): Promise<void> {
    await makePrivateDir(this.#dir);
    await this.#removeOld(now);
    await writeFile(path, String(redirectTo(link)), { mode: 0o600, flag: "wx" });
  }

  /** What a process left behind that was killed. Another process that runs may still need the others. */
  async #removeOld(now: Date): Promise<void> {
    for (const name of await readdir(this.#dir)) {
      const until = nameShape.exec(name)?.[1];
      if (until !== undefined && Number(until) <= now.getTime()) await rm(join(this.#dir, name), { force: true });
    }
  }
}

/**
 * Where the files stand: in the data directory. On Linux a browser from a snap reads no hidden directory, and the data
 * directory mostly is in one; so there it is a directory of its own in the home.
 */
export function redirectDir(dataDir: string, { os, env }: Desktop): string {
  const isHidden = dataDir.split(sep).some((part) => part.startsWith("."));
  const home = env["HOME"];
  return os === "linux" && isHidden && home ? join(home, "batch-call-approvals") : join(dataDir, "approvals");
}

/** Windows has no such modes; there the user's own profile is closed to others. */
async function makePrivateDir(dir: string): Promise<void> {
  await makeDir(dir);
  const found = await lstat(dir);
  if (!found.isDirectory()) throw new Error(`${dir} is not a directory`);
  if (process.getuid && found.uid !== process.getuid()) throw new Error(`${dir} belongs to another user`);
  await chmod(dir, 0o700);
}

function redirectTo(link: string) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${link}">
<title>Batch calls</title>
</head>
<body><p><a href="${link}">Show the question</a></p></body>
</html>
`;
}
