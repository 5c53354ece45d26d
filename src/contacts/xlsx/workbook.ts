import { posix } from "node:path";
import { UnreadableFile } from "../unreadable-file.ts";
import { decodeEntities, readWholeXml } from "./read-xml.ts";
import type { ZipEntry } from "./zip.ts";

export type Sheet = { readonly name: string; readonly isHidden: boolean; readonly entry: ZipEntry };

/** What a workbook consists of, as far as its cells need it. */
export type Workbook = {
  /** In the order of their tabs. Sheets that hold a chart instead of cells are left out. */
  readonly sheets: readonly Sheet[];
  readonly sharedStrings: ZipEntry | undefined;
  readonly styles: ZipEntry | undefined;
  /** Days are counted from 1904 instead of 1900, as old Macs did. */
  readonly from1904: boolean;
};

type Relation = { readonly type: string; readonly entry: ZipEntry | undefined };
type Relations = ReadonlyMap<string, Relation>;

/** Finds the parts of a workbook by their relations (ECMA-376 part 2, 9.3). Throws `UnreadableFile` for other archives. */
export async function readWorkbook(entries: ReadonlyMap<string, ZipEntry>): Promise<Workbook> {
  const root = await readRelations(entries, "_rels/.rels", "");
  const main = entryOf(root, "officeDocument") ?? entries.get("xl/workbook.xml");
  if (main === undefined || !/(?:workbook|book\d*)\.xml$/i.test(main.name)) throw foreignArchive(entries);
  const folder = posix.dirname(main.name);
  const relations = await readRelations(entries, `${folder}/_rels/${posix.basename(main.name)}.rels`, folder);
  const sheets: Sheet[] = [];
  let from1904 = false;
  await readWholeXml(main.open(), {
    open(name, attributes) {
      if (name === "workbookPr") from1904 = /^(?:1|true)$/.test(attributes()["date1904"] ?? "");
      if (name === "sheet") sheets.push(...toSheet(attributes(), relations));
    },
  });
  return {
    sheets,
    from1904,
    sharedStrings: entryOf(relations, "sharedStrings"),
    styles: entryOf(relations, "styles"),
  };
}

async function readRelations(entries: ReadonlyMap<string, ZipEntry>, path: string, folder: string): Promise<Relations> {
  const relations = new Map<string, Relation>();
  const entry = entries.get(path);
  if (entry === undefined) return relations;
  await readWholeXml(entry.open(), {
    open(name, attributes) {
      if (name !== "Relationship") return;
      const { Id: id = "", Type: type = "", Target: target = "" } = attributes();
      const place = target.startsWith("/") ? target.slice(1) : posix.join(folder, target);
      relations.set(id, { type: type.slice(type.lastIndexOf("/") + 1), entry: entries.get(place) });
    },
  });
  return relations;
}

function entryOf(relations: Relations, type: string): ZipEntry | undefined {
  return [...relations.values()].find((relation) => relation.type === type)?.entry;
}

function toSheet(attributes: Readonly<Record<string, string>>, relations: Relations): readonly Sheet[] {
  const id = Object.keys(attributes).find((name) => name.endsWith(":id"));
  const relation = id === undefined ? undefined : relations.get(attributes[id] ?? "");
  if (relation?.entry === undefined || relation.type !== "worksheet") return [];
  const isHidden = /hidden$/i.test(attributes["state"] ?? "");
  return [{ name: decodeEntities(attributes["name"] ?? ""), isHidden, entry: relation.entry }];
}

const saveAs = "save it as an Excel workbook (.xlsx) or as CSV UTF-8";

/** What else people have that is a zip archive inside. */
function foreignArchive(entries: ReadonlyMap<string, ZipEntry>): UnreadableFile {
  const names = [...entries.keys()];
  if (entries.has("xl/workbook.bin")) return new UnreadableFile(`is a binary Excel workbook (.xlsb); ${saveAs}`);
  if (entries.has("content.xml")) return new UnreadableFile(`is an OpenDocument file (.ods); ${saveAs}`);
  if (names.some((name) => name.endsWith(".iwa")))
    return new UnreadableFile(`is an Apple Numbers file; export it: ${saveAs}`);
  if (names.some((name) => name.startsWith("word/")))
    return new UnreadableFile("is a Word document, not a list; copy its table into a sheet");
  return new UnreadableFile("is a zip archive, not a list; unpack it and give the list that is in it");
}
