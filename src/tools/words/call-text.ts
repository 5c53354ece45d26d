/** A call as people write it: `change_list {list_id: "list_1", leave_out: [3]}`. */
export function toCallText(tool: string, args: object): string {
  return `${tool} ${toArgumentsText(args)}`;
}

/** Arguments, or a value of them, alone: `{list_id: "list_1", leave_out: [3]}`. */
export function toArgumentsText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toArgumentsText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${toName(name)}: ${toArgumentsText(field)}`).join(", ")}}`;
}

function toName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(name) ? name : JSON.stringify(name);
}
