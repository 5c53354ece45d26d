import { type E164, parsePhoneNumber } from "../phone/phone-number.ts";
import { type Issue, isIssue, Problem } from "../problem.ts";
import type { Recipient, RowCounts } from "./plan.ts";

/** Rows that one list may have. */
export const maxRecipients = 1000;

/** Bytes of a recipient's variables as UTF-8 JSON, the API's own limit. */
const maxVariableBytes = 5120;

const maxRetriesLimit = 10;

/** One row of a list as it came in, before anything was checked. */
export type RecipientRow = {
  /** See `Issue.row`. */
  readonly row: number;
  readonly phone: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly maxRetries?: number;
};

/** Those who can be called, and one issue for each row that is not among them, in the order of the rows. */
export type RecipientList = {
  readonly recipients: readonly Recipient[];
  readonly rows: RowCounts;
  readonly issues: readonly Issue[];
};

export type RecipientOptions = {
  /** Country of numbers written without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry?: string;
  /** The caller id, which is not called itself. */
  readonly fromNumber?: E164;
  /** Where a row has its number, for the issues: the column of a file, `to_number` otherwise. */
  readonly phoneField?: string;
  /** One issue for each row that could not even be read from its file; they count as input. */
  readonly unreadable?: readonly Issue[];
};

/** Throws `invalid_input` for a list that one batch cannot hold. */
export function requireListSize(rowCount: number, max = maxRecipients): void {
  if (rowCount <= max) return;
  const numbers = new Intl.NumberFormat("en-US");
  throw new Problem(
    "invalid_input",
    `A batch takes at most ${numbers.format(max)} recipients; this list has ${numbers.format(rowCount)}. Nothing was created. Split it into lists of at most ${numbers.format(max)} and create one batch for each.`,
  );
}

/** Checks every row. Of rows with the same number the first that can be called wins. */
export function parseRecipients(rows: readonly RecipientRow[], options: RecipientOptions = {}): RecipientList {
  const unreadable = options.unreadable ?? [];
  const firstRows = new Map<E164, number>();
  const recipients: Recipient[] = [];
  const refused: Issue[] = [...unreadable];
  const duplicates: Issue[] = [];
  for (const row of rows) {
    const recipient = parseRecipient(row, options);
    if (isIssue(recipient)) {
      refused.push(recipient);
      continue;
    }
    const firstRow = firstRows.get(recipient.toNumber);
    if (firstRow !== undefined) {
      duplicates.push(duplicateIssue(row.row, phoneFieldOf(options), firstRow));
      continue;
    }
    firstRows.set(recipient.toNumber, row.row);
    recipients.push(recipient);
  }
  return {
    recipients,
    rows: {
      input: rows.length + unreadable.length,
      accepted: recipients.length,
      duplicate: duplicates.length,
      suppressed: 0,
      refused: refused.length,
    },
    issues: inRowOrder([...refused, ...duplicates]),
  };
}

/** Takes out those who must not be called. `listed` are the recipients' numbers that the do-not-call list holds. */
export function suppress(list: RecipientList, listed: ReadonlySet<string>, phoneField = "to_number"): RecipientList {
  const recipients = list.recipients.filter((recipient) => !listed.has(recipient.toNumber));
  const suppressed = list.recipients.filter((recipient) => listed.has(recipient.toNumber));
  const { rows } = list;
  return {
    recipients,
    rows: { ...rows, accepted: recipients.length, suppressed: rows.suppressed + suppressed.length },
    issues: inRowOrder([...list.issues, ...suppressed.map(({ row }) => suppressedIssue(row, phoneField))]),
  };
}

function parseRecipient(row: RecipientRow, options: RecipientOptions): Recipient | Issue {
  const field = phoneFieldOf(options);
  const number = parsePhoneNumber(row.phone, options.defaultCountry, field);
  if (isIssue(number)) return { row: row.row, ...number };
  if (number.e164 === options.fromNumber) return sameAsFromNumberIssue(row.row, field);
  const bytes = Buffer.byteLength(JSON.stringify(row.variables));
  if (bytes > maxVariableBytes) return variablesTooLargeIssue(row.row, bytes);
  const { maxRetries } = row;
  if (maxRetries !== undefined && !isRetryCount(maxRetries)) return maxRetriesIssue(row.row, maxRetries);
  const { e164: toNumber, ...told } = number;
  const recipient = { row: row.row, toNumber, ...told, variables: row.variables };
  return maxRetries === undefined ? recipient : { ...recipient, maxRetries };
}

function phoneFieldOf(options: RecipientOptions): string {
  return options.phoneField ?? "to_number";
}

function isRetryCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maxRetriesLimit;
}

function inRowOrder(issues: readonly Issue[]): Issue[] {
  return issues.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
}

function duplicateIssue(row: number, field: string, firstRow: number): Issue {
  return { row, field, code: "duplicate", message: `Repeats the number of row ${firstRow}, which is called once.` };
}

function suppressedIssue(row: number, field: string): Issue {
  return { row, field, code: "do_not_call", message: "This number is on the do-not-call list and is left out." };
}

function sameAsFromNumberIssue(row: number, field: string): Issue {
  const message = "This is from_number itself, which cannot call itself; write the recipient's number.";
  return { row, field, code: "same_as_from_number", message };
}

function variablesTooLargeIssue(row: number, bytes: number): Issue {
  const message = `The variables take ${bytes} bytes as JSON; at most ${maxVariableBytes} are accepted.`;
  return { row, field: "dynamic_variables", code: "variables_too_large", message };
}

function maxRetriesIssue(row: number, value: number): Issue {
  const message = `${value} is not accepted; write a whole number from 0 to ${maxRetriesLimit}.`;
  return { row, field: "max_retries", code: "out_of_range", message };
}
