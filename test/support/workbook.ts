import { crc32, deflateRawSync } from "node:zlib";

export type ZipOptions = {
  /** Bytes that an entry claims to have when unpacked; what it has, by default. */
  readonly claims?: Readonly<Record<string, number>>;
  readonly isStored?: boolean;
  /** Bit 0 of an entry's flags: packed with a password. */
  readonly isEncrypted?: boolean;
  /** Sizes in the extra field for archives of more than 4 GiB, as some programs always write them. */
  readonly isWide?: boolean;
};

/** A zip archive of the files, in their order. */
export function zipOf(files: Readonly<Record<string, string | Buffer>>, options: ZipOptions = {}): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const packed = options.isStored ? bytes : deflateRawSync(bytes);
    const size = options.claims?.[name] ?? bytes.length;
    const head = headOf(bytes, packed, size, options);
    const local = Buffer.concat([
      u32(0x04034b50),
      head,
      u16(Buffer.byteLength(name)),
      u16(0),
      Buffer.from(name),
      packed,
    ]);
    const extra = options.isWide ? Buffer.concat([u16(1), u16(16), u64(size), u64(packed.length)]) : Buffer.alloc(0);
    const wideHead = options.isWide ? Buffer.concat([head.subarray(0, 14), u32(0xffffffff), u32(0xffffffff)]) : head;
    const tail = [
      u16(Buffer.byteLength(name)),
      u16(extra.length),
      Buffer.alloc(10),
      u32(offset),
      Buffer.from(name),
      extra,
    ];
    directory.push(Buffer.concat([u32(0x02014b50), u16(20), wideHead, ...tail]));
    locals.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = [
    u32(0x06054b50),
    u32(0),
    u16(directory.length),
    u16(directory.length),
    u32(list.length),
    u32(offset),
    u16(0),
  ];
  return Buffer.concat([...locals, list, ...end]);
}

/** From the version that is needed to the unpacked size; the same in an entry and in the directory. */
function headOf(bytes: Buffer, packed: Buffer, size: number, { isStored, isEncrypted }: ZipOptions): Buffer {
  const method = isStored ? 0 : 8;
  return Buffer.concat([
    u16(20),
    u16(isEncrypted ? 1 : 0),
    u16(method),
    u32(0),
    u32(crc32(bytes)),
    u32(packed.length),
    u32(size),
  ]);
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

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export type SheetSpec = {
  readonly name: string;
  /** What stands between `<sheetData>` and its end; `rowsXml` makes it of plain rows. */
  readonly data: string;
  readonly state?: "hidden" | "veryHidden";
};

export type WorkbookSpec = {
  readonly sheets: readonly SheetSpec[];
  /** XML inside of `<sst>`, one `<si>` a text. */
  readonly sharedStrings?: string;
  /** Codes of number formats; style 1 is the first of them. */
  readonly formats?: readonly string[];
  readonly is1904?: boolean;
};

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** The files of a workbook by their names in the archive. */
export function workbookFiles(spec: WorkbookSpec): Record<string, string> {
  const sheets = spec.sheets.map(({ name, state }, index) => {
    const hidden = state === undefined ? "" : ` state="${state}"`;
    return `<sheet name="${escapeXml(name)}" sheetId="${index + 1}"${hidden} r:id="rId${index + 1}"/>`;
  });
  const relations = spec.sheets.map((_, index) =>
    relation(`rId${index + 1}`, "worksheet", `worksheets/sheet${index + 1}.xml`),
  );
  const parts = [relation("rIdS", "styles", "styles.xml"), relation("rIdT", "sharedStrings", "sharedStrings.xml")];
  const files: Record<string, string> = {
    "[Content_Types].xml": `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    "_rels/.rels": relationships([relation("rId1", "officeDocument", "xl/workbook.xml")]),
    "xl/workbook.xml": `${xml}<workbook ${main} xmlns:r="${office}"><workbookPr${spec.is1904 ? ' date1904="1"' : ""}/><sheets>${sheets.join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relationships([...relations, ...parts]),
    "xl/styles.xml": stylesXml(spec.formats ?? []),
    "xl/sharedStrings.xml": `${xml}<sst ${main}>${spec.sharedStrings ?? ""}</sst>`,
  };
  for (const [index, { data }] of spec.sheets.entries()) {
    files[`xl/worksheets/sheet${index + 1}.xml`] =
      `${xml}<worksheet ${main}><sheetData>${data}</sheetData></worksheet>`;
  }
  return files;
}

export function workbookOf(spec: WorkbookSpec): Buffer {
  return zipOf(workbookFiles(spec));
}

function relation(id: string, type: string, target: string): string {
  return `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`;
}

function relationships(relations: readonly string[]): string {
  const namespace = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"';
  return `${xml}<Relationships ${namespace}>${relations.join("")}</Relationships>`;
}

function stylesXml(formats: readonly string[]): string {
  const codes = formats.map((code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${escapeXml(code)}"/>`);
  const styles = formats.map((_, index) => `<xf numFmtId="${164 + index}"/>`);
  return `${xml}<styleSheet ${main}><numFmts>${codes.join("")}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${styles.join("")}</cellXfs></styleSheet>`;
}

export type CellSpec = string | number | boolean | undefined;

/** Rows of a sheet, texts inline, from `firstRow` on; what is undefined is no cell. */
export function rowsXml(rows: readonly (readonly CellSpec[])[], firstRow = 1): string {
  return rows.map((cells, index) => rowXml(cells, firstRow + index)).join("");
}

export function rowXml(cells: readonly CellSpec[], row: number): string {
  return `<row r="${row}">${cells.map((cell, column) => cellXml(cell, `${columnName(column)}${row}`)).join("")}</row>`;
}

function cellXml(cell: CellSpec, reference: string): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return `<c r="${reference}"><v>${cell}</v></c>`;
  if (typeof cell === "boolean") return `<c r="${reference}" t="b"><v>${cell ? 1 : 0}</v></c>`;
  return `<c r="${reference}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`;
}

function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : `${columnName(Math.floor(column / 26) - 1)}${last}`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
