import type { NewDoNotCallEntry } from "../../domain/do-not-call/entry.ts";
import { type DoNotCallPlan, planDoNotCallColumns } from "../../domain/do-not-call/plan-columns.ts";
import { type ReadBy, readDoNotCallRow } from "../../domain/do-not-call/read-row.ts";
import { readingOf } from "../../domain/list/judge-row.ts";
import type { Table, TableShape } from "../../domain/list/table.ts";
import { BareDigitsEvidence } from "../../domain/phone/bare-digits-evidence.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { peek } from "../../lists/peek.ts";
import { countRows, findListFile } from "../list/list-input.ts";
import { IssueCollector, type IssueGroup, mostIssues } from "../list/list-issues.ts";
import type { ToolContext } from "../tool.ts";

type Order = {
  readonly path: string;
  readonly columns: Readonly<Record<string, string | readonly string[]>>;
  readonly country: string | undefined;
  /** For all rows that say nothing themselves, and which way they come. */
  readonly said: Omit<NewDoNotCallEntry, "phoneNumber">;
};

/** What became of a file. `rows.partly` of `rows.listed` have another cell that could not be read. */
export type Imported = {
  readonly added: number;
  readonly rows: { readonly input: number; readonly listed: number; readonly partly: number; readonly refused: number };
  readonly shape: TableShape;
  readonly said: readonly string[];
  /** Each cell that gave no number, or where there are many each reason once, with how many there are. */
  readonly issues: readonly (Issue & { readonly rows?: number; readonly first_rows?: readonly number[] })[];
};

/** The upstream takes so many numbers at a time. */
const blockSize = 1000;

/**
 * Adds the numbers of a file to the do-not-call list, in blocks. The file is read whole before the first of them, so that one
 * that cannot be read adds nothing. Throws a `Problem` that says how far it came when the list fails in the middle.
 */
export async function importDoNotCall(order: Order, context: ToolContext): Promise<Imported> {
  const advice = { untouched: "Nothing was changed.", instead: "Or give the numbers in numbers." };
  const open = await nothingChanged(() => findListFile(order.path, context, advice));
  const surveyed = await nothingChanged(() => survey(open, order, context));
  const tell = countDone(context, surveyed.rows);
  const rows = { input: 0, listed: 0, partly: 0, refused: 0 };
  const issues = new IssueCollector();
  let added = 0;
  const waiting: NewDoNotCallEntry[] = [];
  /** Rows all of whose numbers are on the list. */
  let done = 0;

  const addBlock = async (): Promise<void> => {
    added += await context.campaigns.doNotCall.add(waiting.splice(0, blockSize));
    // What still waits is of the last row.
    done = waiting.length === 0 ? rows.input : rows.input - 1;
    tell(done);
  };

  try {
    const { rows: blocks } = await open();
    for await (const block of blocks) {
      for (const row of block) {
        const { numbers, facts, issues: wrong } = readDoNotCallRow(row, surveyed.by);
        rows.input++;
        rows[numbers.length > 0 ? "listed" : "refused"]++;
        if (numbers.length > 0 && wrong.length > 0) rows.partly++;
        for (const issue of wrong) issues.add(issue, row.row);
        waiting.push(...numbers.map((phoneNumber) => ({ phoneNumber, ...order.said, ...facts })));
        if (waiting.length >= blockSize) await addBlock();
      }
    }
    while (waiting.length > 0) await addBlock();
  } catch (error) {
    throw error instanceof Problem ? brokenOff(error, { added, done, source: surveyed.shape.source }) : error;
  }
  return {
    added,
    rows,
    shape: surveyed.shape,
    said: surveyed.by.plan.said,
    issues: toIssueViews(issues.groups),
  };
}

type Surveyed = { readonly by: ReadBy; readonly rows: number; readonly shape: TableShape };

/** Reads the file to its end: what its columns are for, and whether their digits carry country codes without a plus. */
async function survey(open: () => Promise<Table>, order: Order, context: ToolContext): Promise<Surveyed> {
  const table = await open();
  const { shape } = table;
  const { sample, rows } = await peek(table);
  if (sample.length === 0) throw new Problem("invalid_input", `${shape.source} has no rows. Nothing was changed.`);
  const plan: DoNotCallPlan = planDoNotCallColumns(
    { columns: shape.columns, rows: sample },
    order.columns,
    shape.source,
  );
  const by = { columns: shape.columns, plan, ...(order.country !== undefined && { defaultCountry: order.country }) };
  const evidence = plan.phone.map(() => new BareDigitsEvidence());
  const tell = countRows(context);
  let count = 0;
  for await (const block of rows) {
    for (const row of block) {
      const reading = row.fault === undefined ? readingOf(row, by) : undefined;
      if (reading === undefined || isIssue(reading)) continue;
      for (const [place, index] of plan.phone.entries()) evidence[place]?.add(row.cells[index] ?? "", reading);
    }
    count += block.length;
    tell(count);
  }
  const carryCodes = evidence.map((some) => ["international", "mixed"].includes(some.verdict() ?? ""));
  return { by: { ...by, carryCodes }, rows: count, shape };
}

/** Once the survey is over, it is known how many rows there are. */
function countDone({ progress }: ToolContext, surveyed: number): (rows: number) => void {
  const of = surveyed.toLocaleString("en-US");
  const tell: ToolContext["progress"] = (rows) =>
    progress?.(rows, `${rows.toLocaleString("en-US")} of ${of} rows are on the do-not-call list`, surveyed);
  return countRows({ progress: tell });
}

const saysNothing = / ?Nothing (?:was |is )?(?:changed|created|sent)\.(?: Try again later\.)?/g;

async function nothingChanged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const message = error.message.replace("Nothing was created.", "Nothing was changed.");
    throw new Problem(error.code, message, { issues: error.issues, cause: error });
  }
}

type Standing = { readonly added: number; readonly done: number; readonly source: string };

function brokenOff(error: Problem, { added, done, source }: Standing): Problem {
  const how =
    done === 0
      ? `No number of ${source} was added for certain.`
      : `The first ${counted(done, "row")} of ${source} ${done === 1 ? "is" : "are"} on the do-not-call list (${counted(added, "number was", "numbers were")} new), what comes after is not yet.`;
  const message = `${error.message.replace(saysNothing, "")} ${how} Make the same call again: what is on the list stays as it is, and the rest is added.`;
  return new Problem(error.code, message, { issues: error.issues, cause: error });
}

function toIssueViews(groups: readonly IssueGroup[]): Imported["issues"] {
  return groups
    .slice(0, mostIssues)
    .map(({ issue, rows, firstRows }) => (rows === 1 ? issue : { ...issue, rows, first_rows: firstRows }));
}
