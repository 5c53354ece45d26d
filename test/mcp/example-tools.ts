import { z } from "zod";
import { Problem } from "../../src/domain/problem.ts";
import { type Log, silentLog } from "../../src/lib/log.ts";
import { hearer } from "../../src/lib/notices.ts";
import type { ServedTools, ToolCaller } from "../../src/mcp/served.ts";
import { defineTool, type ToolContext } from "../../src/tools/tool.ts";
import { TestClock } from "../support/test-clock.ts";

export const addNumbers = defineTool({
  name: "add_numbers",
  title: "Add two numbers",
  description: "Adds two whole numbers.",
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({ a: z.int().describe("First number."), b: z.int().describe("Second number.") }),
  output: z.object({ sum: z.int().describe("Both numbers together.") }),
  run: async ({ a, b }) => ({ sum: a + b }),
  summarize: ({ sum }) => `The sum is ${sum}.`,
});

const tellCaller = defineTool({
  name: "tell_caller",
  title: "Tell who is calling",
  description: "Tells who is calling.",
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({}),
  output: z.object({ principal: z.string().describe("Who calls.") }),
  run: async (_input, { principal }) => ({ principal }),
  summarize: ({ principal }) => principal,
});

export const refuse = defineTool({
  name: "refuse",
  title: "Refuse with some issues",
  description: "Answers no, with as many issues as asked for.",
  toolset: "account",
  effect: "writes",
  idempotent: false,
  input: z.strictObject({ issues: z.int().describe("How many.") }),
  output: z.object({}),
  run: async ({ issues }) => {
    const rows = Array.from({ length: issues }, (_, index) => ({
      row: index + 1,
      field: "to_number",
      code: "short",
      message: "too short.",
    }));
    throw new Problem("invalid_input", "Nothing was created.", { issues: rows });
  },
  summarize: () => "",
});

export const breakDown = defineTool({
  name: "break_down",
  title: "Break down inside",
  description: "Throws what a defect throws.",
  toolset: "account",
  effect: "dials",
  idempotent: false,
  input: z.strictObject({}),
  output: z.object({}),
  run: async () => {
    throw new TypeError("cannot read the secret s3cr3t");
  },
  summarize: () => "",
});

const breakPromise = defineTool({
  name: "break_promise",
  title: "Break the output schema",
  description: "Answers something else than its schema says.",
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({}),
  output: z.object({ count: z.number().max(1).describe("At most 1.") }),
  run: async () => ({ count: 2 }),
  summarize: ({ count }) => String(count),
});

/** A tool that tells how far it is, three times. */
export const countUp = defineTool({
  name: "count_up",
  title: "Count up to three",
  description: "Counts to three and says each number.",
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({}),
  output: z.object({ isHeard: z.boolean() }),
  run: async (_input, { progress }) => {
    for (const done of [1, 2, 3]) progress?.(done, `${done} of 3`);
    return { isHeard: progress !== undefined };
  },
  summarize: () => "Counted.",
});

/** A tool that waits before its first step, between the steps and before another part of its work, and once more when its call is over. */
export function createWaitingTool() {
  let tellLate = (): void => {};
  const tool = defineTool({
    ...countUp,
    name: "wait_between",
    run: async (_input: object, { progress }: ToolContext) => {
      const tellWait = hearer()?.tellWait;
      tellWait?.("waits");
      for (const done of [0, 1]) progress?.(done, `${done} of 2`, 2);
      tellWait?.("waits");
      tellWait?.("waits on");
      progress?.(2, "2 of 2", 2);
      tellWait?.("waits");
      progress?.(1, "another part");
      tellLate = () => {
        tellWait?.("too late");
        progress?.(2, "too late");
      };
      return { isHeard: tellWait !== undefined };
    },
  });
  return { tool, tellLate: () => tellLate() };
}

/** A tool that answers only once its caller has given up, and tells the test when each of the two happens. */
export function createPatientTool() {
  const started = createMark();
  const aborted = createMark();
  const tool = defineTool({
    name: "wait_for_abort",
    title: "Wait until the caller gives up",
    description: "Waits.",
    toolset: "account",
    effect: "reads",
    idempotent: true,
    input: z.strictObject({}),
    output: z.object({}),
    run: async (_input, { signal }) => {
      started.set();
      signal.addEventListener("abort", aborted.set);
      await aborted.isSet;
      return {};
    },
    summarize: () => "",
  });
  return { tool, started: started.isSet, aborted: aborted.isSet };
}

const exampleTools = [addNumbers, tellCaller, refuse, breakDown, breakPromise];

/** The example tools, ready to be served. */
export function serveExamples(overrides: Partial<ServedTools> = {}): ServedTools {
  return {
    tools: exampleTools,
    resources: [],
    prompts: [],
    makeContext,
    version: "1.2.3",
    log: silentLog,
    ...overrides,
  };
}

/** A log whose lines a test can read. */
export function createRecordingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const record = (fields: object, message: string): void => {
    lines.push(
      message + JSON.stringify(fields, (_key, value) => (value instanceof Error ? String(value.stack) : value)),
    );
  };
  return { log: { debug: record, info: record, warn: record, error: record }, lines };
}

function createMark() {
  let set = (): void => {};
  const isSet = new Promise<void>((resolve) => {
    set = resolve;
  });
  return { set, isSet };
}

function makeContext(caller: ToolCaller): ToolContext {
  return {
    // Asked by whatever changes something, before it does.
    api: absent<ToolContext["api"]>("api", { environment: async () => "simulated" }),
    campaigns: absent("campaigns"),
    lists: absent("lists"),
    uploads: absent("uploads"),
    downloads: absent("downloads"),
    clock: new TestClock("2026-02-20T12:00:00Z"),
    rehearse: absent("rehearse"),
    timezone: "UTC",
    ...caller,
  };
}

/** Safe: what is given it uses none of it, and a use would throw by name. */
export function absent<T extends object>(name: string, there: Partial<T> = {}): T {
  const complain = (): never => {
    throw new Error(`there is no ${name} here`);
  };
  return new Proxy(there, { get: (known, key) => Reflect.get(known, key) ?? complain() }) as T;
}
