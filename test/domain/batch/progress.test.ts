import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, type BatchStatus, batchStatuses, type Counts } from "../../../src/domain/batch/batch.ts";
import { addsUp, allowedActions, etaAt, isFinal, percentDone } from "../../../src/domain/batch/progress.ts";

function counts(parts: Partial<Omit<Counts, "total">>): Counts {
  const all = { pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0, ...parts };
  return { ...all, total: all.pending + all.calling + all.completed + all.failed + all.unknown + all.cancelled };
}

function batch(status: BatchStatus, rest: Partial<Batch> = {}): Batch {
  return {
    batchId: "batch_1",
    name: "June reminders",
    status,
    total: rest.counts?.total ?? 0,
    isPaused: false,
    ...rest,
  };
}

const anyCounts = fc
  .record({
    pending: fc.nat(1000),
    calling: fc.nat(10),
    completed: fc.nat(1000),
    failed: fc.nat(1000),
    unknown: fc.nat(10),
    cancelled: fc.nat(1000),
  })
  .map(counts);

describe("addsUp", () => {
  it("holds when the six parts make the total, and for no other total", () => {
    fc.assert(
      fc.property(anyCounts, fc.integer({ min: 1, max: 9 }), (right, slip) => {
        expect(addsUp(right)).toBe(true);
        expect(addsUp({ ...right, total: right.total + slip })).toBe(false);
        expect(addsUp({ ...right, unknown: right.unknown + slip })).toBe(false);
      }),
    );
  });
});

describe("percentDone", () => {
  it.each<[string, Batch, number | undefined]>([
    ["nobody called yet", batch("sent", { counts: counts({ pending: 3 }) }), 0],
    ["one of three", batch("sent", { counts: counts({ pending: 2, completed: 1 }) }), 33],
    ["999 of 1000", batch("sent", { counts: counts({ calling: 1, failed: 999 }) }), 99],
    [
      "all, however they ended",
      batch("sent", { counts: counts({ completed: 1, failed: 1, unknown: 1, cancelled: 1 }) }),
      100,
    ],
    ["a draft", batch("draft"), 0],
    ["a scheduled batch", batch("scheduled"), 0],
    ["an ended batch without counts", batch("completed"), 100],
    ["a running batch without counts", batch("sent"), undefined],
    ["an ended batch of nobody", batch("cancelled", { counts: counts({}) }), 100],
    ["a draft of which somebody was dropped", batch("draft", { counts: counts({ pending: 1, cancelled: 1 }) }), 0],
    ["a scheduled batch of which all were dropped", batch("scheduled", { counts: counts({ cancelled: 2 }) }), 0],
    [
      "a batch put back to draft after calls",
      batch("draft", { counts: counts({ pending: 1, completed: 1, cancelled: 2 }) }),
      25,
    ],
    ["a draft of nobody", batch("draft", { counts: counts({}) }), 0],
  ])("%s", (_, of, expected) => expect(percentDone(of)).toBe(expected));

  it("is a whole number from 0 to 100, and 100 only when nobody is left", () => {
    fc.assert(
      fc.property(anyCounts, (parts) => {
        fc.pre(parts.total > 0);
        const percent = percentDone(batch("sent", { counts: parts })) ?? -1;
        expect(Number.isInteger(percent) && percent >= 0 && percent <= 100).toBe(true);
        expect(percent === 100).toBe(parts.pending + parts.calling === 0);
      }),
    );
  });
});

describe("isFinal", () => {
  it("holds for ended batches and no others", () => {
    expect(batchStatuses.filter((status) => isFinal(batch(status)))).toEqual(["completed", "failed", "cancelled"]);
  });

  it("waits for the calls in progress of a cancelled batch", () => {
    expect(isFinal(batch("cancelled", { counts: counts({ calling: 1, cancelled: 9 }) }))).toBe(false);
    expect(isFinal(batch("cancelled", { counts: counts({ completed: 1, cancelled: 9 }) }))).toBe(true);
  });
});

