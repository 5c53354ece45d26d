import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRecipients, type RecipientRow, requireListSize, suppress } from "../../../src/domain/batch/recipients.ts";
import { type E164, parseE164 } from "../../../src/domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../../../src/domain/problem.ts";

const fromNumber = e164("+14155550100");

function e164(text: string): E164 {
  const number = parseE164(text);
  if (isIssue(number)) throw new Error(number.message);
  return number;
}

function row(number: number, phone: string, more: Partial<RecipientRow> = {}): RecipientRow {
  return { row: number, phone, variables: {}, ...more };
}

function places(issues: readonly Issue[]): unknown[] {
  return issues.map(({ row: place, field, code }) => [place, field, code]);
}

describe("a list of recipients", () => {
  it("keeps those who can be called, with what their numbers tell, their variables and retries", () => {
    const list = parseRecipients([row(1, "(415) 555-0123", { variables: { name: "Ana" }, maxRetries: 2 })], {
      defaultCountry: "US",
    });
    expect(list.recipients).toEqual([
      {
        row: 1,
        toNumber: "+14155550123",
        country: "US",
        type: "fixed_line_or_mobile",
        variables: { name: "Ana" },
        maxRetries: 2,
      },
    ]);
    expect(list.issues).toEqual([]);
  });

  it("names every row that cannot be called, its field and its reason", () => {
    const list = parseRecipients(
      [
        row(2, "call mom"),
        row(3, "415 555 0100"),
        row(4, "415 555 0101", { variables: { note: "é".repeat(3000) } }),
        row(5, "415 555 0102", { maxRetries: 11 }),
        row(6, "415 555 0103", { maxRetries: 1.5 }),
        row(7, "415 555 0104", { maxRetries: -1 }),
        row(8, "415 555 0105", { maxRetries: 0 }),
      ],
      { defaultCountry: "US", fromNumber, phoneField: "Phone" },
    );
    expect(places(list.issues)).toEqual([
      [2, "Phone", "letters"],
      [3, "Phone", "same_as_from_number"],
      [4, "dynamic_variables", "variables_too_large"],
      [5, "max_retries", "out_of_range"],
      [6, "max_retries", "out_of_range"],
      [7, "max_retries", "out_of_range"],
    ]);
    expect(list.recipients.map(({ row: place }) => place)).toEqual([8]);
    expect(list.rows).toEqual({ input: 7, accepted: 1, duplicate: 0, suppressed: 0, refused: 6 });
  });

  it("measures variables in bytes of JSON, up to 5,120", () => {
    const variables = (bytes: number): { v: string } => ({ v: "x".repeat(bytes - '{"v":""}'.length) });
    const list = parseRecipients([
      row(1, "+14155550101", { variables: variables(5120) }),
      row(2, "+14155550102", { variables: variables(5121) }),
    ]);
    expect(places(list.issues)).toEqual([[2, "dynamic_variables", "variables_too_large"]]);
  });

  it("calls a number once, however it is written, and says which row was first", () => {
    const list = parseRecipients([row(1, "+14155550123"), row(2, "(415) 555-0123"), row(3, "tel:14155550123")], {
      defaultCountry: "US",
    });
    expect(list.recipients.map(({ row: place }) => place)).toEqual([1]);
    expect(list.rows).toMatchObject({ accepted: 1, duplicate: 2, refused: 0 });
    expect(list.issues.map(({ row: place, code, message }) => [place, code, message])).toEqual([
      [2, "duplicate", "Repeats the number of row 1, which is called once."],
      [3, "duplicate", "Repeats the number of row 1, which is called once."],
    ]);
  });

  it("does not count a refused row as the first one with its number", () => {
    const list = parseRecipients([row(1, "+14155550123", { maxRetries: 99 }), row(2, "+14155550123")]);
    expect(list.recipients.map(({ row: place }) => place)).toEqual([2]);
    expect(list.rows).toMatchObject({ duplicate: 0, refused: 1 });
  });

  it("counts rows that could not be read from their file, and keeps issues in the order of the rows", () => {
    const unreadable = [{ row: 3, field: "row", code: "too_many_cells", message: "…" }];
    const list = parseRecipients([row(2, "+14155550123"), row(4, "bad")], { unreadable });
    expect(list.rows).toEqual({ input: 3, accepted: 1, duplicate: 0, suppressed: 0, refused: 2 });
    expect(places(list.issues)).toEqual([
      [3, "row", "too_many_cells"],
      [4, "to_number", "letters"],
    ]);
  });

  it("leaves out who is on the do-not-call list", () => {
    const parsed = parseRecipients([row(1, "+14155550101"), row(2, "+14155550102"), row(3, "bad")]);
    const list = suppress(parsed, new Set(["+14155550102", "+14155550199"]), "Phone");
    expect(list.recipients.map(({ row: place }) => place)).toEqual([1]);
    expect(list.rows).toEqual({ input: 3, accepted: 1, duplicate: 0, suppressed: 1, refused: 1 });
    expect(places(list.issues)).toEqual([
      [2, "Phone", "do_not_call"],
      [3, "to_number", "letters"],
    ]);
  });

  it("always adds up, with one issue for each row that is left out", () => {
    const phone = fc.constantFrom(
      "+14155550100",
      "+14155550101",
      "(415) 555-0101",
      "911",
      "",
      "+14155550102",
      "nobody",
    );
    const rows = fc.array(fc.record({ phone, maxRetries: fc.integer({ min: -1, max: 11 }) }));
    fc.assert(
      fc.property(rows, fc.subarray(["+14155550101", "+14155550102"]), (inputs, listed) => {
        const numbered = inputs.map(({ phone: text, maxRetries }, index) => row(index + 1, text, { maxRetries }));
        const list = suppress(parseRecipients(numbered, { defaultCountry: "US", fromNumber }), new Set(listed));
        const { input, accepted, duplicate, suppressed, refused } = list.rows;
        expect(input).toBe(inputs.length);
        expect(accepted + duplicate + suppressed + refused).toBe(input);
        expect(accepted).toBe(list.recipients.length);
        const left = list.issues.map((issue) => issue.row);
        expect(
          [...list.recipients.map((recipient) => recipient.row), ...left].toSorted((a, b) => (a ?? 0) - (b ?? 0)),
        ).toEqual(numbered.map((each) => each.row));
        expect(new Set(list.recipients.map(({ toNumber }) => toNumber)).size).toBe(accepted);
      }),
    );
  });
});

describe("the size of a list", () => {
  it("is 1,000 at most, and the refusal says how many there are", () => {
    expect(() => requireListSize(1000)).not.toThrow();
    expect(() => requireListSize(2500)).toThrow(/at most 1,000 recipients; this list has 2,500/);
  });
});
