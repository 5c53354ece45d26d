import type { Guard } from "./engine-guards.ts";

const file = "test/tools/do-not-call-file.test.ts";
const dropped = "test/service/store/dialing-store.test.ts";
const readRow = "src/domain/do-not-call/read-row.ts";

/** What sees to it that whoever asked not to be called is on the list. */
export const doNotCallGuards: readonly Guard[] = [
  {
    name: "do-not-call: today's form of an older entry is listed in the store",
    file: "src/service/store/sqlite/store.ts",
    find: "    inTransaction(database, () => createRunNow(database)(listTodaysForms(sqlite)));\n",
    replace: "",
    tests: ["test/service/store/store.test.ts"],
  },
  {
    name: "do-not-call: today's form of an older entry is listed beside the ledger",
    file: "src/campaigns/records/database.ts",
    find: "    listTodaysForms(database);\n",
    replace: "",
    tests: ["test/campaigns/create/creation-log.test.ts"],
  },
  {
    name: "do-not-call: a number that came by REST is listed as it came as well",
    file: "src/service/rest/routes/do-not-call.ts",
    find: "new Set([...numbers, entry.phoneNumber])",
    replace: "new Set(numbers)",
    tests: ["test/service/rest/app-lists.test.ts"],
  },
  {
    name: "do-not-call: who waits under a number that is listed by hand is dropped",
    file: "src/service/store/shared/do-not-call.ts",
    find: "new Map(distinct(entries).map((entry) => [entry.phoneNumber, sourceOf(entry)]))",
    replace: "new Map(distinct(entries).slice(0, 0).map((entry) => [entry.phoneNumber, sourceOf(entry)]))",
    tests: [dropped],
  },
  {
    name: "do-not-call: a batch whose last people were dropped is over",
    file: "src/service/rest/routes/do-not-call.ts",
    find: "if (batchIds.length > 0) await store.completeFinished(clock.now());",
    replace: "void batchIds;",
    tests: ["test/service/rest/app-lists.test.ts"],
  },
  {
    name: "do-not-call: all phone columns of a do-not-call file count",
    file: "src/domain/do-not-call/plan-columns.ts",
    find: "return own.map(({ index }) => index);",
    replace: "return own.slice(0, 1).map(({ index }) => index);",
    tests: [file],
  },
  {
    name: "do-not-call: a column whose name says little counts by its cells",
    file: "src/domain/do-not-call/plan-columns.ts",
    find: "  return isMostly(filled, saysLittle ? looksLikePhoneNumber : isWrittenAsPhoneNumber);",
    replace: '  return kind === "vague" && isMostly(filled, looksLikePhoneNumber);',
    tests: [file],
  },
  {
    name: "do-not-call: digits that may carry their own country code are listed as both",
    file: readRow,
    find: '...(carryCodes[place] && { bareDigits: "mixed" as const })',
    replace: "...(carryCodes[place] && {})",
    tests: [file],
  },
  {
    name: "do-not-call: a number that contradicts the country beside it is listed as it is written",
    file: readRow,
    find: "return isContradicted ? readEveryNumber(cell, defaultCountry, field) : read;",
    replace: "return isContradicted ? read : read;",
    tests: [file],
  },
  {
    name: "do-not-call: of two numbers in a cell the one that cannot be read is named",
    file: "src/domain/phone/phone-number.ts",
    find: 'const unread = read.kind === "several" ? (read.unread ?? []) : [];',
    replace: "const unread: readonly string[] = [];",
    tests: [file],
  },
  {
    name: "do-not-call: nobody is taken off the list by a file",
    file: "src/tools/do-not-call/do-not-call-arguments.ts",
    find: "return [...notTaken(action, others), ...(hasNone",
    replace: "return [...(hasNone",
    tests: [file],
  },
  {
    name: "do-not-call: an export passes nobody over who was on the list",
    file: "src/contract/do-not-call.ts",
    find: "pagination: toPaginationBody(page, found, list),",
    replace: "pagination: toPaginationBody(page, found),",
    tests: ["test/tools/do-not-call-export.test.ts"],
  },
];
