import type { ToolAnswer } from "../support/mcp-clients.ts";
import type { EvalWorld } from "./eval-world.ts";
import type { EvalRequest } from "./request.ts";

/** A call of a tool that was made. */
export type MadeCall = {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** In which turn; the first is 1. */
  readonly turn: number;
  readonly answer: ToolAnswer;
};

/** What somebody did with a request. */
export type Transcript = {
  readonly calls: readonly MadeCall[];
  /** All that the person was told. */
  readonly reply: string;
  /** Why it ended before its time; absent where it did not. */
  readonly brokenOff?: string;
  readonly tokens?: { readonly input: number; readonly output: number };
};

/** What does the work that a request asks for: a script, or a model. */
export type Driver = (request: EvalRequest, world: EvalWorld) => Promise<Transcript>;
