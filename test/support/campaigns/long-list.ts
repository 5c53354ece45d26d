import { usNumber } from "../us-numbers.ts";
import { agentId, fromNumber } from "../world.ts";

/** The file of a list of so many people, at most 5,000, in the order of their numbers. */
export function longFile(people: number): string {
  const rows = Array.from({ length: people }, (_, n) => `P${n + 1},${n % 2 === 0 ? "Rome" : "Oslo"},${usNumber(n)}`);
  return ["name,city,phone", ...rows].join("\n");
}

/** Arguments of a create of the file `long.csv`. */
export function longRequest(changes: object = {}): object {
  return {
    name: "June reminders",
    agent_id: agentId,
    from_number: fromNumber,
    tasks_file: "long.csv",
    columns: { to_number: "phone" },
    ...changes,
  };
}
