import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readContactList } from "../../src/contacts/contact-list.ts";
import { parseRecipients } from "../../src/domain/batch/recipients.ts";

const truthSchema = z.array(
  z.object({
    line: z.number(),
    phone: z.string(),
    ok: z.string().optional(),
    ok_or_issue: z.string().optional(),
    duplicate_of: z.string().optional(),
    bad: z.enum(["empty", "letters", "emergency", "spreadsheet-mangled", "satellite", "short", "premium"]).optional(),
    bad_or_extension: z.literal(true).optional(),
  }),
);
type Truth = z.output<typeof truthSchema>[number];

const codes: Readonly<Record<NonNullable<Truth["bad"]>, string>> = {
  empty: "empty",
  letters: "letters",
  emergency: "emergency",
  "spreadsheet-mangled": "spreadsheet_mangled",
  satellite: "satellite",
  short: "too_short",
  premium: "premium",
};

/** What should become of the row, in the words of this project. */
function expected({ ok, ok_or_issue, duplicate_of, bad, bad_or_extension }: Truth): string | undefined {
  if (duplicate_of !== undefined) return `duplicate of ${duplicate_of}`;
  if (bad_or_extension) return "extension";
  return bad === undefined ? (ok ?? ok_or_issue) : codes[bad];
}

async function readFixture(name: string): Promise<string> {
  return readFile(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
}

describe.each(["contacts-messy", "contacts-2500"])("the list %s", (name) => {
  it("comes out row for row as its truth says", async () => {
    const truth = truthSchema.parse(JSON.parse(await readFixture(`${name}.truth.json`)));
    const file = readContactList(await readFixture(`${name}.csv`), { maxRows: 2500 });
    expect(file).toMatchObject({
      phoneColumn: "Phone Number",
      columns: ["Customer Name", "Order ID", "Notes"],
      issues: [],
    });

    const list = parseRecipients(file.rows, { defaultCountry: "US" });
    const numbers = new Map(list.recipients.map(({ row, toNumber }) => [row, toNumber]));
    const actual = new Map<number, string>(numbers);
    for (const { row = 0, code, message } of list.issues) {
      const firstRow = Number(/of row (\d+)/.exec(message)?.[1]);
      actual.set(row, code === "duplicate" ? `duplicate of ${numbers.get(firstRow)}` : code);
    }
    expect(actual.size).toBe(truth.length);
    expect(truth.map(({ line }) => [line, actual.get(line)])).toEqual(truth.map((row) => [row.line, expected(row)]));
    expect(list.rows).toEqual({
      input: truth.length,
      accepted: truth.filter(({ ok, ok_or_issue }) => ok !== undefined || ok_or_issue !== undefined).length,
      duplicate: truth.filter(({ duplicate_of }) => duplicate_of !== undefined).length,
      suppressed: 0,
      refused: truth.filter(({ bad, bad_or_extension }) => bad !== undefined || bad_or_extension).length,
    });
  });
});

it("a list of more than 1,000 rows is refused with its size", async () => {
  const text = await readFixture("contacts-2500.csv");
  expect(() => readContactList(text)).toThrow(/at most 1,000 recipients; this list has 2,500/);
});

it("the sample list has 30 rows: 28 to call, one duplicate, one bad number", async () => {
  const file = readContactList(await readFile(new URL("../../examples/contacts.csv", import.meta.url), "utf8"));
  const list = parseRecipients(file.rows, { defaultCountry: "US" });
  expect(file).toMatchObject({
    phoneColumn: "Phone",
    columns: ["first_name", "order_id", "appointment_date", "appointment_time"],
    issues: [],
  });
  expect(list.rows).toEqual({ input: 30, accepted: 28, duplicate: 1, suppressed: 0, refused: 1 });
  expect(list.recipients.every(({ toNumber }) => /^\+1\d{3}55501\d\d$/.test(toNumber))).toBe(true);
  expect(list.issues.map(({ row, code }) => [row, code])).toEqual([
    [16, "duplicate"],
    [22, "too_short"],
  ]);
});
