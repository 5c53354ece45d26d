import { doNotCallRoles } from "../../domain/do-not-call/plan-columns.ts";
import type { Issue } from "../../domain/problem.ts";

/** Arguments of `update_do_not_call_list` beside its action. */
type Arguments = {
  readonly numbers?: readonly string[] | undefined;
  readonly numbers_file?: string | undefined;
  readonly columns?: object | undefined;
  readonly default_country?: string | undefined;
  readonly reason?: string | undefined;
  readonly requested_by?: string | undefined;
};
type Action = "add" | "remove" | "export";

/** What is wrong with the arguments as they stand together. */
export function argumentIssues({ action, ...given }: Arguments & { readonly action: Action }): readonly Issue[] {
  switch (action) {
    case "add":
      return sourceIssues(given);
    case "remove": {
      const { numbers, default_country: _, ...others } = given;
      const hasNone = !numbers && others.numbers_file === undefined;
      return [...notTaken(action, others), ...(hasNone ? [missing("Give the numbers to remove.")] : [])];
    }
    case "export":
      return notTaken(action, given);
  }
}

function sourceIssues({ numbers, numbers_file: file, columns = {} }: Arguments): readonly Issue[] {
  if (numbers && file !== undefined) return [contradiction("numbers_file", "Give one of numbers and numbers_file.")];
  if (!numbers && file === undefined) return [missing("Give numbers, or numbers_file with the name of a file.")];
  const named = Object.keys(columns);
  if (named.length > 0 && file === undefined)
    return [contradiction("columns", "Only a file has columns; leave columns out, or give numbers_file.")];
  const roles: readonly string[] = doNotCallRoles;
  const message = `Of a do-not-call file these are read: ${roles.join(", ")}.`;
  return named
    .filter((key) => !roles.includes(key))
    .map((key) => ({ field: `columns.${key}`, code: "unknown_argument", message }));
}

function notTaken(action: Action, given: Arguments): readonly Issue[] {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([field]) =>
      contradiction(
        field,
        action === "remove" && field === "numbers_file"
          ? 'Action "remove" takes numbers, not a file: somebody who is in it by mistake would be called again.'
          : `Action "${action}" does not take ${field}; leave it out.`,
      ),
    );
}

function contradiction(field: string, message: string): Issue {
  return { field, code: "contradiction", message };
}

function missing(message: string): Issue {
  return { field: "numbers", code: "required", message };
}
