import { readFileSync } from "node:fs";

/** One example of the API's create page: `000` is the older copy, `004` the newer. */
export function createPage(copy: "000" | "004", part: "request" | "response"): Record<string, unknown> {
  const file = new URL(`../fixtures/create-batch-call-${copy}-${part}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** The smallest body that the create route takes, with the fields that a test is about. */
export function createBody(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    from_number: "+14155550100",
    name: "June reminders",
    agent_id: "agent_1",
    tasks: [{ to_number: "+14155550101" }],
    send_now: false,
    trigger_timestamp: Date.parse("2026-06-01T09:00:00Z"),
    ...fields,
  };
}

/** A moment before every trigger in the tests. */
export const early = new Date("2024-01-01T00:00:00Z");

/** The value of a result that has to be one. */
export function accepted<T>(parsed: { ok: true; value: T } | { ok: false; issues: readonly unknown[] }): T {
  if (!parsed.ok) throw new Error(`was refused: ${JSON.stringify(parsed.issues)}`);
  return parsed.value;
}

/** The issues as `field code`, with `row n` in front where a row is named. */
export function problemsOf(parsed: {
  ok: boolean;
  issues?: readonly { row?: number; field: string; code: string }[];
}): string[] {
  return (parsed.issues ?? []).map(
    ({ row, field, code }) => `${row === undefined ? "" : `row ${row} `}${field} ${code}`,
  );
}