describe("etaAt", () => {
  const now = new Date("2026-02-20T10:00:00Z");
  const running = batch("sent", { counts: counts({ pending: 55, calling: 5, completed: 40 }), callsPerMinute: 30 });

  it("is the time that the open recipients take at the pace of the last minute", () => {
    expect(etaAt(running, now)).toEqual(new Date("2026-02-20T10:02:00Z"));
  });

  it("counts from the next attempt when that is still to come", () => {
    const nextAttemptAt = new Date("2026-02-20T11:00:00Z");
    expect(etaAt({ ...running, nextAttemptAt }, now)).toEqual(new Date("2026-02-20T11:02:00Z"));
  });

  it("leaves out the quiet hours of the batch, which nobody is called in", () => {
    const quietHours = { enabled: true, start: "10:01", end: "12:00", zone: "UTC" };
    expect(etaAt({ ...running, heldRules: { quietHours } }, now)).toEqual(new Date("2026-02-20T12:01:00Z"));
  });

  it.each<[string, Partial<Batch>]>([
    [
      "quiet hours of everybody's own",
      { heldRules: { quietHours: { enabled: true, start: "21:00", end: "09:00", zone: "recipient" } } },
    ],
    ["a time on everybody's own clock, when nobody says who waits for it", { notBeforeLocal: "2026-02-20T10:00" }],
    ["people who wait for the hours on their own clock", { waitsFor: { line: 15, recipient_clock: 40 } }],
    ["people who wait for their own time", { waitsFor: { line: 15, not_before: 40 } }],
    ["people who wait for the operator's hours", { waitsFor: { line: 15, calling_hours: 40 } }],
    ["people who wait for a preset's hours", { waitsFor: { line: 15, hours_preset: 40 } }],
    ["people who wait since another batch called them", { waitsFor: { line: 15, other_call: 40 } }],
  ])("is not told of %s: no pace says when their last hour opens", (_, change) => {
    expect(etaAt({ ...running, ...change }, now)).toBeUndefined();
  });

  it("is told again when the time has come on the clock of the last of them", () => {
    const begun = { ...running, notBeforeLocal: "2026-02-20T10:00", waitsFor: { line: 55 } };
    expect(etaAt(begun, now)).toEqual(new Date("2026-02-20T10:02:00Z"));
    const off = { enabled: false, start: "21:00", end: "09:00", zone: "recipient" };
    expect(etaAt({ ...running, heldRules: { quietHours: off } }, now)).toEqual(new Date("2026-02-20T10:02:00Z"));
  });

  it("counts no more calls than stop_when leaves, those in progress included", () => {
    const endsAt = (calls: number) =>
      etaAt({ ...running, steered: { rules: { stopWhen: { calls } }, called: 45, neverCalled: 0 } }, now);
    expect(endsAt(60)).toEqual(new Date("2026-02-20T10:00:40Z"));
    expect(endsAt(45)).toEqual(new Date("2026-02-20T10:00:10Z"));
    expect(endsAt(1000)).toEqual(new Date("2026-02-20T10:02:00Z"));
  });

  it("is the time at which stop_when ends the batch where that comes first", () => {
    const endsAt = (atMs: number) =>
      etaAt({ ...running, steered: { rules: { stopWhen: { atMs } }, called: 0, neverCalled: 0 } }, now);
    expect(endsAt(Date.parse("2026-02-20T10:01:00Z"))).toEqual(new Date("2026-02-20T10:01:00Z"));
    expect(endsAt(Date.parse("2026-02-20T11:00:00Z"))).toEqual(new Date("2026-02-20T10:02:00Z"));
  });

  it("counts from now when the next attempt is overdue", () => {
    const nextAttemptAt = new Date("2026-02-20T09:00:00Z");
    expect(etaAt({ ...running, nextAttemptAt }, now)).toEqual(new Date("2026-02-20T10:02:00Z"));
  });

  it.each<[string, Partial<Batch>]>([
    ["paused", { isPaused: true }],
    ["not running", { status: "scheduled" }],
    [
      "waiting for a line",
      { lineWait: { reason: "3 calls are not yet shown as placed", until: new Date("2026-02-20T10:09:00Z") } },
    ],
    ["without calls in the last minute", { callsPerMinute: 0 }],
    ["done with everybody", { counts: counts({ completed: 100 }) }],
  ])("is not known for a batch that is %s", (_, change) => {
    expect(etaAt({ ...running, ...change }, now)).toBeUndefined();
  });

  it("is not known without a pace or without counts", () => {
    expect(etaAt(batch("sent", { counts: counts({ pending: 5 }) }), now)).toBeUndefined();
    expect(etaAt(batch("sent", { callsPerMinute: 5 }), now)).toBeUndefined();
  });
});

describe("allowedActions", () => {
  const results = ["get_batch_results", "export_batch_results"];
  it.each<[string, Batch, string[]]>([
    ["a draft", batch("draft"), ["start_batch", "update_batch", "cancel_batch"]],
    ["a scheduled batch", batch("scheduled"), ["start_batch", "pause_batch", "update_batch", "cancel_batch"]],
    ["a running batch", batch("sent"), ["pause_batch", "update_batch", "cancel_batch", ...results]],
    [
      "a paused scheduled batch",
      batch("scheduled", { isPaused: true }),
      ["resume_batch", "update_batch", "cancel_batch"],
    ],
    [
      "a paused running batch",
      batch("sent", { isPaused: true }),
      ["resume_batch", "update_batch", "cancel_batch", ...results],
    ],
    [
      "a draft that holds a scheduled batch",
      batch("draft", { heldReason: "held" }),
      ["resume_batch", "start_batch", "update_batch", "cancel_batch"],
    ],
    ["a completed batch", batch("completed"), results],
    ["a failed batch", batch("failed"), results],
    ["a cancelled batch", batch("cancelled"), results],
    ["a batch that was cancelled while paused", batch("cancelled", { isPaused: true }), results],
  ])("of %s", (_, of, expected) => expect(allowedActions(of, true)).toEqual(expected));

  it.each<[string, Batch, string[]]>([
    ["a draft", batch("draft"), ["start_batch", "update_batch", "cancel_batch"]],
    ["a scheduled batch", batch("scheduled"), ["start_batch", "pause_batch", "update_batch", "cancel_batch"]],
    ["a running batch", batch("sent"), results],
    ["a batch that the API says is paused", batch("sent", { isPaused: true }), results],
    ["a held scheduled batch", batch("scheduled", { heldReason: "held" }), ["update_batch", "cancel_batch"]],
    ["a completed batch", batch("completed"), results],
    ["one that was deleted before it began", batch("cancelled", { heldReason: "deleted" }), results],
  ])("without a brake, of %s", (_, of, expected) => expect(allowedActions(of, false)).toEqual(expected));
});
