import type { Problem } from "../problem.ts";
import { chooseCountryColumn } from "./choose-country-column.ts";
import { choosePhoneColumn } from "./choose-phone-column.ts";
import { type Column, type ColumnSamples, toColumns } from "./column.ts";
import type { ColumnChoices, ColumnPlan } from "./column-plan.ts";
import { columnProblem, quote } from "./column-problem.ts";
import { findColumn } from "./find-column.ts";
import { findLabel } from "./find-label.ts";
import {
  findFallbackNumber,
  findMaxRetries,
  findNotBefore,
  findTimezone,
  findUnusedNotBefore,
  findUnusedTimezone,
} from "./find-roles.ts";
import { compactName } from "./header-text.ts";
import { planVariables } from "./plan-variables.ts";
import { hideResults, resultPlaces } from "./result-columns.ts";
import { fallbackNumberNames } from "./role-words.ts";

const roles = ["country", "timezone", "not_before", "max_retries"] as const;
type Role = (typeof roles)[number];
type Chosen = ReadonlyMap<string, readonly number[]>;

const roleSentences: { readonly [R in Role]: string } = {
  country: "says the country of the numbers",
  timezone: "says the time zone of each row",
  not_before: "says before when each row is not called",
  max_retries: "says how often each row is tried again",
};

/**
 * Decides what each column is for: what `choices` says, then what its name says as far as its cells do not contradict.
 * `agentVariables` are the names that the agent expects, empty when they are not known; `source` names the table in errors.
 * Throws `invalid_input`, with the columns and three masked rows, when the phone column is missing or doubtful, or when a
 * choice names no column or fits more than one.
 */
export function planColumns(
  given: ColumnSamples,
  choices: ColumnChoices,
  agentVariables: readonly string[],
  source: string,
): ColumnPlan {
  const samples = hideResults(given);
  const chosen = findChosen(samples, choices, source);
  const said: string[] = [];
  const columns = toColumns(samples);
  const phone = chosen.get("to_number") ?? findPhone(samples, columns, source);
  if (!chosen.has("to_number")) {
    said.push(`${quoteColumn(samples, phone[0])} is to_number.`);
    if (phone.length > 1) said.push(`${quoteColumn(samples, phone[1])} is fallback_number.`);
  }

  const found = findRoles(samples, columns, phone, chosen, source);
  for (const role of roles) {
    const index = found.get(role);
    if (index !== undefined && !chosen.has(role)) said.push(`${quoteColumn(samples, index)} ${roleSentences[role]}.`);
  }
  const unused = found.has("timezone") ? undefined : findUnusedTimezone(columns);
  if (unused !== undefined) {
    said.push(
      `${quote(unused.name)} holds no IANA time zones and is NOT used: each person is called by the clock of their number. Write zones such as America/Denver, or name it with columns: { timezone: ${quote(unused.name)} } to refuse its rows.`,
    );
  }
  const idle = found.has("not_before") ? undefined : findUnusedNotBefore(columns);
  if (idle !== undefined) {
    said.push(
      `${quote(idle.name)} holds no times such as 2026-03-02 10:00 and is NOT used: it holds nobody back. Name it with columns: { not_before: ${quote(idle.name)} } to refuse rows that cannot be read.`,
    );
  }

  const results = resultPlaces(samples.columns);
  const used = new Set([
    ...phone,
    ...results,
    ...roles.flatMap((role) => (role === "country" ? [] : (found.get(role) ?? []))),
  ]);
  const wishes = { chosen: chosenVariables(chosen), expected: agentVariables, used };
  const { variables, said: mapped } = planVariables(samples, wishes, source);
  const others = columns.filter(({ index }) => !phone.includes(index));
  const unread = unused === undefined ? {} : { unusedTimezone: unused.index };
  return { phone, ...toRoleFields(found), ...unread, variables, label: findLabel(others), said: [...said, ...mapped] };
}

/** The columns that each key of the choices names. Throws `invalid_input` as `planColumns` does. */
export function findChosen(samples: ColumnSamples, choices: ColumnChoices, source: string): Chosen {
  const chosen = new Map<string, readonly number[]>();
  for (const [key, choice] of Object.entries(choices)) {
    const names = typeof choice === "string" ? [choice] : choice;
    // Taken for the name of a variable it would leave everybody without a second number, and nobody would notice.
    if (fallbackNumberNames.has(compactName(key))) throw fallbackProblem(samples, choices, key, names, source);
    if (names.length === 0 || (names.length > 1 && key !== "to_number")) {
      const what = `cannot be read: columns.${key} names ${names.length} columns.`;
      throw columnProblem(samples, source, what, "Name one column; only to_number may have several.");
    }
    chosen.set(key, [...new Set(names.map((name) => findColumn(samples, name, key, source)))]);
  }
  return chosen;
}

function fallbackProblem(
  samples: ColumnSamples,
  { to_number: first = "…" }: ColumnChoices,
  key: string,
  names: readonly string[],
  source: string,
): Problem {
  const inTurn = [...new Set([first, names].flat())];
  const what = `cannot be read: columns.${key} is not a use that a column can have.`;
  const remedy = `Name the second number behind the first: columns: { to_number: [${inTurn.map(quote).join(", ")}] }.`;
  return columnProblem(samples, source, what, remedy);
}

/** The phone column, then one that is named as the fallback number, where it is the only one of that name. */
function findPhone(samples: ColumnSamples, columns: readonly Column[], source: string): readonly number[] {
  const { index } = choosePhoneColumn(samples, source);
  const fallback = findFallbackNumber(columns);
  return fallback === undefined ? [index] : [index, fallback.index];
}

function findRoles(
  samples: ColumnSamples,
  columns: readonly Column[],
  phone: readonly number[],
  chosen: Chosen,
  source: string,
): ReadonlyMap<Role, number> {
  const taken = new Set([...chosen.values()].flat().concat(phone));
  const free = columns.filter(({ index }) => !taken.has(index));
  const found = new Map<Role, number>();
  for (const role of roles) {
    const index = chosen.get(role)?.[0] ?? findRole(role, samples, free, columns[phone[0] ?? 0], source)?.index;
    if (index !== undefined) found.set(role, index);
  }
  return found;
}

function findRole(
  role: Role,
  samples: ColumnSamples,
  free: readonly Column[],
  phone: Column | undefined,
  source: string,
): Column | undefined {
  switch (role) {
    case "country":
      return phone === undefined ? undefined : chooseCountryColumn(samples, free, phone, source);
    case "timezone":
      return findTimezone(free);
    case "not_before":
      return findNotBefore(free);
    case "max_retries":
      return findMaxRetries(free);
  }
}

function chosenVariables(chosen: Chosen): ReadonlyMap<string, number> {
  const reserved: readonly string[] = ["to_number", ...roles];
  return new Map(
    [...chosen].flatMap(([key, [index]]) =>
      reserved.includes(key) || index === undefined ? [] : [[key, index] as const],
    ),
  );
}

function toRoleFields(found: ReadonlyMap<Role, number>): Partial<ColumnPlan> {
  const [country, timezone, notBefore, maxRetries] = roles.map((role) => found.get(role));
  return {
    ...(country !== undefined && { country }),
    ...(timezone !== undefined && { timezone }),
    ...(notBefore !== undefined && { notBefore }),
    ...(maxRetries !== undefined && { maxRetries }),
  };
}

function quoteColumn(samples: ColumnSamples, index = 0): string {
  return quote(samples.columns[index] ?? "");
}
