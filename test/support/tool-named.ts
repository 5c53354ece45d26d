import { tools } from "../../src/tools/index.ts";
import type { Tool } from "../../src/tools/tool.ts";

/** One of the tools; throws where there is none of that name. */
export function toolNamed(name: string): Tool {
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  return tool;
}
