import type { Driver, MadeCall } from "./driver.ts";

/** Makes the calls that a request carries, and tells the person what they answered, word by word. */
export const scriptedDriver: Driver = async ({ turns }, world) => {
  const calls: MadeCall[] = [];
  for (const [n, { script }] of turns.entries()) {
    for (const { tool, args: given = {} } of script) {
      const args = withIds(given, calls);
      calls.push({ tool, args, turn: n + 1, answer: await world.call(tool, args) });
    }
  }
  return { calls, reply: calls.map(({ answer }) => answer.text).join("\n") };
};

/** Puts ids that earlier answers gave where the script names them; throws where none gave it. */
function withIds(args: Readonly<Record<string, unknown>>, calls: readonly MadeCall[]): Record<string, unknown> {
  const fill = (value: unknown): unknown => {
    if (typeof value === "string") return value.startsWith("@") ? findId(value.slice(1), calls) : value;
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fill(part)]));
  };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, fill(value)]));
}

/** The id in the newest answer that has one; of what has the name, where one is given. The text counts too, since some clients show no more. */
function findId(wanted: string, calls: readonly MadeCall[]): string {
  const [kind = "", name] = wanted.split(":");
  const field = kind === "path" ? "path" : `${kind}_id`;
  for (const { answer } of calls.toReversed()) {
    const found =
      findIn(answer.structured, field, name) ?? (name === undefined ? inText(answer.text, kind) : undefined);
    if (found !== undefined) return found;
  }
  throw new Error(`No answer gave @${wanted}: ${calls.at(-1)?.answer.text ?? "there was none"}`);
}

function findIn(value: unknown, field: string, name: string | undefined): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const own = Object.entries(value).find(([key]) => key === field)?.[1];
  const isNamed =
    name === undefined || Object.values(value).some((part) => typeof part === "string" && part.includes(name));
  if (typeof own === "string" && isNamed) return own;
  for (const part of Object.values(value)) {
    const found = findIn(part, field, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inText(text: string, kind: string): string | undefined {
  return new RegExp(`\\b${kind === "batch" ? "batch_call" : kind}_[0-9a-f-]{8,}`).exec(text)?.[0];
}
