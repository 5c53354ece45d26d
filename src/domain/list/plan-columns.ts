import type { ColumnChoices, ColumnPlan } from "./column-plan.ts";
import type { TableRow } from "./table.ts";

/** What the columns are told apart by. */
export type ColumnSamples = {
  /** Names of the columns, see `TableShape.columns`. */
  readonly columns: readonly string[];
  /** The first rows of people; some hundred are plenty. Rows with a fault are passed over. */
  readonly rows: readonly TableRow[];
};

/**
 * Decides what each column is for: what `choices` says, then what its name says as far as its cells do not contradict.
 * `agentVariables` are the names that the agent expects, empty when they are not known; `source` names the table in errors.
 * Throws `invalid_input`, with the columns and three masked rows, when the phone column is missing or doubtful, or when a
 * choice names no column or fits more than one.
 */
export function planColumns(
  samples: ColumnSamples,
  choices: ColumnChoices,
  agentVariables: readonly string[],
  source: string,
): ColumnPlan {
  throw new Error(`${samples.columns.length} ${Object.keys(choices).length} ${agentVariables.length} ${source}`);
}
