import type { Tool } from "../tools/tool.ts";
import type { ReadContext } from "./resource.ts";

/** What a tool that only reads answers to those arguments, as JSON. */
export async function readByTool(tool: Tool, args: Record<string, unknown>, context: ReadContext): Promise<string> {
  if (tool.effect !== "reads") throw new Error(`${tool.name} does more than read`);
  const asksNobody = async (): Promise<never> => {
    throw new Error(`${tool.name} asks a person`);
  };
  const output = await tool.run(tool.input.parse(args), { ...context, askPerson: asksNobody });
  return JSON.stringify(tool.output.parse(output), null, 2);
}
