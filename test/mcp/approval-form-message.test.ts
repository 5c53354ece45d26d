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
      "Phones ring: 08:00 to 21:00, on the recipients' own clocks",
      "Countries: United States: 40; Canada: 2",
      "For example: +1 *** *** 0123",
      "Also: Up to 3 attempts for each person.",
    ]);
  });

  it("holds the rules, the bounds, what is expected and what it costs, blanks and examples, and stays short", () => {
    const zones = [{ zones: ["America/New_York"], recipients: 42 }];
    const at = (time: string) => ({ date: "2026-03-03", time, zone: "America/New_York" });
    const told = toFormMessage({
      ...summary,
      outlook: {
        zones,
        rules: ["Each is called up to 3 times: after no answer 60 minutes later, after busy at 13:00."],
        rings: {
          first: at("09:00"),
          last: at("20:59"),
          from: "2026-03-03T14:00:00.000Z",
          until: "2026-03-04T02:00:00.000Z",
        },
        calls: 74,
        minutes: 6,
        unreached: 1,
        ends: at("12:34"),
        assumes: "10 calls at once",
        cost: { most: 12.6, likely: 7.4, currency: "USD" },
      },
      leftOut: [
        { code: "too_short", rows: 1200 },
        { code: "do_not_call", rows: 3 },
      ],
      blanks: ["a is blank in 1 row (2)", "b is blank in 1 row (2)", "c is blank in 1 row (2)", "d is blank"],
      examples: [
        { row: 2, toNumber: "+1 *** *** 0123", variables: { first_name: "Ana" }, why: "short" },
        { row: 3, toNumber: "+1 *** *** 0124", variables: { first_name: "" }, why: "gap" },
        { row: 4, toNumber: "+1 *** *** 0125", variables: { first_name: "x".repeat(300) }, why: "long" },
      ],
      opening: "Hello {{first_name}}!",
    });
    expect(told.split("\n").slice(5)).toEqual([
      "Not called: 1,200 with a number that is too short; 3 on the do-not-call list",
      "Starts: now, as soon as you agree",
      "Phones ring: 08:00 to 21:00, on the recipients' own clocks",
      "Countries: United States: 40; Canada: 2",
      "Time zones: America/New_York: 42",
      "Rules: Each is called up to 3 times: after no answer 60 minutes later, after busy at 13:00.",
      "First and last ring: not before Tuesday 3 March 2026, 09:00 in America/New_York; at the latest Tuesday 3 March 2026, 20:59 in America/New_York, by the rules",
      "Expected: about 74 calls in 6 minutes of calling, the last around Tuesday 3 March 2026, 12:34 in America/New_York; about 1 person will probably answer none of them; these are estimates: 10 calls at once",
      "Cost: at most USD 12.60; about USD 7.40 expected",
      "Blank: a is blank in 1 row (2); b is blank in 1 row (2); c is blank in 1 row (2); and 1 more",
      'For example: row 2, +1 *** *** 0123 (shortest values): "Hello Ana!"; row 3, +1 *** *** 0124 (with a blank): "Hello [first_name: blank]!"; ' +
        `row 4, +1 *** *** 0125 (longest values): "Hello ${"x".repeat(111)}…`,
      "Also: Up to 3 attempts for each person.",
    ]);
    expect(told.length).toBeLessThan(1_600);
  });

  it("does not tell a window of the whole day beside hours that hold", () => {
    const hours = { start: "09:00", end: "21:00", zone: "recipient" };
    const localWindow = { first: "00:00", last: "24:00" };
    expect(toFormMessage({ ...summary, hours, localWindow })).toContain(
      "Phones ring: 09:00 to 21:00 on everybody's own clock\n",
    );
  });

  it("says so where the agent's opening is not known", () => {
    const examples = [
      { row: 2, toNumber: "+1 *** *** 0123", variables: { first_name: "Ana", city: "" }, why: "gap" },
    ] as const;
    expect(toFormMessage({ ...summary, examples })).toContain(
      "For example: row 2, +1 *** *** 0123 (with a blank): first_name: Ana, city: blank; The agent's opening is not known: the API does not tell it.\n",
    );
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
