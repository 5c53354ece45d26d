import { isObject } from "../../../src/contract/envelope.ts";
import { parseJsonObject } from "../../../src/domain/json-text.ts";
import { toJsonSchema } from "../../../src/mcp/json-schema.ts";
import { tools } from "../../../src/tools/index.ts";
import { type Judge, judgeBy } from "./schema-judge.ts";
import type { Reply } from "./stdio-peer.ts";
import type { ToolInput } from "./tool-arguments.ts";

const outputs = new Map(
  tools.map(({ name, output }): [string, Judge] => [name, judgeBy(toJsonSchema(output, "output"))]),
);

/** A refusal names its code first; of these none is the caller's to mend, and nothing in the world of a fuzzer explains one. */
const codes = /^(invalid_input|not_found|wrong_state|needs_approval|refused_by_limit|unsupported|rate_limited): ./;
const invalidParams = -32602;

/** What a refusal says that its reader can do. */
const nextStep =
  /\b(give|write|send|call|use|take|takes|choose|leave|look|check|ask|set|name|say|pass|pick|put|read|fill|create|preview|start|pause|resume|cancel|add|remove|try|wait|see|make|shorten|repeat|must|may|can|cannot|needs|at most|above|have to|its columns|its last row|close it|save|unpack|open|at least|one of|known|probably|accepts|goes|only|expected|instead|did you mean|(get|list|start|update)_\w+)\b/i;

const leak = /\n\s+at \S+ \(|node_modules|\/src\/\w+\/|SQLITE_|SqliteError|\bTypeError\b|\bRangeError\b|\bZodError\b/;
const careless = /\bundefined\b|\[object |\bNaN\b/;
const longestAnswer = 1_000_000;

/** What an answer must not be, whatever was sent; `secrets` are texts that no answer may have. */
export function* judgeToolAnswer(
  { tool, args }: ToolInput,
  sent: string,
  reply: Reply,
  secrets: readonly string[],
): Generator<string> {
  const text = JSON.stringify(reply);
  for (const secret of secrets) if (text.includes(secret)) yield `The answer has ${secret}`;
  if (text.length > longestAnswer + sent.length) yield `The answer has ${text.length} characters`;
  const { result, error } = reply;
  if (isObject(error)) {
    const isObjectText = typeof args === "string" && parseJsonObject(args) !== undefined;
    if (error["code"] !== invalidParams || isObject(args) || isObjectText)
      yield `Protocol error: ${JSON.stringify(error)}`;
    return;
  }
  if (!isObject(result)) return yield `No result: ${text.slice(0, 300)}`;
  const told = textOf(result);
  if (leak.test(told)) yield `The text shows our inside: ${told}`;
  if (careless.test(told) && !careless.test(sent)) yield `The text was joined carelessly: ${told}`;
  if (result["isError"] === true) yield* judgeRefusal(told);
  else yield* judgeSuccess(tool.name, told, result["structuredContent"]);
}

function* judgeRefusal(text: string): Generator<string> {
  if (!codes.test(text)) yield `No refusal that a caller can act upon: ${text}`;
  else if (!nextStep.test(text.replace(codes, ""))) yield `The refusal has no next step: ${text}`;
}

function* judgeSuccess(name: string, text: string, structured: unknown): Generator<string> {
  const misfit = outputs.get(name)?.(structured);
  if (misfit !== undefined) yield `${name} promised another structure: ${misfit}`;
  if (text.trim() === "") yield `${name} has no text`;
  const batch = isObject(structured) && isObject(structured["batch"]) ? structured["batch"] : {};
  const { status, is_paused: isPaused } = batch;
  if (typeof status === "string" && !text.includes(status))
    yield `The text does not say that the batch is ${status}: ${text}`;
  if (isPaused === true && !/paused|held/i.test(text)) yield `The text does not say that the batch is paused: ${text}`;
}

function textOf(result: Reply): string {
  const content = Array.isArray(result["content"]) ? result["content"] : [];
  return content
    .flatMap((part) => (isObject(part) && typeof part["text"] === "string" ? [part["text"]] : []))
    .join("\n");
}
