import { builtInFormat, type NumberFormat, parseFormat } from "./number-format.ts";
import { decodeEntities, readWholeXml } from "./read-xml.ts";
import type { ZipEntry } from "./zip.ts";

/** The format of each style that a cell may name by number. */
export async function readStyles(entry: ZipEntry | undefined): Promise<readonly NumberFormat[]> {
  if (entry === undefined) return [];
  const codes = new Map<number, NumberFormat>();
  const styles: NumberFormat[] = [];
  let isCellStyle = false;
  await readWholeXml(entry.open(), {
    open(name, attributes) {
      if (name === "cellXfs") isCellStyle = true;
      if (name === "numFmt") {
        const { numFmtId: id, formatCode: code = "" } = attributes();
        codes.set(Number(id), parseFormat(decodeEntities(code)));
      }
      if (name === "xf" && isCellStyle) {
        const id = Number(attributes()["numFmtId"] ?? 0);
        styles.push(codes.get(id) ?? builtInFormat(id));
      }
    },
    close(name) {
      if (name === "cellXfs") isCellStyle = false;
    },
  });
  return styles;
}
