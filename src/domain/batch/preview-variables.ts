import { nearest } from "../nearest.ts";
import type { Recipient } from "./plan.ts";

/** How the variables of a list fit those that an agent expects. */
export type VariableFit = {
  /** Expected ones that are empty in so many rows; `similar` is a column that was most likely meant. */
  readonly missing: readonly { readonly name: string; readonly rows: number; readonly similar?: string }[];
  /** Columns that the agent does not know. */
  readonly unused: readonly string[];
};

export function fitVariables(expected: readonly string[], recipients: readonly Recipient[]): VariableFit {
  const given = new Set(recipients.flatMap(({ variables }) => Object.keys(variables)));
  const unused = [...given].filter((name) => !expected.includes(name));
  return {
    missing: expected.map((name) => describe(name, recipients, unused)).filter(({ rows }) => rows > 0),
    unused,
  };
}

function describe(name: string, recipients: readonly Recipient[], unused: readonly string[]) {
  const rows = recipients.filter(({ variables }) => !variables[name]?.trim()).length;
  const similar = findSimilar(name, unused);
  return { name, rows, ...(similar !== undefined && { similar }) };
}

/** `First Name`, `firstName` and `first-name` are `first_name`; so is a name with a slip in it. */
function findSimilar(name: string, candidates: readonly string[]): string | undefined {
  const bare = toBare(name);
  return candidates.find((candidate) => toBare(candidate) === bare) ?? nearest(name, candidates);
}

function toBare(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
