import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { Background } from "../lib/background.ts";
import type { CancelTimer, Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { errorCode } from "../lib/system.ts";
import type { Transfer } from "../lib/watch-transfer.ts";
import { ExpiringDir, type ExpiringFile } from "./expiring-dir.ts";
import type { Parts } from "./new-file.ts";
import { openStableFile } from "./stable-file.ts";
import type { TableSource } from "./table/table-source.ts";
import { UnreadableFile } from "./unreadable-file.ts";

export type KeptDownload = {
  /** What nobody guesses; the last part of the address. */
  readonly id: string;
  readonly mimeType: string;
  readonly expiresAt: Date;
  /** In bytes. */
  readonly size: number;
};

export type TakenDownload = {
  readonly fileName: string;
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
};

/** Files that were written for somebody on another machine: each for an hour, for the organization that asked for it, and handed out once. */
export type Downloads = {
  /** Keeps a file as its parts come; what they throw is let through and nothing is left. Throws `rate_limited` while too many wait. */
  keep(file: { readonly name: string; readonly owner: string; readonly parts: Parts }): Promise<KeptDownload>;
  /**
   * Hands the file out, for that transfer. It is used up when all of it arrived and not before: one that broke off can be repeated,
   * and whoever comes again waits for the end of a sending of theirs that is under way, and ends one that hangs. Throws `not_found` in words for what is used up, expired,
   * unknown or another organization's.
   */
  take(id: string, owner: string, transfer: Transfer): Promise<TakenDownload>;
  /** Opens the file at that address as a list; that does not use it up. Throws `not_found`. */
  open(address: string, owner: string): Promise<TableSource>;
  /** Resolves when what follows the end of a transfer is done. */
  settled(): Promise<void>;
  /** Ends the removal of what expires; a later start goes on with it. */
  close(): Promise<void>;
};

const keptMs = 60 * 60 * 1000;
const waitingAtMost = 20;
const addressForm = /^https?:\/\/[^/]+\/downloads\/([\w-]{22})$/;

/** Where a file is fetched from a server that is reached at that origin. */
export function toDownloadAddress(origin: string, id: string): string {
  return `${origin}/downloads/${id}`;
}

/** Whether a file is named by the address of a download. Nothing is fetched from it: it names what is kept here. */
export function isDownload(name: string): boolean {
  return addressForm.test(name);
}

/** Keeps downloads in a private directory. What has expired there is removed now and as time goes on. */
export function openDownloads(path: string, clock: Clock, log: Log): Downloads {
  const dir = new ExpiringDir(path);
  const background = new Background(clock, log);
  const underWay = new Map<string, { readonly hurry: () => void; readonly over: Promise<void> }>();
  let [writing, cancel]: [number, CancelTimer] = [0, () => {}];
  const sweep = async (): Promise<void> => {
    const { next } = await dir.removeExpired(clock.now());
    cancel();
    if (next) cancel = background.at(next, () => background.start(sweep));
  };
  const find = async (id: string, owner: string): Promise<ExpiringFile> => {
    const found = await dir.find(id);
    if (!found || found.owner !== owner || found.expiresAt <= clock.now()) throw unknownDownload(id);
    return found;
  };
  background.start(sweep);
  return {
    async keep({ name, owner, parts }) {
      writing += 1;
      try {
        requireRoom(writing, await dir.removeExpired(clock.now()));
        const expiresAt = new Date(clock.now().getTime() + keptMs);
        const fileName = plainText(name, 200);
        const written = await dir.write({ owner, fileName, expiresAt }, inOrder(parts));
        return { ...written, expiresAt, mimeType: typeOf(fileName) };
      } catch (cause) {
        throw isSystemError(cause) ? notKept(cause) : cause;
      } finally {
        writing -= 1;
        background.start(sweep);
      }
    },
    async take(id, owner, transfer) {
      await find(id, owner);
      for (let other = underWay.get(id); other; other = underWay.get(id)) {
        other.hurry();
        await other.over;
      }
      const checked = find(id, owner).then(requireUnused).then(withSize);
      const finish = async (): Promise<void> => {
        try {
          const file = await checked;
          if (await transfer.arrived(file.size)) await dir.markUsed(file);
        } catch (err) {
          if (!(err instanceof Problem)) log.error({ err }, "a download could not be marked as used");
        } finally {
          underWay.delete(id);
        }
      };
      underWay.set(id, { hurry: transfer.hurry, over: background.track(finish) });
      const { fileName, path: file, size } = await checked;
      return { fileName, mimeType: typeOf(fileName), size, read: () => bytesOf(file) };
    },
    async open(address, owner) {
      const id = addressForm.exec(address)?.[1] ?? "";
      const { fileName, path: file } = await find(id, owner);
      try {
        const { stats, read } = await openStableFile(file);
        return { name: `"${plainText(fileName, 100)}" (${address})`, fileName, size: stats.size, open: read };
      } catch (cause) {
        throw cause instanceof UnreadableFile ? unreadable(fileName, cause) : cause;
      }
    },
    settled: () => background.idle(),
    close: () => background.close(),
  };
}

async function* inOrder(parts: Parts): AsyncGenerator<string | Uint8Array> {
  yield* parts;
}

const types: Readonly<Record<string, string>> = {
  ".csv": "text/csv; charset=utf-8",
  ".jsonl": "application/jsonl",
  ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

function typeOf(fileName: string): string {
  return types[extname(fileName)] ?? "application/octet-stream";
}

function requireRoom(writing: number, { lists, next }: { readonly lists: number; readonly next?: Date }): void {
  if (writing + lists <= waitingAtMost) return;
  const message = `${waitingAtMost} files are kept for downloading or being written, as many as there may be. Nothing was written. Try again${next ? ` after ${next.toISOString()}, when the oldest expires` : ""}, or read the results with get_batch_results.`;
  throw new Problem("rate_limited", message);
}

function isSystemError(cause: unknown): boolean {
  return cause instanceof Error && "syscall" in cause;
}

function notKept(cause: unknown): Problem {
  const message = `The file cannot be kept here (${errorCode(cause)}). Nothing was written. Make room in BATCH_CALL_DATA_DIR, or see that it can be written to.`;
  return new Problem("unavailable", message, { cause });
}

function unreadable(fileName: string, cause: UnreadableFile): Problem {
  const message = `"${plainText(fileName, 100)}" ${cause.message}. Nothing was created.`;
  return new Problem("invalid_input", message, { cause });
}

/** Opens the file when the first byte is asked for, so that a failure is met where it is read. */
async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file);
}

async function withSize(file: ExpiringFile) {
  return { ...file, size: (await stat(file.path)).size };
}

function requireUnused(file: ExpiringFile): ExpiringFile {
  if (!file.isUsed) return file;
  const { fileName, expiresAt } = file;
  const message = `"${plainText(fileName, 100)}" was downloaded already, and its address works once. Export it again for another; as tasks_file this one is read until ${expiresAt.toISOString()}.`;
  throw new Problem("not_found", message);
}

function unknownDownload(id: string): Problem {
  const message = `There is no file "${plainText(id, 30)}" of yours here: an export is kept for an hour, and for the organization that asked for it only. Export it again for another address; no result is lost.`;
  return new Problem("not_found", message);
}
