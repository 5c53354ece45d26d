/** A statement of the program as it was seen at work on a store of some size. */
export type SeenStatement = {
  readonly text: string;
  times: number;
  /** What the planner does: each table with the index by which it is entered. */
  plan: string;
  /** What it takes at this size: see each store. */
  readonly costs: number[];
};

/** By text, in the order in which they were first seen. */
export type SeenStatements = Map<string, SeenStatement>;

export function seenAs(seen: SeenStatements, text: string): SeenStatement {
  const known = seen.get(text) ?? { text, times: 0, plan: "", costs: [] };
  seen.set(text, known);
  return known;
}
