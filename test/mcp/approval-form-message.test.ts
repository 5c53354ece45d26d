import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toFormMessage } from "../../src/mcp/approval-form.ts";
import { summary } from "./asking-tool.ts";

describe("what a person reads before they agree", () => {
  it("holds everything that they need to judge the launch, a line for each", () => {
    expect(toFormMessage(summary).split("\n")).toEqual([
      "Call 42 people? These are real phone calls. Nothing rings unless you agree.",
      'Batch: "June reminders" (batch_1)',
      'Who calls: "Reminder" (agent_7)',
      "From: +14155550100",
      "How many: 42 people",
      "Starts: now, as soon as you agree",
      "Countries: United States: 40; Canada: 2",
      "Phones ring: 08:00 to 21:00, on the recipients' own clocks",
      "For example: +1 *** *** 0123",
      "Also: Up to 3 attempts for each person.",
    ]);
  });

  it("leaves out what is not known", () => {
    const { agentName: _, localWindow: __, ...rest } = summary;
    expect(toFormMessage({ ...rest, recipients: 1, countries: [], samples: [], notes: [] }).split("\n")).toEqual([
      "Call 1 person? These are real phone calls. Nothing rings unless you agree.",
      'Batch: "June reminders" (batch_1)',
      "Who calls: agent_7",
      "From: +14155550100",
      "How many: 1 person",
      "Starts: now, as soon as you agree",
    ]);
  });

  it("shows a time on the batch's clock and in UTC", () => {
    const start = { kind: "at", at: new Date("2026-02-21T01:30:00Z") } as const;
    expect(toFormMessage({ ...summary, start })).toContain(
      "Starts: Friday 20 February 2026, 20:30 in America/New_York (Saturday 21 February 2026, 01:30 UTC)\n",
    );
    expect(toFormMessage({ ...summary, start, timezone: "Mars/Base" })).toContain(
      "Starts: Saturday 21 February 2026, 01:30 UTC\n",
    );
  });

  it("sums up the countries after the sixth", () => {
    const countries = ["US", "CA", "GB", "DE", "FR", "ES", "IT", "PT"].map((country) => ({ country, recipients: 3 }));
    expect(toFormMessage({ ...summary, countries })).toContain(
      "Countries: United States: 3; Canada: 3; United Kingdom: 3; Germany: 3; France: 3; Spain: 3; elsewhere: 6\n",
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
    expect(toFormMessage({ ...summary, name }).split("\n")[1]).toBe(line);
  });

  it("is cut where it is long, so that the rest of the form stays in sight", () => {
    const long = "x".repeat(10_000);
    const text = toFormMessage({
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
        expect(toFormMessage(hostile).split(/[\n\r\u2028\u2029]/)).toHaveLength(10);
        expect(toFormMessage(hostile)).not.toContain("//");
      }),
    );
  });
});
