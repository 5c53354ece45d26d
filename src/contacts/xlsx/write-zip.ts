import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw } from "node:zlib";
import { Problem } from "../../domain/problem.ts";

/** A file of an archive that is being written, in pieces that are made when they are asked for. */
export type NewEntry = { readonly name: string; readonly content: AsyncIterable<string> | Iterable<string> };

const local = 0x04034b50;
const descriptor = 0x08074b50;
const directory = 0x02014b50;
const end = 0x06054b50;
const version = 20;
// Size and checksum follow the bytes (bit 3), names are UTF-8 (bit 11).
const flags = 0x0808;
const deflated = 8;
// 1 January 1980, the first day that the format knows.
const date = 0x21;
const largest = 0xffffffff;

type Written = {
  readonly name: Buffer;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly start: number;
};

/**
 * A zip archive as it is made (APPNOTE.TXT of PKWARE, 4.3), packed by Node's zlib, of which no entry is ever whole in memory. Throws
 * `unavailable` for more than 4 GiB, which the plain format cannot say.
 */
export async function* writeZip(entries: readonly NewEntry[]): AsyncGenerator<Buffer, void, undefined> {
  const written: Written[] = [];
  let at = 0;
  for (const { name, content } of entries) {
    const start = at;
    const bytes = Buffer.from(name);
    const [head, facts] = [localHead(bytes), { crc: 0, size: 0, packed: 0 }];
    yield head;
    for await (const block of pack(content, facts)) yield block;
    yield Buffer.concat([descriptor, facts.crc, facts.packed, facts.size].map(u32));
    at += head.length + facts.packed + 16;
    if (Math.max(at, facts.size) > largest) throw tooLarge();
    written.push({ name: bytes, ...facts, start });
  }
  const list = Buffer.concat(written.map(directoryEntry));
  yield list;
  yield Buffer.concat([
    u32(end),
    u16(0),
    u16(0),
    u16(written.length),
    u16(written.length),
    u32(list.length),
    u32(at),
    u16(0),
  ]);
}

type Facts = { crc: number; size: number; packed: number };

async function* pack(content: NewEntry["content"], facts: Facts): AsyncGenerator<Buffer, void, undefined> {
  const deflate = createDeflateRaw();
  const packing = pipeline(Readable.from(counted(content, facts)), deflate);
  // What goes wrong comes out of the loop below as well.
  packing.catch(() => undefined);
  for await (const block of deflate) {
    facts.packed += block.length;
    yield block;
  }
  await packing;
}

async function* counted(content: NewEntry["content"], facts: Facts): AsyncGenerator<Buffer, void, undefined> {
  for await (const text of content) {
    const bytes = Buffer.from(text);
    facts.size += bytes.length;
    facts.crc = crc32(bytes, facts.crc);
    yield bytes;
  }
}

function localHead(name: Buffer): Buffer {
  return Buffer.concat([u32(local), head(), u32(0), u32(0), u32(0), u16(name.length), u16(0), name]);
}

function directoryEntry({ name, crc, packed, size, start }: Written): Buffer {
  const facts = [u32(crc), u32(packed), u32(size), u16(name.length)];
  // Neither extra fields, comment, disk nor attributes.
  return Buffer.concat([u32(directory), u16(version), head(), ...facts, Buffer.alloc(12), u32(start), name]);
}

function head(): Buffer {
  return Buffer.concat([u16(version), u16(flags), u16(deflated), u16(0), u16(date)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function tooLarge(): Problem {
  return new Problem("unavailable", "The workbook would be larger than 4 GiB. Export it as csv.");
}
