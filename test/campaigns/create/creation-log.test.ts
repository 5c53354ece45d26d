import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type CreationLog,
  createCreationLog,
  mayStillSucceed,
  nextStep,
} from "../../../src/campaigns/create/creation-log.ts";
import { campaignSchemaSteps, openCampaignDatabase } from "../../../src/campaigns/records/database.ts";
import { type DatabaseSync, openDatabase } from "../../../src/lib/sqlite.ts";

const now = new Date("2026-03-02T15:00:00Z");
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const days = (count: number) => later(count * 24 * 60 * 60);

let dir: string;
let database: DatabaseSync;
let creations: CreationLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "creations-"));
  database = openCampaignDatabase(join(dir, "ledger.sqlite"));
  creations = createCreationLog(database);
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true });
});

function begin(key = "key", generation = 1, scheduledAt?: Date) {
  const intent = creations.begin(key, generation, scheduledAt, now);
  if (!intent) throw new Error("It was begun before");
  return intent;
}

test("an intent is there for another process before the request leaves", () => {
  begin("key", 1, days(1));
  const file = openCampaignDatabase(join(dir, "ledger.sqlite"));
  const other = createCreationLog(file);
  expect(other.latest("key", now)).toEqual({
    key: "key",
    generation: 1,
    state: "sent",
    wasUnknown: false,
    isChanged: false,
    scheduledAt: days(1),
    sentAt: now,
    updatedAt: now,
  });
  file.close();
});

test("a generation is begun once", () => {
  begin();
  expect(creations.begin("key", 1, undefined, now)).toBeUndefined();
  expect(creations.begin("key", 2, undefined, now)).toMatchObject({ generation: 2 });
  expect(creations.latest("key", now)).toMatchObject({ generation: 2 });
});

test("an intent that nobody looks after is taken over once", () => {
  creations.unknown(begin(), later(1));
  const unknown = creations.latest("key", now);
  if (!unknown) throw new Error("It is gone");
  expect(creations.takeOver(unknown, later(2))).toMatchObject({ state: "sent", wasUnknown: true });
  expect(creations.takeOver(unknown, later(2))).toBeUndefined();
});

test("a create that did not happen is forgotten, one that did is kept for 30 days", () => {
  creations.forget(begin("other"));
  expect(creations.latest("other", now)).toBeUndefined();
  creations.created(begin(), "batch_1", undefined, later(1));
  expect(creations.latest("key", days(29))).toMatchObject({ state: "created", batchId: "batch_1" });
  expect(creations.latest("key", days(31))).toBeUndefined();
});

test.each(campaignSchemaSteps.slice(1).map((_step, index) => index + 1))(
  "a database of schema %i keeps its creates and its do-not-call list",
  (version) => {
    const path = join(dir, "older.sqlite");
    const older = openDatabase(path);
    for (const step of campaignSchemaSteps.slice(0, version)) older.exec(step);
    older.exec(`
      PRAGMA user_version = ${version};
      INSERT INTO intents (key, generation, state, batch_id, created_at, sent_at, updated_at)
      VALUES ('key', 1, 'created', 'batch_1', ${now.getTime()}, ${now.getTime()}, ${now.getTime()});
      INSERT INTO do_not_call (account, phone_number, added_at) VALUES ('account', '+14155550101', ${now.getTime()});
    `);
    older.close();
    const file = openCampaignDatabase(path);
    expect(createCreationLog(file).latest("key", now)).toMatchObject({ state: "created", batchId: "batch_1" });
    expect(file.prepare("SELECT phone_number FROM do_not_call").all()).toEqual([{ phone_number: "+14155550101" }]);
    file.close();
  },
);

test("today's form of an entry that an older version kept in another one is listed beside it, once", () => {
  const path = join(dir, "older.sqlite");
  const older = openDatabase(path);
  for (const step of campaignSchemaSteps.slice(0, 4)) older.exec(step);
  older.exec(`
    PRAGMA user_version = 4;
    INSERT INTO do_not_call (account, phone_number, reason, added_at) VALUES
      ('one', '+5215512345678', 'asked', 1000), ('one', '+15555550123', NULL, 2000), ('two', '+4402079460958', NULL, 3000);
  `);
  older.close();
  const read = () => {
    const file = openCampaignDatabase(path);
    const rows = file.prepare("SELECT account, phone_number, reason, added_at FROM do_not_call ORDER BY 1, 2").all();
    file.exec("DELETE FROM do_not_call WHERE phone_number = '+525512345678'");
    file.close();
    return rows.map((row) => Object.values(row));
  };
  const today = ["one", "+525512345678", "asked", 1000];
  const others = [
    ["one", "+15555550123", null, 2000],
    ["one", "+5215512345678", "asked", 1000],
    ["two", "+4402079460958", null, 3000],
    ["two", "+442079460958", null, 3000],
  ];
  expect(read().toSorted()).toEqual([today, ...others].toSorted());
  expect(read().toSorted()).toEqual(others.toSorted());
});

test("a database of a newer version is refused and left alone", () => {
  database.exec("PRAGMA user_version = 99");
  expect(() => openCampaignDatabase(join(dir, "ledger.sqlite"))).toThrow(/newer version/);
});

describe("the next step of a create", () => {
  const live = { allowDuplicate: false, environment: "live" } as const;
  const known = (state: "sent" | "created" | "unknown") => ({ ...begin(), state });

  test("content that is not known is sent", () => {
    expect(nextStep(undefined, live, now)).toEqual({ kind: "send", generation: 1 });
  });

  test("content that is being created is waited for, until its process must be dead", () => {
    const intent = known("sent");
    expect(nextStep(intent, live, later(44)).kind).toBe("wait");
    expect(nextStep(intent, live, later(45)).kind).toBe("reconcile");
    expect(nextStep(intent, { ...live, environment: "simulated" }, later(2)).kind).toBe("reconcile");
  });

  test("content that was created is replayed, or made once more when that is asked for", () => {
    const intent = known("created");
    expect(nextStep(intent, live, now)).toMatchObject({ kind: "replay" });
    expect(nextStep(intent, { ...live, allowDuplicate: true }, now)).toEqual({ kind: "send", generation: 2 });
  });

  test("an unknown outcome is settled first, whatever is asked for", () => {
    expect(nextStep(known("unknown"), { ...live, allowDuplicate: true }, now).kind).toBe("reconcile");
  });

  test("a request can arrive for two minutes after it was sent", () => {
    const intent = known("unknown");
    expect(mayStillSucceed(intent, later(119))).toBe(true);
    expect(mayStillSucceed(intent, later(120))).toBe(false);
  });
});

test.skipIf(process.platform === "win32")("the database can be read by its owner only", () => {
  const modes = ["ledger.sqlite", "ledger.sqlite-wal"].map((name) => statSync(join(dir, name)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600]);
});
