import type { MadeCall, Transcript } from "./driver.ts";
import type { Facts } from "./eval-world.ts";
import { matches, type Pattern } from "./matches.ts";
import type { CallPattern, EvalRequest } from "./request.ts";

/** What is true before the person writes and some time after everything was done. */
export type Course = { readonly before: Facts; readonly after: Facts; readonly transcript: Transcript };

/** What is wrong with what was done, a line each; empty where nothing is. */
export function judge({ expected }: EvalRequest, { before, after, transcript }: Course): readonly string[] {
  const { calls, reply, brokenOff } = transcript;
  const names = [...new Set([...before.batches.map(({ name }) => name), ...Object.keys(expected.batches ?? {})])];
  return [
    ...(brokenOff === undefined ? [] : [`broken off: ${brokenOff}`]),
    ...(expected.ways.some((way) => wasMade(way, calls))
      ? []
      : [`not made: ${expected.ways.map(toText).join(" or ")}`]),
    ...(expected.forbidden ?? []).flatMap((pattern) =>
      calls.some((call) => isForbidden(pattern, call)) ? [`made although forbidden: ${toText([pattern])}`] : [],
    ),
    ...differ("rings", sorted(expected.rings ?? []), sorted(after.rings)),
    ...differ("do-not-call list", sorted(expected.doNotCall ?? before.doNotCall), sorted(after.doNotCall)),
    ...differ("new files", sorted(expected.newFiles ?? []), sorted(newEndings(before, after))),
    ...names.flatMap((name) => judgeBatch(name, { before, after }, expected.batches?.[name])),
    ...judgeNew(after.batches.filter(({ name }) => !names.includes(name)).toReversed(), expected.newBatches ?? []),
    ...(expected.tells ?? []).flatMap((fact) => (fact.test(reply) ? [] : [`the reply has no ${String(fact)}`])),
  ];
}

/** Whether the calls of a way succeeded, in that order. */
function wasMade(way: readonly CallPattern[], calls: readonly MadeCall[]): boolean {
  let next = 0;
  for (const call of calls) {
    const pattern = way[next];
    if (pattern && isDone(call) && isCall(pattern, call)) next += 1;
  }
  return next === way.length;
}

/** A start that waits for a person is answered, and not made. */
function isDone({ answer }: MadeCall): boolean {
  return !answer.isError && !answer.text.startsWith("needs_approval:");
}

function isCall({ tool, args = {} }: CallPattern, call: MadeCall): boolean {
  return call.tool === tool && matches(args, call.args);
}

function isForbidden(pattern: CallPattern, call: MadeCall): boolean {
  return isCall(pattern, call) && (pattern.beforeTurn === undefined || call.turn < pattern.beforeTurn);
}

function judgeBatch(
  name: string,
  { before, after }: Pick<Course, "before" | "after">,
  pattern: Pattern,
): readonly string[] {
  const [was, is] = [before, after].map(({ batches }) => batches.filter((batch) => batch.name === name));
  if (pattern === undefined) return differ(`batch "${name}"`, was?.map(identity) ?? [], is?.map(identity) ?? []);
  if (is?.length !== 1) return [`${is?.length ?? 0} batches "${name}" instead of one`];
  return matches(pattern, is[0]) ? [] : [`batch "${name}" is ${JSON.stringify(is[0])}`];
}

/** Batches under other names, oldest first. */
function judgeNew(found: Facts["batches"], patterns: readonly Pattern[]): readonly string[] {
  return matches(patterns, found) ? [] : [`${patterns.length} new batches were wanted: ${JSON.stringify(found)}`];
}

/** What nobody may change of a batch that the request is not about. */
function identity({ batch_id, status, is_paused, agent_id, from_number, rules }: Record<string, unknown>): string {
  return JSON.stringify({ batch_id, status, is_paused, agent_id, from_number, rules });
}

function newEndings(before: Facts, after: Facts): readonly string[] {
  return after.files.filter((file) => !before.files.includes(file)).map((file) => file.slice(file.lastIndexOf(".")));
}

function differ(what: string, wanted: readonly string[], found: readonly string[]): readonly string[] {
  const [a, b] = [wanted.join(", "), found.join(", ")];
  return a === b ? [] : [`${what}: ${b || "none"} instead of ${a || "none"}`];
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted();
}

function toText(way: readonly CallPattern[]): string {
  const one = ({ tool, args }: CallPattern): string =>
    args === undefined
      ? tool
      : `${tool} ${JSON.stringify(args, (_, value) => (value instanceof RegExp ? String(value) : value))}`;
  return way.map(one).join(", then ") || "anything";
}
