import { describe, expect, test } from "vitest";
import { readCallBack, readOptOut, readSaid } from "../../src/domain/said.ts";

describe("what is read as said", () => {
  test.each([true, 1, "yes", "Yes, asked to be taken off", "TRUE", "y", " true "])("%j is an opt-out", (value) => {
    expect(readSaid({ opt_out: value })).toEqual({ optOut: true });
  });

  test.each([false, 0, "no", "not asked", "yesterday he called", "unknown", "", null, undefined, {}, ["yes"], 2])(
    "%j is none",
    (value) => {
      expect(readSaid({ opt_out: value, do_not_call: value, wrong_number: value })).toBeUndefined();
    },
  );

  test.each([
    ...[
      "requested",
      "Requested.",
      "opt_out",
      "opted out",
      "Opt-out requested",
      "do not call",
      "Do_not_call",
      "don't call me again",
    ],
    ...[
      "dnc",
      "stop",
      "Stop calling me",
      "unsubscribe",
      "removed",
      "remove me from your list",
      "no more calls",
      "not to be called again",
    ],
    ...["asked not to be called", "They asked not to be called any more.", "wants to opt out", "requested removal"],
  ])("the words %j are an opt-out, whichever way they are told", (value) => {
    expect(readOptOut(value)).toBe("yes");
    expect(readSaid({ opt_out: value })).toEqual({ optOut: true });
    expect(readSaid({ wrong_number: value })).toBeUndefined();
  });

  test.each([
    ...[
      "no",
      "No, they did not ask",
      "not requested",
      "not asked",
      "none",
      "n/a",
      "unknown",
      "false",
      "",
      "0",
      null,
      undefined,
      false,
      0,
    ],
    ...["did not opt out", "They didn't ask to be removed", "has not opted out", "not mentioned", "No opt-out"],
  ])("the words %j are no opt-out", (value) => {
    expect(readOptOut(value)).toBe("no");
    expect(readSaid({ opt_out: value })).toBeUndefined();
  });

  test.each([
    "maybe",
    "not sure",
    "requested a callback",
    "asked about opting out",
    "later",
    "number 3",
    "yesterday he called",
    {},
    2,
  ])("the words %j can mean either, and nothing is done about them by itself", (value) => {
    expect(readOptOut(value)).toBeUndefined();
    expect(readSaid({ opt_out: value })).toBeUndefined();
  });

  test.each(["2026-03-03T15:00:00.0000000-05:00", "2026-03-03 15:00:00.123456789Z"])(
    "the time %j is none of a phone number, and is read",
    (value) => {
      const { callBackAt = "" } = readSaid({ call_back_at: value }) ?? {};
      expect(callBackAt).toBe(value);
      expect(readCallBack(callBackAt, () => [])).toBeDefined();
    },
  );

  test.each(["opt_out", "optOut", "Opt-Out", "OPT OUT", "do_not_call", "doNotCall", "Do not call"])(
    "%s names an opt-out",
    (name) => {
      expect(readSaid({ [name]: true })).toEqual({ optOut: true });
    },
  );

  test("names that only hold these words mean something else", () => {
    expect(
      readSaid({ opt_out_explained: true, no_wrong_number: "yes", call_back: "2026-03-03T10:00" }),
    ).toBeUndefined();
  });

  test("one of two answers is enough", () => {
    expect(readSaid({ opt_out: false, do_not_call: "yes" })).toEqual({ optOut: true });
  });

  test.each(["", "none", "no", "null", "n/a", "unknown", 5, null])("%j asks for no call back", (value) => {
    expect(readSaid({ call_back_at: value })).toBeUndefined();
  });

  test("a time is one line without a phone number", () => {
    const { callBackAt = "" } = readSaid({ call_back_at: "on +12015550123,\n\u0000after six" }) ?? {};
    for (const part of ["\n", "\u0000", "5550"]) expect(callBackAt).not.toContain(part);
    expect(callBackAt).toContain("after six");
  });

  test("a time is kept as it was told", () => {
    expect(readSaid({ callBackAt: " Tuesday at three " })).toEqual({ callBackAt: "Tuesday at three" });
  });
});

describe("a call-back time", () => {
  const chicago = () => ["America/Chicago"];
  const read = (text: string, zones: () => readonly string[] = chicago) => readCallBack(text, zones)?.toISOString();

  test.each([
    ["2026-03-03T15:00:00-05:00", "2026-03-03T20:00:00.000Z"],
    ["2026-03-03T15:00Z", "2026-03-03T15:00:00.000Z"],
    ["2026-03-03 15:00:30.5+0530", "2026-03-03T09:31:00.000Z"],
    ["2026-03-03T15:00:00.5-05:00", "2026-03-03T20:01:00.000Z"],
    ["2026-03-03T15:59:59", "2026-03-03T22:00:00.000Z"],
    ["2026-03-03T15:00", "2026-03-03T21:00:00.000Z"],
    // Clocks skip this time, and show that one twice.
    ["2026-03-08T02:30", "2026-03-08T08:00:00.000Z"],
    ["2026-11-01T01:30", "2026-11-01T07:30:00.000Z"],
  ])("%s is %s", (text, instant) => {
    expect(read(text)).toBe(instant);
  });

  test("a local time of somebody in one of several zones is the last of theirs", () => {
    expect(read("2026-03-03T15:00", () => ["America/New_York", "America/Los_Angeles"])).toBe(
      "2026-03-03T23:00:00.000Z",
    );
  });

  test("a local time of which nobody knows the zone is none", () => {
    expect(read("2026-03-03T15:00", () => [])).toBeUndefined();
    expect(read("2026-03-03T15:00Z", () => [])).toBe("2026-03-03T15:00:00.000Z");
  });

  test.each(["2026-02-30T10:00", "2026-03-03", "15:00", "2026-03-03T25:00", "3/3/2026 3 pm", "2026-03-03T15:00 EST"])(
    "%s is none",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});
