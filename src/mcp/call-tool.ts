import { randomUUID } from "node:crypto";
import type { CallToolResult, InputRequiredResult } from "@modelcontextprotocol/server";
import { type Issue, Problem } from "../domain/problem.ts";
import { commandText } from "../lib/command-text.ts";
import type { Log } from "../lib/log.ts";
import { noticeTeller } from "../lib/notices.ts";
import { explainStorageError } from "../lib/sqlite.ts";
import { readInput } from "../tools/arguments/parse-input.ts";
import { toRowSelection } from "../tools/list/row-selection.ts";
import type { Effect, FileLink, Tool, ToolContext } from "../tools/tool.ts";
import { requireAccess } from "./access.ts";

/**
 * Runs one call of a tool, or asks the client to repeat it together with a person's answer. Never rejects: whatever
 * else is thrown on the way becomes an error result.
 */
export async function callTool(
  tool: Tool,
  args: unknown,
  makeContext: () => ToolContext,
  log: Log,
): Promise<CallToolResult | InputRequiredResult> {
  let context: ToolContext | undefined;
  try {
    context = makeContext();
    await requireAccess(tool, context);
    const input = await readInput(tool, args, context);
    // Parsed once more on the way out: what leaves is what the output schema promises.
    const output = tool.output.parse(await runOrWait(tool, input, context, log));
    return toResult(tool.summarize(output), output, tool.link?.(output));
  } catch (error) {
    if (error instanceof FormNeeded) return error.result;
    if (!(error instanceof Problem)) return fail(tool, error, log);
    return refuse(tool, placesCalls(tool.effect) ? await withStop(error, context) : error, log);
  }
}

function placesCalls(effect: Effect): boolean {
  return effect === "may_dial" || effect === "dials" || effect === "steers";
}

/** Whoever mends what was refused would be refused again because of the kill switch: it is told at once. */
async function withStop(problem: Problem, context: ToolContext | undefined): Promise<Problem> {
  const stopped = await readStop(context);
  if (stopped === undefined || problem.message.startsWith("All calls are stopped")) return problem;
  const { code, message, issues, cause, retryAfterSeconds } = problem;
  return new Problem(code, `${message} ${stopped}`, { issues, cause, retryAfterSeconds });
}

/** A person who has yet to agree is no failure: hosts paint one red, and models try to get around it. */
async function runOrWait(tool: Tool, input: Parameters<Tool["run"]>[0], context: ToolContext, log: Log) {
  try {
    return await tool.run(input, context);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "needs_approval" || !tool.waits) throw error;
    log.info({ tool: tool.name, code: error.code, err: error.cause }, "a tool waits for a person");
    // The refusal itself, where not even the batch can be looked at.
    return tool.waits(error.message, input, context).catch(() => {
      throw error;
    });
  }
}

/** Undefined too where the records cannot be read: the refusal itself is not lost for that. */
async function readStop(context: ToolContext | undefined): Promise<string | undefined> {
  try {
    return await context?.campaigns.whyStopped();
  } catch {
    return undefined;
  }
}

function refuse(tool: Tool, problem: Problem, log: Log): CallToolResult {
  log.info({ tool: tool.name, code: problem.code, err: problem.cause }, "a tool answered no");
  return toProblemResult(problem);
}

/** A caller who gave up waiting reads no answer; the log tells it from a defect. */
function isGivenUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function fail(tool: Tool, error: unknown, log: Log): CallToolResult {
  if (isGivenUp(error)) {
    log.info({ tool: tool.name }, "a caller gave up waiting");
    return toError(`cancelled: the caller gave up waiting for ${tool.name}. ${howThingsStand(tool.effect)}`);
  }
  const reference = randomUUID().slice(0, 8);
  log.error({ tool: tool.name, reference, err: error }, "a tool failed");
  noticeTeller()?.("error", `${tool.name} failed on this server; its log says why at reference ${reference}.`);
  const trouble = explainStorageError(error);
  if (trouble) return toStorageResult(trouble, reference, tool.effect);
  return toInternalResult(reference, tool.effect);
}

const mostIssuesShown = 50;
const longestLine = 600;

/** The answer of a tool that did what it was asked. Some clients show their model only the text, others only the structure. */
export function toResult(summary: string, output: Record<string, unknown>, link?: FileLink): CallToolResult {
  const links = link ? [{ type: "resource_link" as const, ...link }] : [];
  return { content: [{ type: "text", text: summary }, ...links], structuredContent: output };
}

/** The code, what is wrong, then a line for each issue. All of it is text: clients drop the structure of an error. */
export function toProblemResult(problem: Problem): CallToolResult {
  const groups = groupEqual(problem.issues);
  const shown = groups.slice(0, mostIssuesShown).map((equal) => `- ${toIssueLine(equal)}`);
  const hidden = groups.slice(mostIssuesShown).flat().length;
  return toError(
    [`${problem.code}: ${problem.message}`, ...shown, ...(hidden > 0 ? [`- and ${hidden} more`] : [])].join("\n"),
  );
}

/** The answer after a defect of ours. `reference` is where the log has the whole of it. */
export function toInternalResult(reference: string, effect: Effect): CallToolResult {
  return toError(
    `internal: this server failed, and the arguments are not the cause. ${howThingsStand(effect)} (reference ${reference})`,
  );
}

/** The answer when the files of this server cannot be used: no defect, and somebody can do something about it. */
function toStorageResult(trouble: string, reference: string, effect: Effect): CallToolResult {
  return toError(
    `unavailable: this server cannot use its own records: ${trouble}. ${howThingsStand(effect)} \`${commandText("doctor")}\` checks the files. (reference ${reference})`,
  );
}

function howThingsStand(effect: Effect): string {
  if (effect === "reads") return "Nothing was changed; the same call may be tried once more.";
  if (effect === "keeps_list")
    return "No batch was changed; at most a list was kept, and the same call may be tried once more.";
  return "It may have taken effect: look with list_batches or get_batch_status before repeating it.";
}

function toError(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

type EqualIssues = readonly [Issue, ...Issue[]];

/** Issues of rows that say the same of the same field are one. */
function groupEqual(issues: readonly Issue[]): readonly EqualIssues[] {
  const groups = new Map<string, [Issue, ...Issue[]]>();
  for (const [index, issue] of issues.entries()) {
    const key = issue.row === undefined ? String(index) : `${issue.field}\n${issue.message}`;
    const known = groups.get(key);
    if (known) known.push(issue);
    else groups.set(key, [issue]);
  }
  return [...groups.values()];
}

function toIssueLine(equal: EqualIssues): string {
  const rows = toRowSelection(equal.flatMap(({ row }) => row ?? []));
  const place = rows.length === 0 ? "" : `${equal.length === 1 ? "row" : "rows"} ${rows.join(", ")}, `;
  const [{ field, message }] = equal;
  return toOneLine(`${place}${field}: ${message}`);
}

/** What a caller sent can stand in an issue; it must not grow into lines of its own, nor fill the answer. */
function toOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

/** Ends a call of a tool that waits for a person; `result` has the client ask them and repeat the call. No failure. */
export class FormNeeded extends Error {
  readonly result: InputRequiredResult;

  constructor(result: InputRequiredResult) {
    super("The client is to ask a person and to repeat this call with the answer. Let this through.");
    this.name = "FormNeeded";
    this.result = result;
  }
}
