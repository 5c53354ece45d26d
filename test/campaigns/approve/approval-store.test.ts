import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApprovalStore } from "../../../src/campaigns/approve/approval.ts";
import { createApprovalStore } from "../../../src/campaigns/approve/approval-store.ts";
import type { Answerer } from "../../../src/campaigns/records/audit.ts";
import { createAudit } from "../../../src/campaigns/records/audit.ts";
import { openCampaignDatabase } from "../../../src/campaigns/records/database.ts";
import type { DatabaseSync } from "../../../src/lib/sqlite.ts";
import { inTransaction } from "../../../src/lib/sqlite.ts";
import { summaryOf } from "../../support/campaigns/approval-summary.ts";

const now = new Date("2026-03-02T15:00:00Z");
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const person: Answerer = { channel: "page", principal: "ana" };
const asker = { principal: "local", client: "Some Client" };
const { batchId, fingerprint, recipients } = summaryOf();

let dir: string;
let ledgers: DatabaseSync[];
let approvals: ApprovalStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "approvals-"));
  ledgers = [];
  approvals = createApprovalStore(open());
});
afterEach(() => {
  for (const database of ledgers) database.close();
  rmSync(dir, { recursive: true });
});

function open(): DatabaseSync {
  const database = openCampaignDatabase(join(dir, "ledger.sqlite"));
  ledgers.push(database);
  return database;
}

function ask(changes: Parameters<typeof summaryOf>[0] = {}, at = now): string {
  return approvals.ask(summaryOf(changes), asker, at).id;
}

function recorded() {
  return createAudit(open()).read(100);
}

const kinds = () => recorded().map(({ kind }) => kind);

describe("a question", () => {
  test("keeps everything that a person was shown, for another process too", () => {
    const asked = approvals.ask(summaryOf(), asker, now);
    expect(asked).toMatchObject({ state: "waiting", triesLeft: 5, expiresAt: later(15) });
    expect(createApprovalStore(open()).get(asked.id, now)).toEqual(asked);
    const starting = summaryOf({ start: { kind: "now" }, fingerprint: "b".repeat(64) });
    expect(approvals.get(approvals.ask(starting, asker, now).id, now)?.summary).toEqual(starting);
  });

  test("ends another one about the same batch that waits, and none that was answered", () => {
    const first = ask();
    const second = ask({ fingerprint: "b".repeat(64) });
    expect(approvals.get(first, now)).toMatchObject({ state: "voided", voidedWhy: expect.stringContaining("again") });
    approvals.approve(second, recipients, person, now);
    ask({ fingerprint: "c".repeat(64) });
    expect(approvals.get(second, now)?.state).toBe("approved");
  });

  test("waits for its turn while three are open, over all processes; nothing is written", () => {
    for (const id of ["batch_1", "batch_2", "batch_3"]) ask({ batchId: id });
    const before = recorded().length;
    const other = createApprovalStore(open());
    const askFourth = (at = now) => other.ask(summaryOf({ batchId: "batch_4" }), asker, at, 3);
    expect(() => askFourth()).toThrow(/3 questions wait.*batch_1 \(until 2026-03-02T15:15:00.000Z\)/);
    expect(recorded()).toHaveLength(before);
    expect(other.ask(summaryOf({ batchId: "batch_1" }), asker, now, 3).state).toBe("waiting");
    expect(other.ask(summaryOf({ batchId: "batch_1", fingerprint: "b".repeat(64) }), asker, now, 3).state).toBe(
      "waiting",
    );
    approvals.voidFor("batch_2", "The batch was cancelled.", asker, now);
    expect(askFourth().state).toBe("waiting");
    expect(other.ask(summaryOf({ batchId: "batch_2" }), asker, later(15), 3).state).toBe("waiting");
  });

  test("that was withdrawn is over, and one that was answered is not withdrawn", () => {
    const [first, second] = [ask(), ask({ batchId: "batch_2" })];
    approvals.approve(second, recipients, person, now);
    for (const id of [first, second]) approvals.withdraw(id, "The form was closed.", asker, now);
    expect(approvals.get(first, now)?.state).toBe("voided");
    expect(approvals.get(second, now)?.state).toBe("approved");
  });

  test("is asked once for one launch of one batch, until it is over", () => {
    const first = ask();
    expect(ask({}, later(1))).toBe(first);
    expect(ask({ batchId: "batch_twin" })).not.toBe(first);
    expect(kinds()).toEqual(["asked", "asked"]);
    approvals.decline(first, person, later(2));
    expect(ask({}, later(3))).not.toBe(first);
  });

  test("is answered with the approval that nobody used yet", () => {
    const id = ask();
    approvals.approve(id, recipients, person, now);
    expect(approvals.ask(summaryOf(), asker, later(1))).toMatchObject({ id, state: "approved" });
  });

  test.each(["waiting", "approved"])(
    "that is %s ends when it is asked again in another state of the batch",
    (state) => {
      const id = ask({ stateVersion: 1 });
      if (state === "approved") approvals.approve(id, recipients, person, now);
      const anew = approvals.ask(summaryOf({ stateVersion: 2 }), asker, later(1));
      expect(anew).toMatchObject({ state: "waiting", summary: { stateVersion: 2 } });
      expect(approvals.get(id, later(1))?.state).toBe("voided");
      expect(approvals.consume(batchId, fingerprint, later(1))).toBeUndefined();
    },
  );

  test("is listed for its batch, and among all, while it waits", () => {
    const [one, other] = [ask(), ask({ batchId: "batch_other" }, later(1))];
    const ids = (requests: readonly { id: string }[]) => requests.map(({ id }) => id);
    expect(ids(approvals.openFor(batchId, later(2)))).toEqual([one]);
    expect(ids(approvals.openAll(later(2)))).toEqual([other, one]);
    approvals.approve(one, recipients, person, later(2));
    expect(ids(approvals.openFor(batchId, later(2)))).toEqual([]);
    expect(ids(approvals.openAll(later(2)))).toEqual([other]);
    expect(approvals.openAll(later(20))).toEqual([]);
  });

  test("is listed among those that somebody agreed to, the newest of each batch, from the answer on", () => {
    const day = 24 * 60;
    const agree = (id: string, minutes: number) => approvals.approve(id, recipients, person, later(minutes));
    const agreed = (minutes: number) => approvals.agreed(later(minutes)).map(({ id }) => id);
    const [one, other] = [ask(), ask({ batchId: "batch_other" })];
    expect(agreed(1)).toEqual([]);
    agree(other, 1);
    agree(one, 2);
    expect(agreed(3)).toEqual([one, other]);
    expect(createApprovalStore(open()).agreed(later(3))).toEqual(approvals.agreed(later(3)));
    approvals.consume(batchId, fingerprint, later(3));
    // An agreement that nobody used in its time started nothing.
    expect(agreed(20)).toEqual([one]);
    const resumed = ask({ fingerprint: "b".repeat(64) }, later(day));
    expect(agreed(day)).toEqual([one]);
    agree(resumed, day + 1);
    expect(agreed(day + 2)).toEqual([resumed]);
    approvals.voidFor(batchId, "The batch was edited.", asker, later(day + 3));
    expect(agreed(day + 4)).toEqual([one]);
    expect(approvals.decline(ask({ batchId: "batch_no" }, later(day)), person, later(day))).toBe("declined");
    expect(agreed(day + 4)).toEqual([one]);
    expect(agreed(30 * day)).toEqual([]);
  });

  test("is forgotten 30 days after it was asked", () => {
    const id = ask();
    ask({ batchId: "batch_later" }, later(29 * 24 * 60));
    expect(approvals.get(id, later(29 * 24 * 60))?.state).toBe("expired");
    ask({ batchId: "batch_latest" }, later(30 * 24 * 60));
    expect(approvals.get(id, later(30 * 24 * 60))).toBeUndefined();
  });
});

