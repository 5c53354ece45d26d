import { UnreadableFile } from "../unreadable-file.ts";

const saveAs = "save the list as CSV UTF-8 or as an Excel workbook (.xlsx)";

/** What people take for a list, by the bytes that it begins with, and the rest of a sentence about it. */
const foreign: readonly (readonly [readonly number[], string])[] = [
  [[...Buffer.from("%PDF-")], `is a PDF document; ${saveAs}`],
  [[...Buffer.from("{\\rtf")], `is a text document (RTF); ${saveAs}`],
  [[0x1f, 0x8b], "is packed with gzip; unpack it first"],
  [[...Buffer.from("Rar!")], "is a RAR archive; unpack it first"],
  [[0x37, 0x7a, 0xbc, 0xaf], "is a 7z archive; unpack it first"],
  [[0x89, 0x50, 0x4e, 0x47], `is a picture (PNG); ${saveAs}`],
  [[0xff, 0xd8, 0xff], `is a picture (JPEG); ${saveAs}`],
  [[...Buffer.from("GIF8")], `is a picture (GIF); ${saveAs}`],
  [[...Buffer.from("SQLite format 3")], `is a database (SQLite); ${saveAs}`],
];

const compoundFile = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const zip = [0x50, 0x4b];

/** `text` for all that may be text. Throws `UnreadableFile` for files of another kind. */
export function kindOf(head: Buffer): "text" | "zip" | "compound" {
  if (beginsWith(head, zip) && (head[2] === 3 || head[2] === 5)) return "zip";
  if (beginsWith(head, compoundFile)) return "compound";
  const found = foreign.find(([magic]) => beginsWith(head, magic));
  if (found !== undefined) throw new UnreadableFile(found[1]);
  return "text";
}

function beginsWith(head: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}

/** What Office wrote before 2007, and the container that it puts a file with a password into. */
export async function compoundFault(blocks: AsyncIterable<Buffer>): Promise<UnreadableFile> {
  const encrypted = Buffer.from("EncryptedPackage", "utf16le");
  let before: Buffer = Buffer.alloc(0);
  for await (const block of blocks) {
    if (Buffer.concat([before, block]).includes(encrypted)) {
      return new UnreadableFile("is protected by a password; open it in Excel, remove the password and save it");
    }
    before = block.subarray(-encrypted.length);
  }
  return new UnreadableFile(`is an old Office file (.xls); ${saveAs}`);
}

const foreignText: readonly (readonly [RegExp, string])[] = [
  [/^<(?:!doctype html|html|head|body|table|meta|\w+:html)\b/i, `is a web page (HTML), not a list; ${saveAs}`],
  [/^<(?:\?xml|!doctype|!--|\w+[\s>])/i, `is XML, not a list; ${saveAs}`],
  [/^begin:vcard/i, `is a file of contact cards (vCard), not a list; open it in the address book and export it as CSV`],
  [/^begin:vcalendar/i, `is a calendar, not a list; ${saveAs}`],
  [/^(?:\{\s*"|\[\s*[[{"])/, `is JSON, not a list; pass the recipients as tasks, or ${saveAs}`],
  [/^%!PS|^MIME-Version:|^Content-Type:/i, `is a document, not a list; ${saveAs}`],
];

/** Throws `UnreadableFile` for text of another kind than delimited. `head` is the beginning of the text. */
export function requireDelimited(head: string): void {
  const found = foreignText.find(([pattern]) => pattern.test(head.trimStart()));
  if (found !== undefined) throw new UnreadableFile(found[1]);
}
