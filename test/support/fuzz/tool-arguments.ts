import { z } from "zod";
import { isObject } from "../../../src/contract/envelope.ts";
import { toJsonSchema } from "../../../src/mcp/json-schema.ts";
import { tools } from "../../../src/tools/index.ts";
import type { Tool } from "../../../src/tools/tool.ts";
import type { Random } from "../random.ts";
import { usNumber } from "../us-numbers.ts";
import { agentId, fromNumber } from "../world.ts";
import { type Making, makeValue, type Schema } from "./from-schema.ts";
import { mutate } from "./mutate.ts";
import { oddValue } from "./odd-values.ts";

export type ToolInput = { readonly tool: Tool; readonly args: unknown };

/** The schema that tools/list shows, and the whole of it, of which that hides what it says in words. */
const schemas = tools.map((tool) => {
  const whole: Schema = z.toJSONSchema(tool.input, { io: "input", unrepresentable: "any" });
  return { tool, listed: toJsonSchema(tool.input, "input"), whole };
});

/** Those that make and change batches more often than the rest. */
const weighted = schemas.flatMap((one) =>
  Array<typeof one>(one.tool.effect === "may_dial" ? 3 : one.tool.name === "preview_batch_call" ? 2 : 1).fill(one),
);

/** Arguments of some tool: from its schema, two thirds of them with something changed. */
export function makeToolInput(making: Making): ToolInput {
  const { random } = making;
  const { tool, listed, whole } = weighted[random.below(weighted.length)] ?? schemas[0] ?? fail();
  const made = makeValue(random.chance(0.25) ? listed : whole, making);
  const args = random.chance(0.9) ? withOneList(made, random) : made;
  if (random.chance(0.35)) return { tool, args };
  if (random.chance(0.01)) return { tool, args: oddValue(random) };
  let changed: unknown = args;
  for (let changes = 1 + random.below(3); changes > 0; changes--) changed = mutate(changed, random);
  return { tool, args: changed };
}

function fail(): never {
  throw new Error("There are no tools");
}

const sources = ["tasks", "tasks_file", "tasks_csv", "list_id", "from_batch"];

/** Of the ways to give a list, one: with two of them nothing but that is judged. */
function withOneList(args: unknown, random: Random): unknown {
  if (!isObject(args) || !("agent_id" in args) || !("from_number" in args)) return args;
  const given = sources.filter((source) => source in args);
  const kept = random.pickAny(given);
  const others = Object.fromEntries(Object.entries(args).filter(([name]) => name === kept || !given.includes(name)));
  return kept === undefined ? { ...others, tasks: [{ to_number: usNumber(random.below(60)) }] } : others;
}

/** The file that a world of tools has in its folder. */
export const listFile = { name: "june.csv", text: csv([1, 2, 3], "phone,first_name,city") };

function csv(numbers: readonly number[], header: string): string {
  return `${header}\n${numbers.map((n) => `${usNumber(n)},Person ${n},Rome`).join("\n")}\n`;
}

/** What texts of tools are, where their schema does not say. */
export function textOfTool(name: string, random: Random): unknown {
  switch (name) {
    case "agent_id":
      return random.pick([agentId, agentId, agentId, "agent_x"]);
    case "from_number":
    case "more_from_numbers":
      return random.pick([fromNumber, fromNumber, "+14155550101"]);
    case "tasks_file":
      return random.pick([listFile.name, listFile.name, "./june.csv", "july.xlsx", "."]);
    case "tasks_csv":
      return csv(
        Array.from({ length: random.below(5) }, () => random.below(60)),
        random.pick([
          "phone,first_name,city",
          "Mobile,Name,Town",
          "to_number;first_name",
          "a,b,c",
          "phone,phone,phone",
        ]),
      );
    case "default_country":
      return random.pick(["US", "gb", "Germany", "XX"]);
    case "call_id":
    case "batch_id":
    case "list_id":
    case "cursor":
    case "fingerprint":
      return random.pick([`${name}_1`, "x", "batch_call_00000000000000000000000000000000"]);
    default:
      return undefined;
  }
}