describe("agreement", () => {
  test("with the right count allows one start of that batch with that fingerprint", () => {
    const id = ask();
    expect(approvals.consume(batchId, fingerprint, now)).toBeUndefined();
    expect(approvals.approve(id, recipients, person, now)).toBe("approved");
    expect(approvals.consume("batch_twin", fingerprint, now)).toBeUndefined();
    expect(approvals.consume(batchId, "b".repeat(64), now)).toBeUndefined();
    expect(approvals.consume(batchId, fingerprint, later(1))).toMatchObject({ id, by: person });
    expect(approvals.consume(batchId, fingerprint, later(1))).toBeUndefined();
    expect(approvals.get(id, later(1))?.state).toBe("used");
    expect(approvals.ask(summaryOf(), asker, later(2))).toMatchObject({
      state: "waiting",
      id: expect.not.stringMatching(id),
    });
  });

  test("names the client through which it was given", () => {
    const by: Answerer = { channel: "form", principal: "local", client: "Some Client" };
    approvals.approve(ask(), recipients, by, now);
    expect(approvals.consume(batchId, fingerprint, now)?.by).toEqual(by);
  });

  test("is used once by 50 that want it at the same moment on connections of their own", () => {
    approvals.approve(ask(), recipients, person, now);
    const books = Array.from({ length: 50 }, () => createApprovalStore(open()));
    const won = books.map((one) => one.consume(batchId, fingerprint, now)).filter(Boolean);
    expect(won).toHaveLength(1);
  });

  test("is not used up when the transaction around it fails", () => {
    const database = open();
    const inside = createApprovalStore(database);
    inside.approve(ask(), recipients, person, now);
    const failing = () =>
      inTransaction(database, () => {
        expect(inside.consume(batchId, fingerprint, now)).toBeDefined();
        throw new Error("the launch row could not be written");
      });
    expect(failing).toThrow("the launch row");
    expect(approvals.consume(batchId, fingerprint, now)).toBeDefined();
  });

  test("outlives a restart, but not its 15 minutes", () => {
    approvals.approve(ask(), recipients, person, later(14));
    const restarted = createApprovalStore(open());
    expect(restarted.consume(batchId, fingerprint, later(15))).toBeUndefined();
    expect(restarted.consume(batchId, fingerprint, later(14.9))).toBeDefined();
  });

  test("cannot be given when the question is 15 minutes old", () => {
    const id = ask();
    expect(approvals.approve(id, recipients, person, later(15))).toBe("expired");
    expect(approvals.get(id, later(15))?.state).toBe("expired");
    expect(approvals.consume(batchId, fingerprint, later(15))).toBeUndefined();
  });

  test("is given once: another answer, also no, changes nothing", () => {
    const id = ask();
    approvals.approve(id, recipients, person, now);
    expect(approvals.approve(id, recipients, person, now)).toBe("used");
    expect(approvals.decline(id, person, now)).toBe("used");
    expect(approvals.consume(batchId, fingerprint, now)).toBeDefined();
    expect(approvals.approve(id, recipients, person, now)).toBe("used");
    expect(approvals.consume(batchId, fingerprint, now)).toBeUndefined();
  });

  test("does not follow a no", () => {
    const id = ask();
    expect(approvals.decline(id, person, now)).toBe("declined");
    expect(approvals.approve(id, recipients, person, now)).toBe("declined");
    expect(approvals.consume(batchId, fingerprint, now)).toBeUndefined();
  });

  test("to a question that nobody asked is nothing", () => {
    expect(approvals.approve("guessed", recipients, person, now)).toBe("unknown");
    expect(approvals.decline("guessed", person, now)).toBe("unknown");
  });
});

