/** What each column of a list is for. All numbers are indexes into the table's columns. */
export type ColumnPlan = {
  /** The column that is called, then those that are called when the one before was not reached. Never empty. */
  readonly phone: readonly number[];
  /** Cells that say the number's country or calling code. */
  readonly country?: number;
  readonly timezone?: number;
  /** A column that is called like zones and holds none. */
  readonly unusedTimezone?: number;
  readonly notBefore?: number;
  readonly maxRetries?: number;
  /** Name of the variable that each column becomes; a column that is not here becomes none. */
  readonly variables: ReadonlyMap<number, string>;
  /** Columns that together name the person, such as first and last name, to show who is who. Empty when none does. */
  readonly label: readonly number[];
  /** What was chosen without being asked for, in words, for the answer: `"First Name" is first_name.` */
  readonly said: readonly string[];
};

/**
 * The argument `columns`: what is wanted, and the column that has it. Keys are `to_number` (one column, or several in the
 * order in which they are called), `country`, `timezone`, `not_before`, `max_retries`, and names of variables.
 */
export type ColumnChoices = Readonly<Record<string, string | readonly string[]>>;
