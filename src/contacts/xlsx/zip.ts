import { crc32, createInflateRaw } from "node:zlib";
import { UnreadableFile } from "../unreadable-file.ts";

/** A file in an archive. */
export type ZipEntry = {
  readonly name: string;
  /** Bytes when unpacked, as the archive says. */
  readonly size: number;
  /** Its bytes, unpacked, in blocks. Throws `UnreadableFile` where they are not what the archive says. */
  open(): AsyncGenerator<Buffer>;
};

const incomplete = "is damaged or incomplete; get it again, or open it in Excel and save it";

const directoryEntry = 0x02014b50;
const localEntry = 0x04034b50;

/**
 * The files of an archive by name, as its directory at the end lists them (APPNOTE.TXT of PKWARE, 4.3). The format is
 * read here and unpacked by Node's zlib: it streams, and what was unpacked is held against size and checksum on the way.
 */
export function openZip(bytes: Buffer): ReadonlyMap<string, ZipEntry> {
  const end = bytes.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  if (end === -1 || end + 22 > bytes.length) throw new UnreadableFile(incomplete);
  const entries = new Map<string, ZipEntry>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== directoryEntry) throw new UnreadableFile(incomplete);
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const name = bytes.toString("utf8", at + 46, nameEnd).replaceAll("\\", "/");
    entries.set(name, toEntry(bytes, name, at, bytes.subarray(nameEnd, extraEnd)));
    at = extraEnd + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

type Facts = {
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly start: number;
};

function toEntry(bytes: Buffer, name: string, at: number, extra: Buffer): ZipEntry {
  if ((bytes.readUInt16LE(at + 8) & 1) === 1) {
    throw new UnreadableFile("is protected by a password; remove the password and save it");
  }
  const [size, packed, start] = wideFields(extra, [
    bytes.readUInt32LE(at + 24),
    bytes.readUInt32LE(at + 20),
    bytes.readUInt32LE(at + 42),
  ]);
  const facts = { method: bytes.readUInt16LE(at + 10), crc: bytes.readUInt32LE(at + 16), packed, size, start };
  return { name, size, open: () => unpack(bytes, facts) };
}

type Fields = readonly [size: number, packed: number, start: number];

/** Fields that do not fit 32 bits stand in an extra field instead, and some programs always put them there. */
function wideFields(extra: Buffer, fields: Fields): Fields {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    const widen = (field: number): number => {
      if (field !== 0xffffffff || next + 8 > extra.length) return field;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    };
    return [widen(fields[0]), widen(fields[1]), widen(fields[2])];
  }
  return fields;
}

async function* unpack(bytes: Buffer, facts: Facts): AsyncGenerator<Buffer> {
  let size = 0;
  let crc = 0;
  for await (const block of inflate(packedBytes(bytes, facts), facts.method)) {
    size += block.length;
    if (size > facts.size) throw new UnreadableFile("unpacks to more than it says, as only a harmful file does");
    crc = crc32(block, crc);
    yield block;
  }
  if (size !== facts.size || crc !== facts.crc) throw new UnreadableFile(incomplete);
}

function packedBytes(bytes: Buffer, { start, packed }: Facts): Buffer {
  if (start + 30 > bytes.length || bytes.readUInt32LE(start) !== localEntry) throw new UnreadableFile(incomplete);
  const from = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
  if (from + packed > bytes.length) throw new UnreadableFile(incomplete);
  return bytes.subarray(from, from + packed);
}

// Half of what is read at a time elsewhere: XML takes longer to read than the text of a list.
const blockBytes = 32 * 1024;

async function* inflate(packed: Buffer, method: number): AsyncGenerator<Buffer> {
  if (method === 0) {
    for (let at = 0; at < packed.length; at += blockBytes) yield packed.subarray(at, at + blockBytes);
    return;
  }
  if (method !== 8) throw new UnreadableFile("is packed in a way that is not read; open it in Excel and save it");
  const inflater = createInflateRaw({ chunkSize: blockBytes });
  inflater.end(packed);
  try {
    for await (const block of inflater) yield block;
  } catch (cause) {
    throw new UnreadableFile(incomplete, { cause });
  }
}
