import type { Issue } from "../../domain/problem.ts";

/** `tasks[3].to_number` is field `to_number` of row 4; every other path is written out. */
export function placeOf(path: readonly PropertyKey[]): Pick<Issue, "row" | "field"> {
  const [list, index, ...rest] = path;
  if (list === "tasks" && typeof index === "number") return { row: index + 1, field: fieldOf(rest) || "tasks" };
  return { field: fieldOf(path) || "arguments" };
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}
