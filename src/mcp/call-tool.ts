import { randomUUID } from "node:crypto";
import type { CallToolResult, InputRequiredResult } from "@modelcontextprotocol/server";
import { Problem } from "../domain/problem.ts";
import type { Log } from "../lib/log.ts";
import { readInput } from "../tools/shared/parse-input.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { FormNeeded } from "./form-needed.ts";
import { toInternalResult, toProblemResult, toResult } from "./results.ts";

/**
 * Answers one call of a tool, or asks the client to repeat it together with a person's answer. Never rejects: whatever
 * else is thrown on the way becomes an error result.
 */
export async function callTool(
  tool: Tool,
  args: unknown,
  makeContext: () => ToolContext,
  log: Log,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const context = makeContext();
    const input = await readInput(tool, args, context);
    // Parsed once more on the way out: what leaves is what the output schema promises.
    const output = tool.output.parse(await tool.run(input, context));
    return toResult(tool.summarize(output), output);
  } catch (error) {
    if (error instanceof FormNeeded) return error.result;
    return error instanceof Problem ? refuse(tool, error, log) : fail(tool, error, log);
  }
}

function refuse(tool: Tool, problem: Problem, log: Log): CallToolResult {
  log.info({ tool: tool.name, code: problem.code, err: problem.cause }, "a tool answered no");
  return toProblemResult(problem);
}

function fail(tool: Tool, error: unknown, log: Log): CallToolResult {
  const reference = randomUUID().slice(0, 8);
  log.error({ tool: tool.name, reference, err: error }, "a tool failed");
  return toInternalResult(reference, tool.effect);
}