describe("a wrong count", () => {
  test("leaves the question open four times and ends it the fifth", () => {
    const id = ask();
    for (const triesLeft of [4, 3, 2, 1]) {
      expect(approvals.approve(id, recipients + 1, person, now)).toBe("wrong_count");
      expect(approvals.get(id, now)).toMatchObject({ state: "waiting", triesLeft });
    }
    expect(approvals.approve(id, 0, person, now)).toBe("voided");
    expect(approvals.get(id, now)).toMatchObject({ state: "voided", voidedWhy: expect.stringContaining("5 times") });
    expect(approvals.approve(id, recipients, person, now)).toBe("voided");
    expect(approvals.consume(batchId, fingerprint, now)).toBeUndefined();
  });

  test.each([Number.NaN, -1042, 1042.5, Number.POSITIVE_INFINITY])("may be %s, which is as wrong as any", (typed) => {
    expect(approvals.approve(ask(), typed, person, now)).toBe("wrong_count");
  });

  test("may be followed by the right one", () => {
    const id = ask();
    approvals.approve(id, 1, person, now);
    expect(approvals.approve(id, recipients, person, now)).toBe("approved");
  });
});

describe("an edit of the batch", () => {
  test("ends its questions and its unused approvals, and no others", () => {
    const approved = ask({ fingerprint: "b".repeat(64) });
    approvals.approve(approved, recipients, person, now);
    const waiting = ask();
    const other = ask({ batchId: "batch_other" });
    approvals.voidFor(batchId, "The batch was edited.", asker, now);
    expect(approvals.get(waiting, now)).toMatchObject({ state: "voided", voidedWhy: "The batch was edited." });
    expect(approvals.approve(waiting, recipients, person, now)).toBe("voided");
    expect(approvals.consume(batchId, "b".repeat(64), now)).toBeUndefined();
    expect(approvals.get(other, now)?.state).toBe("waiting");
  });

  test("leaves what was used as it was", () => {
    const id = ask();
    approvals.approve(id, recipients, person, now);
    approvals.consume(batchId, fingerprint, now);
    approvals.voidFor(batchId, "The batch was edited.", asker, now);
    expect(approvals.get(id, now)?.state).toBe("used");
    expect(kinds()).toEqual(["asked", "approved"]);
  });
});

test("every question and every answer stands in the record, with who, how and about what", () => {
  const id = ask();
  approvals.approve(id, 7, person, later(1));
  approvals.approve(id, recipients, { channel: "terminal", principal: "ben" }, later(2));
  approvals.decline(id, person, later(3));
  const about = { batchId, fingerprint, recipients };
  expect(recorded()).toEqual([
    { at: now, kind: "asked", ...asker, ...about },
    { at: later(1), kind: "wrong_count", ...person, ...about, detail: "7 was typed" },
    { at: later(2), kind: "approved", channel: "terminal", principal: "ben", ...about },
    { at: later(3), kind: "refused", ...person, ...about, detail: "an answer came when the question was approved" },
  ]);
});
