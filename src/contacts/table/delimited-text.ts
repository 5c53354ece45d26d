import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { UnreadableFile } from "../unreadable-file.ts";
import type { RawTable } from "./build-table.ts";
import { readCsvRows } from "./csv-rows.ts";
import { decodeBlocks } from "./decode-blocks.ts";
import { findDelimiter } from "./delimiter.ts";
import { requireDelimited } from "./file-kind.ts";
import { isJsonLines, openJsonLines } from "./json-lines.ts";
import { maxTableBytes, type OpenTableOptions, readBlocks, type TableSource } from "./table-source.ts";
import { EncodingSurvey } from "./text-encoding.ts";

const mark = Buffer.from("\uFEFF");

/** Reads the bytes once to find out their encoding, and again for every walk. Throws `UnreadableFile`. */
export async function openEncodedText(source: TableSource, { signal }: OpenTableOptions): Promise<RawTable> {
  const survey = new EncodingSurvey();
  let checksum = 0;
  let hasMark: boolean | undefined;
  for await (const block of readBlocks(source, signal)) {
    hasMark ??= block.subarray(0, mark.length).equals(mark);
    survey.add(block);
    checksum = crc32(block, checksum);
  }
  const encoding = survey.conclude();
  const texts = () => decodeBlocks(unchanged(readBlocks(source, signal), checksum), encoding);
  const said = encoding === "windows-1252" ? ["Its letters are in Windows-1252 and were read so."] : [];
  return openDelimited(texts, {
    source: source.name,
    facts: { format: "csv", encoding },
    said,
    hasMark: hasMark ?? false,
  });
}

export async function openPlainText(text: string, source: string): Promise<RawTable> {
  if (text.includes("\0")) throw new UnreadableFile('holds NUL characters; save the list as "CSV UTF-8"');
  if (text.length > maxTableBytes) throw new UnreadableFile("is larger than 64 MiB; split the list");
  const hasMark = text.startsWith("\uFEFF");
  const whole = hasMark ? text.slice(1) : text;
  return openDelimited(() => inPieces(whole), { source, facts: { format: "csv" }, said: [], hasMark });
}

type Origin = Pick<RawTable, "source" | "facts" | "said" | "hasMark">;

async function openDelimited(texts: () => AsyncIterable<string>, origin: Origin): Promise<RawTable> {
  const head = await beginningOf(texts());
  if (isJsonLines(head)) return openJsonLines(texts, origin);
  requireDelimited(head);
  const { delimiter, skip } = findDelimiter(head);
  return { ...origin, isSeparated: true, rows: () => readCsvRows(without(texts(), skip), delimiter) };
}

async function beginningOf(texts: AsyncIterable<string>): Promise<string> {
  for await (const text of texts) return text;
  return "";
}

/** The bytes, which were read before and must be the same still. */
async function* unchanged(blocks: AsyncIterable<Buffer>, checksum: number): AsyncGenerator<Buffer> {
  let found = 0;
  for await (const block of blocks) {
    found = crc32(block, found);
    yield block;
  }
  if (found !== checksum) {
    throw new UnreadableFile("changed while it was read; try again when nothing writes to it any more");
  }
}

async function* without(texts: AsyncIterable<string>, skip: number): AsyncGenerator<string> {
  let left = skip;
  for await (const text of texts) {
    yield text.slice(left);
    left = Math.max(0, left - text.length);
  }
}

const pieceLength = 64 * 1024;

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += pieceLength) {
    yield text.slice(at, at + pieceLength);
    await setImmediate();
  }
}
