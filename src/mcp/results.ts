import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Issue, Problem } from "../domain/problem.ts";
import type { Effect } from "../tools/tool.ts";

const mostIssuesShown = 50;
const longestLine = 600;

/** The answer of a tool that did what it was asked. Some clients show their model only the text, others only the structure. */
export function toResult(summary: string, output: Record<string, unknown>): CallToolResult {
  return { content: [{ type: "text", text: summary }], structuredContent: output };
}

/** The code, what is wrong, then a line for each issue. All of it is text: clients drop the structure of an error. */
export function toProblemResult(problem: Problem): CallToolResult {
  const shown = problem.issues.slice(0, mostIssuesShown).map((issue) => `- ${toIssueLine(issue)}`);
  const hidden = problem.issues.length - shown.length;
  return toError(
    [`${problem.code}: ${problem.message}`, ...shown, ...(hidden > 0 ? [`- and ${hidden} more`] : [])].join("\n"),
  );
}

/** The answer after a defect of ours. `reference` is where the log has the whole of it. */
export function toInternalResult(reference: string, effect: Effect): CallToolResult {
  const whatNow =
    effect === "reads"
      ? "Nothing was changed; the same call may be tried once more."
      : "It may have taken effect: look with list_batches or get_batch_status before repeating it.";
  return toError(
    `internal: this server failed, and the arguments are not the cause. ${whatNow} (reference ${reference})`,
  );
}

function toError(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function toIssueLine({ row, field, message }: Issue): string {
  return toOneLine(`${row === undefined ? "" : `row ${row}, `}${field}: ${message}`);
}

/** What a caller sent can stand in an issue; it must not grow into lines of its own, nor fill the answer. */
function toOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}
