import type { Guard } from "./engine-guards.ts";

const rightPerson = "test/tools/right-person.test.ts";
const reading = "test/domain/phone/number-reading.test.ts";
const phoneColumn = "test/domain/list/phone-column.test.ts";
const header = "test/domain/list/find-header.test.ts";
const text = "test/contacts/table/delimited-text.test.ts";
const encoding = "test/contacts/table/text-encoding.test.ts";
const harmful = "test/contacts/xlsx/harmful-workbook.test.ts";
const workbook = "test/contacts/xlsx/workbook.test.ts";
const lists = "test/lists/lists.test.ts";
const anyList = "test/lists/any-list.test.ts";
const input = "test/tools/list-input.test.ts";
const race = "test/contacts/folder-race.test.ts";
const folder = "test/contacts/disk-folders.test.ts";
const fromBatch = "test/tools/from-batch.test.ts";
const exclude = "test/tools/exclude.test.ts";

/** What keeps a list from giving a stranger's number, from losing a row, and from being read from where it must not be. */
export const listGuards: readonly Guard[] = [
  {
    name: "a list's number: digits that carry a country code and could be national are decided by the column or refused",
    file: "src/domain/phone/read-number.ts",
    find: 'return { kind: "several", reason: "ambiguous", readings: [national, international] };',
    replace: 'return { kind: "one", number: national };',
    tests: [reading, rightPerson],
  },
  {
    name: "a list's number: what stands beside it and says another country refuses the row",
    file: "src/domain/phone/read-number.ts",
    find: 'return read.kind === "one" && contradicts(read.number, reading.beside)',
    replace: 'return read.kind === "one" && contradicts(read.number, undefined)',
    tests: [reading, rightPerson],
  },
  {
    name: "a list's number: a country beside it that cannot be read refuses the row",
    file: "src/domain/list/judge-row.ts",
    find: 'if (cell !== "" && beside === undefined) return',
    replace: 'if (cell !== "" && beside === undefined && columns.length === 0) return',
    tests: [rightPerson, anyList, lists],
  },
  {
    name: "a list's number: two numbers in one cell are two",
    file: "src/domain/phone/read-number.ts",
    find: "if (parts) {",
    replace: "if (parts && parts.length > 2) {",
    tests: [reading, rightPerson],
  },
  {
    name: "a list's number: a cell as long as a book is not searched for two of them",
    file: "src/domain/phone/two-numbers.ts",
    find: "|| text.length > longestCell || /ext",
    replace: "|| /ext",
    tests: [reading],
  },
  {
    name: "a list's number: one that another row is called under is nobody's fallback",
    file: "src/domain/list/judge.ts",
    find: " && this.#numbers.take(number, 0) === undefined;",
    replace: ";",
    tests: [lists, anyList],
  },
  {
    name: "a list's number: who has it in another column than the first is not called under somebody's own",
    file: "src/domain/list/judge.ts",
    find: "const ofRow = read.isPromoted ? undefined :",
    replace: "const ofRow = read.numbers.length === 0 ? undefined :",
    tests: [lists],
  },
  {
    name: "a list's number: the same number again is a double of the first row",
    file: "src/domain/list/judge.ts",
    find: "if (ofRow !== undefined) return",
    replace: "if (ofRow === row.row) return",
    tests: [lists, anyList],
  },
  {
    name: "a list's number: who opted out with the first is not called on another",
    file: "src/lists/settle-list.ts",
    find: "if (listed.has(toNumber)) return",
    replace: "if (listed.has(toNumber) && !fallbackNumbers) return",
    tests: [lists],
  },
  {
    name: "a list's number: one that is the caller id is refused",
    file: "src/lists/settle-list.ts",
    find: 'if (toNumber === fromNumber) return { kind: "caller_id"',
    replace: 'if (country === "") return { kind: "caller_id"',
    tests: [lists, rightPerson],
  },
  {
    name: "a list's columns: a relative's phone is nobody's",
    file: "src/domain/list/choose-phone-column.ts",
    find: 'columns.filter(({ name }) => nameKind(name) !== "forbidden")',
    replace: "columns",
    tests: [phoneColumn, rightPerson],
  },
  {
    name: "a list's columns: of two equal phone columns none is guessed",
    file: "src/domain/list/choose-phone-column.ts",
    find: "if (second !== undefined) throw doubtfulProblem(samples, source, candidates);",
    replace: "if (second !== undefined) doubtfulProblem(samples, source, candidates);",
    tests: [phoneColumn],
  },
  {
    name: "a list's columns: a number without the area code beside it is not called",
    file: "src/domain/list/choose-phone-column.ts",
    find: "requireWholeNumbers(samples, source, columns);\n  return first;",
    replace: "return first;",
    tests: [phoneColumn],
  },
  {
    name: "a list's header: what is below does not bear a name out that is somebody's data",
    file: "src/domain/list/header-evidence.ts",
    find: "if (!isBorneOut(name, cell, column)) continue;",
    replace: "if (column.length < 0) continue;",
    tests: [header],
  },
  {
    name: "a list's header: rows above it that are no titles are people",
    file: "src/domain/list/find-header.ts",
    find: "return areTitles ? {",
    replace: "return areTitles || index > 0 ? {",
    tests: [header],
  },
  {
    name: "a list's bytes: text that is neither UTF-8 nor Windows-1252 is refused",
    file: "src/contacts/table/text-encoding.ts",
    find: 'if (this.#eightBit.isWindows1252()) return "windows-1252";',
    replace: 'if (this.#total > 0) return "windows-1252";',
    tests: [encoding, text],
  },
  {
    name: "a list's bytes: two encodings in one file are refused",
    file: "src/contacts/table/text-encoding.ts",
    find: "if (!this.#plain || this.#eightBit.holdsUtf8) {",
    replace: "if (this.#total < 0) {",
    tests: [encoding, text],
  },
  {
    name: "a list's bytes: a file that changes between two readings is refused",
    file: "src/contacts/table/delimited-text.ts",
    find: "if (found !== checksum) {",
    replace: "if (found !== checksum && checksum === 0) {",
    tests: [text, folder],
  },
  {
    name: "a list's bytes: a line without an end is refused",
    file: "src/contacts/table/csv-rows.ts",
    find: "if (rest.length > maxRowLength) throw tooLong(rows + 1, rest);",
    replace: "",
    tests: [text],
  },
  {
    name: "a list's rows: one with other cells than the header is not guessed at",
    file: "src/contacts/table/layout.ts",
    find: '(tooMany ? "too_many_cells" :',
    replace: "(",
    tests: [text, anyList],
  },
  {
    name: "a list's rows: one with too few cells is not guessed at",
    file: "src/contacts/table/layout.ts",
    find: 'isShort ? "too_few_cells" : undefined',
    replace: "undefined",
    tests: [text, anyList],
  },
  {
    name: "a workbook: what unpacks to more than it says is refused",
    file: "src/contacts/xlsx/zip.ts",
    find: "if (size > facts.size) throw",
    replace: "if (size < 0) throw",
    tests: [harmful],
  },
  {
    name: "a workbook: bytes that are not what the archive says are refused",
    file: "src/contacts/xlsx/zip.ts",
    find: "|| crc !== facts.crc) throw",
    replace: ") throw",
    tests: [harmful],
  },
  {
    name: "a workbook: entities of its own are refused",
    file: "src/contacts/xlsx/read-xml.ts",
    find: 'parser.on("attention", () => {',
    replace: 'parser.on("openTag", (name) => {\n    if (name !== "!") return;',
    tests: [harmful],
  },
  {
    name: "a workbook: a cell without an end is refused",
    file: "src/contacts/xlsx/read-xml.ts",
    find: "if (unheard > maxTokenLength) throw",
    replace: "if (unheard < 0) throw",
    tests: [harmful],
  },
  {
    name: "a workbook: a formula that was never computed is no blank cell",
    file: "src/contacts/xlsx/sheet-rows.ts",
    find: 'if (value === "" && isFormula && type !== "str") {',
    replace: 'if (value === "" && isFormula && type === "") {',
    tests: [workbook, harmful],
  },
  {
    name: "a list's file: what was opened lies in the folder still",
    file: "src/contacts/find-in-folders.ts",
    find: "if (ino !== opened.ino || dev !== opened.dev) throw changedMeanwhile();",
    replace: "if (ino === dev && opened.ino === 0) throw changedMeanwhile();",
    tests: [race],
  },
  {
    name: "a list's file: one whose time of change was put back has changed",
    file: "src/contacts/stable-file.ts",
    find: '(["ino", "dev", "size", "mtimeMs", "ctimeMs"] as const)',
    replace: '(["ino", "dev", "size", "mtimeMs"] as const)',
    tests: [folder, race],
  },
  {
    name: "a list: it is its owner's alone",
    file: "src/lists/list-parts.ts",
    find: "(owner === undefined || list.owner === owner)",
    replace: "(owner === undefined || list.owner !== undefined)",
    tests: [lists, "test/tools/lists.test.ts"],
  },
  {
    name: "a list: one of more people than a batch takes is not cut",
    file: "src/tools/create-batch-call.ts",
    find: "if (!plan) throw tooManyPeople(list);",
    replace: "if (!plan) return undefined as never;",
    tests: [input, "test/tools/lists.test.ts"],
  },
  {
    name: "a list: a row named for a repair that is not there ends it",
    file: "src/lists/change-list.ts",
    find: "requireMet(change, last);\n}",
    replace: "}",
    tests: ["test/lists/change-list.test.ts", "test/tools/change-list.test.ts"],
  },
  {
    name: "a list: numbers in cells are masked unless they were asked for",
    file: "src/tools/shared/list-row-view.ts",
    find: "isNumber && !showsNumbers ? maskDigits(text) : text",
    replace: "text",
    tests: ["test/tools/change-list.test.ts"],
  },
  {
    name: "a retry: who is still to be called by the first batch is not called by the second",
    file: "src/tools/shared/standings.ts",
    find: 'return "in_progress";',
    replace: 'return "no_answer";',
    tests: [fromBatch],
  },
  {
    name: "a retry: whose fate nobody knows is called again only where that is said",
    file: "src/tools/shared/standings.ts",
    find: 'case "unknown":\n      return "unknown";',
    replace: 'case "unknown":\n      return "no_answer";',
    tests: [fromBatch],
  },
  {
    name: "a retry: whom a batch calls again already, a second one does not",
    file: "src/tools/shared/called-again.ts",
    find: "if (twice.length > 0) throw",
    replace: "if (twice.length < 0) throw",
    tests: [fromBatch],
  },
  {
    name: "a retry: rows of other people stay as they are, whatever they repeat",
    file: "src/tools/shared/from-batch.ts",
    find: "if (found && again.has(found.task)) continue;",
    replace: 'if (!found || again.has(found.task) || fate.kind === "duplicate") continue;',
    tests: [fromBatch],
  },
  {
    name: "a retry: a number of somebody who was reached is nobody's fallback number",
    file: "src/domain/list/judge.ts",
    find: "this.#passedOver.rowOf(number) === undefined && this.#numbers",
    replace: "this.#numbers",
    tests: [fromBatch],
  },
  {
    name: "an exclusion: who is excluded is not called",
    file: "src/lists/settle-list.ts",
    find: "if (why === undefined) return",
    replace: "if (why !== null) return",
    tests: [exclude],
  },
  {
    name: "an exclusion: somebody is excluded by any of their numbers",
    file: "src/lists/settle-list.ts",
    find: "const why = own ??",
    replace: "const why = own; void",
    tests: [exclude],
  },
  {
    name: "an exclusion: it is part of the content, so that no batch without it is replayed",
    file: "src/domain/batch/fingerprint.ts",
    find: "...(plan.exclude && { exclude: plan.exclude }),",
    replace: "",
    tests: [exclude],
  },
  {
    name: "an exclusion: who was called since the batch was made is not called by it",
    file: "src/tools/shared/exclusions.ts",
    find: "if (count === 0) return;",
    replace: "if (count >= 0) return;",
    tests: [exclude],
  },
  {
    name: "an exclusion: an API that does not tell its calls leaves nobody in by that",
    file: "src/tools/shared/exclusions.ts",
    find: "throw untold();",
    replace: "return [];",
    tests: [exclude],
  },
  {
    name: "an exclusion: a call that goes on, or whose end nobody knows, reached somebody",
    file: "src/service/store/shared/recent-calls.ts",
    find: "outcome IS NULL OR outcome IN",
    replace: "outcome IN",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
];
