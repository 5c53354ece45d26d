import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../../src/campaigns/records/audit.ts";
import { createAudit } from "../../../src/campaigns/records/audit.ts";
import { openCampaignDatabase } from "../../../src/campaigns/records/database.ts";
import { createKillSwitch } from "../../../src/campaigns/records/kill-switch.ts";
import type { DatabaseSync } from "../../../src/lib/sqlite.ts";

const now = new Date("2026-03-02T15:00:00Z");
const whole: AuditEntry = {
  at: now,
  kind: "refused",
  principal: "local",
  channel: "form",
  client: "Some Client",
  batchId: "batch_1",
  fingerprint: "f",
  recipients: 3,
  consent: { purpose: "reminders", basis: "agreed on the form" },
  detail: "countries: BATCH_CALL_ALLOWED_COUNTRIES",
};

let dir: string;
let database: DatabaseSync;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "audit-"));
  database = openCampaignDatabase(join(dir, "ledger.sqlite"));
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true });
});

describe("the record", () => {
  test("gives back the last lines whole, newest last", () => {
    const audit = createAudit(database);
    const least: AuditEntry = { at: now, kind: "launched", principal: "local" };
    for (const entry of [least, whole, least]) audit.append(entry);
    expect(audit.read(10)).toEqual([least, whole, least]);
    expect(audit.read(2)).toEqual([whole, least]);
  });

  test.each([
    "UPDATE audit SET principal = 'nobody'",
    "UPDATE OR REPLACE audit SET id = id + 1",
    "DELETE FROM audit",
    "INSERT OR REPLACE INTO audit (id, at, kind, principal) VALUES (1, 0, 'released', 'nobody')",
    "REPLACE INTO audit (id, at, kind, principal) VALUES (1, 0, 'released', 'nobody')",
  ])("takes no %s", (sql) => {
    const audit = createAudit(database);
    audit.append(whole);
    expect(() => database.exec(sql)).toThrow("append-only");
    expect(audit.read(10)).toEqual([whole]);
  });
});

describe("the kill switch", () => {
  test("is off at first, and seen by every process with its next look", () => {
    const other = openCampaignDatabase(join(dir, "ledger.sqlite"));
    const [mine, theirs] = [createKillSwitch(database), createKillSwitch(other)];
    expect(theirs.isOn()).toBe(false);
    mine.set(true, "ana", now);
    expect(theirs.isOn()).toBe(true);
    theirs.set(false, "ben", now);
    expect(mine.isOn()).toBe(false);
    other.close();
  });

  test("outlives a restart, and who turned it stands in the record", () => {
    createKillSwitch(database).set(true, "ana", now);
    database.close();
    database = openCampaignDatabase(join(dir, "ledger.sqlite"));
    expect(createKillSwitch(database).isOn()).toBe(true);
    createKillSwitch(database).set(false, "ben", now);
    expect(createAudit(database).read(10)).toEqual([
      { at: now, kind: "stopped_all", principal: "ana" },
      { at: now, kind: "released", principal: "ben" },
    ]);
  });
});
