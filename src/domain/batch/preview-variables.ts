import { fieldNamed } from "../field-named.ts";
import { nearest } from "../nearest.ts";
import { counted, plainText } from "../text.ts";
import type { BlankVariable, Recipient, UnreadZones } from "./plan.ts";

/** How the variables of a list fit those that an agent expects. */
export type VariableFit = {
  readonly missing: readonly BlankVariable[];
  /** Columns that the agent does not know. */
  readonly unused: readonly string[];
};

const mostRows = 5;

/** Where the API does not tell what the agent expects, every column of the list is expected. */
export function fitVariables(expected: readonly string[] | undefined, recipients: readonly Recipient[]): VariableFit {
  const given = namesIn(recipients);
  const unused = expected ? given.filter((name) => !expected.includes(name)) : [];
  return {
    missing: (expected ?? given).map((name) => describe(name, recipients, unused)).filter(({ rows }) => rows > 0),
    unused,
  };
}

/** In the order in which they come up. */
function namesIn(recipients: readonly Recipient[]): readonly string[] {
  const names = new Set<string>();
  for (const { variables } of recipients) for (const name of Object.keys(variables)) names.add(name);
  return [...names];
}

/** `first_name is blank in 7 rows (2, 5, 8, 9, 11 and more)`. */
export function toBlankText({ name, rows, firstRows, similar }: BlankVariable): string {
  const more = rows > firstRows.length ? " and more" : "";
  const hint = similar === undefined ? "" : `; is it the column ${JSON.stringify(similar)}?`;
  return `${name} is blank in ${counted(rows, "row")} (${firstRows.join(", ")}${more})${hint}`;
}

/** A recipient who lacks variables. */
export type BlankPerson = { readonly toNumber: string; readonly row: number; readonly names: readonly string[] };

/** Those of the recipients who lack one of the variables, each with those that they lack. */
export function blankPeople(names: readonly string[], recipients: readonly Recipient[]): readonly BlankPerson[] {
  if (names.length === 0) return [];
  return recipients.flatMap(({ toNumber, row, variables }) => {
    const lacking = names.filter((name) => isBlank(fieldNamed(variables, name)));
    return lacking.length === 0 ? [] : [{ toNumber, row, names: lacking }];
  });
}

/** The blanks of a list as they are among some of its people; a variable that none of them lacks is left out. */
export function blanksAmong(
  numbers: ReadonlySet<string>,
  blanks: readonly BlankVariable[],
  people: readonly BlankPerson[],
): readonly BlankVariable[] {
  const among = people.filter(({ toNumber }) => numbers.has(toNumber));
  return blanks
    .map((blank) => {
      const rows = among.filter(({ names }) => names.includes(blank.name)).map(({ row }) => row);
      return { ...blank, rows: rows.length, firstRows: rows.toSorted((a, b) => a - b).slice(0, mostRows) };
    })
    .filter(({ rows }) => rows > 0);
}

function describe(name: string, recipients: readonly Recipient[], unused: readonly string[]): BlankVariable {
  const blank = recipients.filter(({ variables }) => isBlank(fieldNamed(variables, name)));
  const similar = findSimilar(name, unused);
  return {
    name,
    rows: blank.length,
    firstRows: blank.slice(0, mostRows).map(({ row }) => row),
    ...(similar !== undefined && { similar }),
  };
}

/** Nothing that anybody should hear: no value, white space, or a placeholder that nobody filled in. */
export function isBlank(value: string | undefined): boolean {
  const text = value?.trim() ?? "";
  if (text !== "" && !text.endsWith("}")) return false;
  return text === "" || /^(?:\$\{[^}]*\}|\{\{[^}]*\}\})$/.test(text);
}

/** `First Name`, `firstName` and `first-name` are `first_name`; so is a name with a slip in it. */
function findSimilar(name: string, candidates: readonly string[]): string | undefined {
  const bare = toBare(name);
  return candidates.find((candidate) => toBare(candidate) === bare) ?? nearest(name, candidates);
}

function toBare(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** `"Zone" holds no time zones: 3 rows have something in it (2, 3, 4), and are called by the clock of their number` */
export function toUnreadZonesText({ column, rows, firstRows }: UnreadZones): string {
  const named = `${firstRows.slice(0, mostRows).join(", ")}${rows > mostRows ? " and more" : ""}`;
  const [who, are] = [counted(rows, "row has", "rows have"), rows === 1 ? "is" : "are"];
  return `"${plainText(column, 40)}" holds no time zones: ${who} something in it (${named}), and ${are} called by the clock of their number`;
}
