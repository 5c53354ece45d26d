/// <reference path="./saxen.d.ts" />
import { Parser } from "saxen";
import { decodeBlocks } from "../table/decode-blocks.ts";
import { UnreadableFile } from "../unreadable-file.ts";

/** What is heard of a document. Names come without their prefix. */
export type XmlListener = {
  open(name: string, attributes: () => Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
};

// A cell holds at most 32,767 characters; a workbook is about ten levels deep.
const maxTokenLength = 1_000_000;
const maxDepth = 100;

/**
 * Reads XML block by block and waits between two blocks for whoever walks it; what was heard by then is the caller's.
 * Entities of its own, which can grow without bound, are refused, as is what would have to be held whole.
 */
export async function* readXml(blocks: AsyncIterable<Buffer>, listener: XmlListener): AsyncGenerator<void> {
  const parser = new Parser();
  let unheard = 0;
  let depth = 0;
  parser.on("openTag", (name, attributes) => {
    unheard = 0;
    depth += 1;
    if (depth > maxDepth) throw new UnreadableFile("is not a workbook that Excel wrote: its XML is too deep");
    listener.open(localName(name), () => attributes() || {});
  });
  parser.on("closeTag", (name) => {
    unheard = 0;
    depth -= 1;
    listener.close?.(localName(name));
  });
  parser.on("text", (text) => listener.text?.(decodeEntities(text)));
  parser.on("cdata", (text) => listener.text?.(text));
  parser.on("attention", () => {
    throw new UnreadableFile("declares entities of its own in its XML, as only a harmful file does");
  });
  for await (const text of decodeBlocks(blocks, "utf-8")) {
    unheard += text.length;
    if (unheard > maxTokenLength) throw new UnreadableFile("holds a cell of more than 1,000,000 characters");
    parse(() => parser.write(text));
    yield;
  }
  parse(() => parser.end());
}

/** Reads a small document whole. */
export async function readWholeXml(blocks: AsyncIterable<Buffer>, listener: XmlListener): Promise<void> {
  for await (const _ of readXml(blocks, listener));
}

function parse(step: () => unknown): void {
  try {
    step();
  } catch (cause) {
    if (cause instanceof UnreadableFile) throw cause;
    throw new UnreadableFile("is damaged: its XML cannot be read; open it in Excel and save it", { cause });
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** By hand, since the parser's own cuts characters beyond U+FFFF. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
