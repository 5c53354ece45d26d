import { win32 } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { Background } from "../lib/background.ts";
import type { CancelTimer, Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { errorCode } from "../lib/system.ts";
import { ExpiringDir } from "./expiring-dir.ts";
import { requireListName } from "./list-name.ts";
import { openStableFile } from "./stable-file.ts";
import { requireSize, type TableSource } from "./table/table-source.ts";
import { UnreadableFile } from "./unreadable-file.ts";

/** A list as somebody sends it. */
export type SentList = {
  /** What the sender calls the file; of a path its last part counts. */
  readonly name: string;
  readonly owner: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** In bytes, where the sender says it. */
  readonly announcedSize?: number;
};

export type KeptUpload = {
  /** `upload:` and what nobody guesses; named as a file is. */
  readonly upload: string;
  readonly expiresAt: Date;
  /** What `expiresAt` is read against. */
  readonly now: Date;
  /** In bytes. */
  readonly size: number;
};

/** Lists that were sent to this server over HTTP, each kept for an hour and for the organization of who sent it only. */
export type Uploads = {
  /**
   * Keeps a list, or nothing of it: throws `invalid_input` for one that is empty, cut off or not named like a list,
   * `refused_by_limit` for more than 64 MiB, `rate_limited` while too many wait, `unavailable` when it cannot be written.
   */
  keep(sent: SentList): Promise<KeptUpload>;
  /** Opens what was kept under that name. Throws `not_found` for what is unknown, expired or another organization's. */
  open(upload: string, owner: string): Promise<TableSource>;
  /** Ends the removal of what expires; a later start goes on with it. */
  close(): Promise<void>;
};

const prefix = "upload:";
const keptMs = 60 * 60 * 1000;
/** With 64 MiB each at most 1.25 GiB. */
const waitingAtMost = 20;

/** How a list gets to a server that reads no paths; holds no secret. */
export const howToUpload =
  'Over HTTP a file is sent to /uploads, beside /mcp and with the same token: curl --data-binary @list.csv -H "Authorization: Bearer $BATCH_CALL_HTTP_TOKEN" "http://HOST:PORT/uploads?name=list.csv", then the upload:… of its answer is given instead of a path. It is kept for an hour.';

/** Whether a file is named by what was uploaded. A file of such a name in a folder is `./upload:…`. */
export function isUpload(name: string): boolean {
  return name.startsWith(prefix);
}

/** Keeps uploads in a private directory. What has expired there is removed now and as time goes on. */
export function openUploads(path: string, clock: Clock, log: Log): Uploads {
  const dir = new ExpiringDir(path);
  const background = new Background(clock, log);
  let cancel: CancelTimer = () => {};
  let arriving = 0;
  const sweep = async (): Promise<void> => {
    const { next } = await dir.removeExpired(clock.now());
    cancel();
    if (next) cancel = background.at(next, () => background.start(sweep));
  };
  background.start(sweep);
  return {
    async keep({ name, owner, body, announcedSize = 0 }) {
      const fileName = requireName(name);
      requireUploadSize(announcedSize);
      arriving += 1;
      try {
        requireRoom(arriving, await dir.removeExpired(clock.now()));
        const now = clock.now();
        const expiresAt = new Date(now.getTime() + keptMs);
        const kept = await dir.write({ owner, fileName, expiresAt }, countBytes(body));
        return { upload: `${prefix}${kept.id}`, expiresAt, now, size: kept.size };
      } catch (cause) {
        throw cause instanceof Problem ? cause : notKept(cause);
      } finally {
        arriving -= 1;
        background.start(sweep);
      }
    },
    async open(upload, owner) {
      const found = await dir.find(upload.slice(prefix.length));
      if (!found || found.owner !== owner || found.expiresAt <= clock.now()) throw unknownUpload(upload);
      const name = `"${plainText(found.fileName, 100)}" (${upload})`;
      try {
        const { stats, read } = await openStableFile(found.path);
        return { name, fileName: found.fileName, size: stats.size, open: read };
      } catch (cause) {
        throw cause instanceof UnreadableFile ? unknownUpload(upload) : cause;
      }
    },
    close: () => background.close(),
  };
}

function requireName(name: string): string {
  const fileName = plainText(win32.basename(name), 200);
  try {
    requireListName(fileName);
  } catch (cause) {
    if (!(cause instanceof UnreadableFile)) throw cause;
    throw notTaken(`"${fileName}" ${cause.message}, and give its name`, cause);
  }
  return fileName;
}

function requireRoom(arriving: number, { lists, next }: { readonly lists: number; readonly next?: Date }): void {
  if (arriving + lists <= waitingAtMost) return;
  const message = `${waitingAtMost} uploads are kept here or on their way, as many as there may be. Nothing was kept. Try again${next ? ` after ${next.toISOString()}, when the oldest expires` : ""}.`;
  throw new Problem("rate_limited", message);
}

/** Ends with a `Problem` where the body is too large, empty or ends before its end. */
async function* countBytes(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      requireUploadSize(size);
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof Problem ? cause : notTaken("The file was cut off on its way here; send it again", cause);
  }
  if (size === 0) throw notTaken("The file is empty: its bytes are the whole body of the request");
}

function requireUploadSize(size: number): void {
  try {
    requireSize(size);
  } catch (cause) {
    const message = `The file ${cause instanceof Error ? cause.message : cause}. Nothing was kept.`;
    throw new Problem("refused_by_limit", message, { cause });
  }
}

function notTaken(what: string, cause?: unknown): Problem {
  return new Problem("invalid_input", `${what}. Nothing was kept.`, { cause });
}

function notKept(cause: unknown): Problem {
  const message = `The file cannot be kept here (${errorCode(cause)}). Nothing was kept. Make room in BATCH_CALL_DATA_DIR, or see that it can be written to.`;
  return new Problem("unavailable", message, { cause });
}

function unknownUpload(upload: string): Problem {
  const message = `There is no "${plainText(upload, 60)}" of yours: an upload is kept for an hour, and for the organization that sent it only. Nothing was created. ${howToUpload}`;
  return new Problem("not_found", message);
}
