import type { ColumnSamples } from "./column.ts";
import { columnProblem, quote, quoteAll } from "./column-problem.ts";
import { columnsLike } from "./find-column.ts";

export type VariableWishes = {
  /** What was asked for: the column of a variable. */
  readonly chosen: ReadonlyMap<string, number>;
  /** Names that the agent expects. */
  readonly expected: readonly string[];
  /** Columns that have another use, and become a variable only where one is chosen or expected. */
  readonly used: ReadonlySet<number>;
};

type VariablePlan = { readonly variables: ReadonlyMap<number, string>; readonly said: readonly string[] };

/**
 * Every column becomes a variable: the one that was chosen, the one of the agent that its name equals but for case, spaces,
 * accents and punctuation, else one of its own name. Throws `invalid_input` when two columns fit one variable alike.
 */
export function planVariables(samples: ColumnSamples, wishes: VariableWishes, source: string): VariablePlan {
  const variables = new Map<number, string>();
  const said: string[] = [];
  for (const [variable, index] of wishes.chosen) {
    const before = variables.get(index);
    if (before !== undefined) throw twiceUsedProblem(samples, source, index, [before, variable]);
    variables.set(index, variable);
  }
  for (const variable of new Set(wishes.expected)) {
    if (wishes.chosen.has(variable)) continue;
    const index = findExpected(samples, variable, variables, source);
    if (index === undefined) continue;
    variables.set(index, variable);
    if (samples.columns[index] !== variable) said.push(`${quote(samples.columns[index] ?? "")} is ${variable}.`);
  }
  return addOthers(samples, wishes.used, variables, said);
}

function findExpected(
  samples: ColumnSamples,
  variable: string,
  taken: ReadonlyMap<number, string>,
  source: string,
): number | undefined {
  const alike = columnsLike(samples.columns, variable).filter((index) => !taken.has(index));
  if (alike.length < 2) return alike[0];
  const names = alike.map((index) => samples.columns[index] ?? "");
  throw columnProblem(
    samples,
    source,
    `has more than one column for the agent's variable ${variable}: ${quoteAll(names)}.`,
    `Say which one it is: columns: { ${quote(variable)}: ${quote(names[0] ?? "")} }.`,
  );
}

function addOthers(
  samples: ColumnSamples,
  used: ReadonlySet<number>,
  variables: Map<number, string>,
  said: string[],
): VariablePlan {
  const taken = new Set(variables.values());
  for (const [index, name] of samples.columns.entries()) {
    if (used.has(index) || variables.has(index)) continue;
    if (taken.has(name)) said.push(`${quote(name)} is left out, because another column is ${name}.`);
    else variables.set(index, name);
  }
  return { variables: new Map([...variables].toSorted(([a], [b]) => a - b)), said };
}

function twiceUsedProblem(samples: ColumnSamples, source: string, index: number, names: readonly string[]) {
  const column = quote(samples.columns[index] ?? "");
  const what = `cannot give column ${column} to two variables: ${quoteAll(names)}.`;
  return columnProblem(samples, source, what, "Name another column for one of them.");
}
