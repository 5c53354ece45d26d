import { nearest } from "../domain/nearest.ts";
import { Problem } from "../domain/problem.ts";

/** What tools belong together. */
export const toolsets = ["campaigns", "lists", "results", "do_not_call", "account"] as const;
export type Toolset = (typeof toolsets)[number];

/** What an operator asks for at start. */
export type AskedTools = {
  /** Only tools that change nothing. */
  readonly isReadOnly: boolean;
  /** Only tools of these; of all of them when absent. */
  readonly toolsets?: readonly Toolset[];
};

export type ToolSelection = AskedTools & {
  /** Whether the operator named numbers for test calls. */
  readonly hasTestNumbers: boolean;
};

/** Reads names of toolsets, separated by commas. Throws `invalid_input` with those there are. */
export function parseToolsets(text: string): readonly Toolset[] {
  return text.split(",").map((part) => {
    const name = part.trim().toLowerCase();
    const found = toolsets.find((each) => each === name);
    if (found) return found;
    const meant = nearest(name, toolsets);
    const hint = meant ? ` ${meant} was probably meant.` : "";
    const what = name === "" ? "--toolsets has an empty name." : `--toolsets: there is no toolset "${part.trim()}".`;
    throw new Problem("invalid_input", `${what}${hint} There are ${toolsets.join(", ")}. Nothing was started.`);
  });
}
