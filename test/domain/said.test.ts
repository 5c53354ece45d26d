import { describe, expect, test } from "vitest";
import { afterSaid, readCallBack, readOptOut, readSaid, saidIn, saysOptedOut } from "../../src/domain/said.ts";

describe("what is read as said", () => {
  test.each([true, 1, "yes", "Yes, asked to be taken off", "TRUE", "y", " true "])("%j is an opt-out", (value) => {
    expect(readSaid({ opt_out: value })).toEqual({ optOut: true });
  });

  test.each([false, 0, "no", "not asked", "unknown", "", null, undefined, "**No**", '"no"'])("%j is none", (value) => {
    expect(readSaid({ opt_out: value, do_not_call: value, wrong_number: value })).toBeUndefined();
  });

  test.each(["yesterday he called", {}, 2, "not the person", "No, it is theirs"])("%j is no wrong number", (value) => {
    expect(readSaid({ wrong_number: value })).toBeUndefined();
  });

  test.each(["**Yes**", '"yes"', "“Yes.”", ["yes"], { value: true, rationale: "said so" }])(
    "%j is a yes, however it is wrapped",
    (value) => {
      expect(readOptOut(value)).toBe("yes");
      expect(readSaid({ opt_out: value })).toEqual({ optOut: true });
    },
  );

  test.each([
    ...["No, please do not call me again", "No further contact", "The customer is not to be contacted"],
    ...["The customer is not interested and asked to be removed", "no; asked not to be called", "no contact please"],
    ...["did not want any more calls", "No, stop calling me", "no further calls", "No, do not call", "No - remove him"],
    ...[
      "has not consented to further calls",
      "He was not pleased; remove him",
      "did not ask to be called",
      "No thanks",
    ],
    ...["was not amused", "0 calls please", "No, they did not ask to be called", "not interested", "Never", "no calls"],
  ])("the words %j begin with a no and are none: nobody is rung again until a person has read them", (value) => {
    expect(readOptOut(value)).not.toBe("no");
    for (const name of ["opt_out", "do_not_call"]) expect(readSaid({ [name]: value })).toMatchObject({ optOut: true });
  });

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
    ...["N/A", "No.", "no - not requested", "No (not asked for)", "The customer did not request removal", "nein", "-"],
    ...["**No**", "They didn’t opt out", "no opt-out requested", "was not discussed", "not applicable", "Nope"],
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
  ])("the words %j can mean either: held as an opt-out, with the words", (value) => {
    expect(readOptOut(value)).toBeUndefined();
    const unclearOptOut = typeof value === "string" ? value : JSON.stringify(value);
    expect(readSaid({ opt_out: value })).toEqual({ optOut: true, unclearOptOut });
  });

  test("a clear yes beside words that can mean either is clear, wherever it was told", () => {
    const answers = [{ name: "opt_out", value: "later" }];
    expect(saidIn({ answers })).toEqual({ optOut: true, unclearOptOut: "later" });
    expect(saidIn({ answers, said: { optOut: true } })).toEqual({ optOut: true });
    expect(saidIn({ answers: [...answers, { name: "dnc", value: "yes" }] })).toEqual({ optOut: true });
    const said = { optOut: true, unclearOptOut: "later" } as const;
    expect(saidIn({ answers: [{ name: "opt_out", value: "yes" }], said })).toEqual({ optOut: true });
    expect(saidIn({ answers: [], said })).toEqual(said);
  });

  test.each(["2026-03-03T15:00:00.0000000-05:00", "2026-03-03 15:00:00.123456789Z"])(
    "the time %j is none of a phone number, and is read",
    (value) => {
      const { callBackAt = "" } = readSaid({ call_back_at: value }) ?? {};
      expect(callBackAt).toBe(value);
      expect(readCallBack(callBackAt, () => [])).toBeDefined();
    },
  );

  test.each([
    ...["opt_out", "optOut", "Opt-Out", "OPT OUT", "do_not_call", "doNotCall", "Do not call", "opt_out?", "optout"],
    ...["opt_out_requested", "opted_out", "has_opted_out", "customer_opted_out", "optOutRequest", "wants_to_opt_out"],
    ...["dnc", "DNC?", "dnc_request", "add_to_dnc", "remove_from_list", "removeFromCallList", "requested_removal"],
    ...["stop_calling", "stop_calls", "unsubscribe", "unsubscribed", "dont_call", "don't call again", "do_not_contact"],
    ...["no_more_calls", "analysis.opt_out", "do_not_call_list", "removal_requested", "wants_removal", "opt_out."],
    ...["asked_to_be_removed_from_list", "call_analysis.custom.opt_out"],
  ])("%s names an opt-out", (name) => {
    expect(readSaid({ [name]: true })).toEqual({ optOut: true });
  });

  test("names that only hold these words mean something else", () => {
    expect(
      readSaid({ opt_out_explained: true, no_wrong_number: "yes", call_back: "2026-03-03T10:00" }),
    ).toBeUndefined();
    const others = ["opt_out_offered", "opt_in", "removal_date", "opt_out_reason", "not_opted_out", "call", "removal"];
    for (const name of others) expect(readSaid({ [name]: "yes" })).toBeUndefined();
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

test.each([undefined, "No more calls, please"])(
  "a reason tells that somebody opted out, whether that was clear or not (%j)",
  (unclearOptOut) => {
    const call = { outcome: "answered", endedAt: new Date("2026-03-02T15:00:00Z"), hasFallback: false } as const;
    const said = { optOut: true as const, ...(unclearOptOut !== undefined && { unclearOptOut }) };
    const decision = afterSaid(said, { ...call, recipientZones: () => [] } as unknown as Parameters<
      typeof afterSaid
    >[1]);
    expect(decision?.kind === "final" && saysOptedOut(decision.reason ?? "")).toBe(true);
    expect(saysOptedOut("answered")).toBe(false);
  },
);
