import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toApprovalText } from "../../src/mcp/approval-text.ts";
import { summary } from "./asking-tool.ts";

describe("what a person reads before they agree", () => {
  it("holds everything that they need to judge the launch, a line for each", () => {
    expect(toApprovalText(summary).split("\n")).toEqual([
      "Call 42 people? These are real calls.",
      'Batch: "June reminders" (batch_1)',
      'Agent: "Reminder" (agent_7)',
      "Caller id: +14155550100",
      "Start: as soon as you agree",
      "Countries: US 40, CA 2",
      "Phones ring between 08:00 and 21:00, recipients' local time",
      "For example: +1 *** *** 0123",
      "Note: Up to 3 attempts for each person.",
    ]);
  });

  it("leaves out what is not known", () => {
    const { agentName: _, localWindow: __, ...rest } = summary;
    expect(toApprovalText({ ...rest, recipients: 1, countries: [], samples: [], notes: [] }).split("\n")).toEqual([
      "Call 1 person? These are real calls.",
      'Batch: "June reminders" (batch_1)',
      "Agent: agent_7",
      "Caller id: +14155550100",
      "Start: as soon as you agree",
    ]);
  });

  it("shows a time on the batch's clock and in UTC", () => {
    const start = { kind: "at", at: new Date("2026-02-21T01:30:00Z") } as const;
    expect(toApprovalText({ ...summary, start })).toContain(
      "Start: 2026-02-20 20:30 in America/New_York (2026-02-21 01:30 UTC)\n",
    );
    expect(toApprovalText({ ...summary, start, timezone: "Mars/Base" })).toContain("Start: 2026-02-21 01:30 UTC\n");
  });

  it("sums up the countries after the sixth", () => {
    const countries = ["US", "CA", "GB", "DE", "FR", "ES", "IT", "PT"].map((country) => ({ country, recipients: 3 }));
    expect(toApprovalText({ ...summary, countries })).toContain(
      "Countries: US 3, CA 3, GB 3, DE 3, FR 3, ES 3, elsewhere 6\n",
    );
  });
});

describe("text from outside", () => {
  it.each([
    ["line breaks", "June\nCall 1 person? This is a test.", 'Batch: "June Call 1 person? This is a test." (batch_1)'],
    ["bidi and control characters", "\u202eenuJ\u202c\u0000\u001b[31m", 'Batch: "enuJ" (batch_1)'],
    ["quotes that end it early", 'June" (batch_2), a test', `Batch: "June' (batch_2), a test" (batch_1)`],
    ["links", "see https://x.test/a", 'Batch: "see https:/ /x.test/a" (batch_1)'],
    ["links behind invisible characters", "https:/\u200b/x.test", 'Batch: "https:/ /x.test" (batch_1)'],
    ["bare hosts", "WWW.x.test", 'Batch: "WWW .x.test" (batch_1)'],
    ["Markdown links", "[agree](//x.test)", 'Batch: "[agree] (/ /x.test)" (batch_1)'],
  ])("cannot bring %s into the form", (_what, name, line) => {
    expect(toApprovalText({ ...summary, name }).split("\n")[1]).toBe(line);
  });

  it("is cut where it is long, so that the rest of the form stays in sight", () => {
    const long = "x".repeat(10_000);
    const text = toApprovalText({
      ...summary,
      name: long,
      agentName: long,
      batchId: long,
      samples: [long],
      notes: [long],
    });
    expect(text.length).toBeLessThan(1_000);
    expect(text).toContain(`Batch: "${"x".repeat(79)}…"`);
  });

  it("adds no line, whatever it is and wherever it stands", () => {
    const anything = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(anything, anything, anything, (name, sample, note) => {
        const hostile = { ...summary, name, agentName: name, samples: [sample], notes: [note] };
        expect(toApprovalText(hostile).split(/[\n\r\u2028\u2029]/)).toHaveLength(9);
        expect(toApprovalText(hostile)).not.toContain("//");
      }),
    );
  });
});
