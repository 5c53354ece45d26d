import { EventEmitter, once } from "node:events";
import { z } from "zod";
import { defineTool, type FormAnswer, type StartSummary } from "../../src/tools/tool.ts";

export const summary: StartSummary = {
  batchId: "batch_1",
  name: "June reminders",
  agentId: "agent_7",
  agentName: "Reminder",
  fromNumber: "+14155550100",
  recipients: 42,
  start: { kind: "now" },
  lastAt: new Date("2026-03-04T02:00:00Z"),
  timezone: "America/New_York",
  countries: [
    { country: "US", recipients: 40 },
    { country: "CA", recipients: 2 },
  ],
  localWindow: { first: "08:00", last: "21:00" },
  samples: ["+1 *** *** 0123"],
  notes: ["Up to 3 attempts for each person."],
  fingerprint: "f1",
};

/** A tool that asks a person about a launch and tells what came of it, as the tools that launch do. */
export function createAskingTool(change: (run: number) => Partial<StartSummary> = () => ({})) {
  /** What the tool was told, oldest first, whether or not anybody still waited for it. */
  const answers: FormAnswer[] = [];
  /** What it knew its client as. */
  const clients: (string | undefined)[] = [];
  const events = new EventEmitter();
  let runs = 0;
  const tool = defineTool({
    name: "ask",
    title: "Ask a person",
    description: "Asks a person.",
    toolset: "account",
    effect: "dials",
    idempotent: false,
    input: z.strictObject({
      batch: z.string().optional().describe("Any text."),
      until: z.int().optional().describe("Asks again until this number is typed."),
    }),
    output: z.object({
      answer: z.object({ kind: z.string(), typedRecipients: z.number().optional() }).describe("The last answer."),
    }),
    run: async ({ until }, { askPerson, client }) => {
      runs += 1;
      clients.push(client);
      for (;;) {
        const answer = await askPerson({ ...summary, ...change(runs) });
        answers.push(answer);
        events.emit("answered");
        if (until === undefined || answer.kind !== "accepted" || answer.typedRecipients === until) return { answer };
      }
    },
    summarize: (output) => JSON.stringify(output.answer),
  });
  return { tool, answers, answered: once(events, "answered"), clients, runs: () => runs };
}
