/** The floor of a create: check every field and number, convert, and nothing else. */
import type { CountryCode } from "libphonenumber-js/max";
import { readFlat } from "./flat-numbers.ts";

export type FlatTask = { to_number: string; dynamic_variables?: Record<string, string> };
export type FlatArguments = { name: string; agent_id: string; from_number: string; tasks: FlatTask[] };

function check({ name, agent_id, from_number, tasks }: FlatArguments, country: CountryCode): FlatTask[] {
  if (typeof name !== "string" || name.length > 255 || typeof agent_id !== "string" || typeof from_number !== "string")
    throw new Error("bad field");
  if (!Array.isArray(tasks) || tasks.length > 1000) throw new Error("bad tasks");
  const seen = new Set<string>();
  const converted: FlatTask[] = [];
  for (const { to_number, dynamic_variables = {} } of tasks) {
    const number = readFlat(to_number, country);
    for (const value of Object.values(dynamic_variables))
      if (typeof value !== "string") throw new Error("bad variable");
    if (Buffer.byteLength(JSON.stringify(dynamic_variables)) > 5120) throw new Error("too large");
    if (seen.has(number) || number === from_number) continue;
    seen.add(number);
    converted.push({ to_number: number, dynamic_variables });
  }
  return converted;
}

/** The body that the API is sent, as text, and the people that are in it. */
export function convertFlat(args: FlatArguments, country: CountryCode = "US") {
  const tasks = check(args, country);
  const body = JSON.stringify({
    from_number: args.from_number,
    name: args.name,
    agent_id: args.agent_id,
    tasks,
    status: "draft",
    send_now: false,
    timezone: "UTC",
  });
  return { body, tasks };
}
