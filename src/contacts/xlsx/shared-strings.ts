import { readWholeXml } from "./read-xml.ts";
import type { ZipEntry } from "./zip.ts";

/** Texts that cells refer to by number. */
export type SharedStrings = { get(index: number): string | undefined };

/**
 * Reads the table of shared strings. They are kept as bytes side by side, since a long list has a million of them and a
 * string object each would weigh several times as much.
 */
export async function readSharedStrings(entry: ZipEntry | undefined): Promise<SharedStrings> {
  if (entry === undefined) return { get: () => undefined };
  // The text of an XML document is never longer than the document.
  const bytes = Buffer.allocUnsafeSlow(entry.size);
  const ends: number[] = [];
  let end = 0;
  await readWholeXml(
    entry.open(),
    textListener("si", (text) => {
      end += bytes.write(text, end, "utf8");
      ends.push(end);
    }),
  );
  return {
    get(index) {
      const stop = ends[index];
      return stop === undefined ? undefined : bytes.toString("utf8", index === 0 ? 0 : ends[index - 1], stop);
    },
  };
}

/** Hears the text of each `item` element: its runs put together, without the phonetic guide that East Asian text may have. */
function textListener(item: string, hear: (text: string) => void): Parameters<typeof readWholeXml>[1] {
  let text = "";
  let isText = false;
  let isPhonetic = false;
  return {
    open(name) {
      if (name === item) text = "";
      if (name === "rPh") isPhonetic = true;
      if (name === "t") isText = !isPhonetic;
    },
    text(part) {
      if (isText) text += part;
    },
    close(name) {
      if (name === "t") isText = false;
      if (name === "rPh") isPhonetic = false;
      if (name === item) hear(text);
    },
  };
}

/** Characters that XML cannot hold stand as `_x000D_` in a workbook (ECMA-376 part 1, 22.9.2.19). */
export function unescapeText(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
