import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openCampaignDatabase } from "../../../src/campaigns/records/database.ts";
import { createKillSwitch } from "../../../src/campaigns/records/kill-switch.ts";
import { createMayRing, isAgreed, type MayRing } from "../../../src/commands/provider-check/may-ring.ts";
import { parseSettings, type Settings } from "../../../src/config/settings.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { type DatabaseSync, openDatabase } from "../../../src/lib/sqlite.ts";
import { openPostgresStore } from "../../../src/service/store/postgres/store.ts";
import { everybody } from "../../../src/service/store/shared/grants.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { createDatabase, testServerUrl } from "../../support/process/postgres.ts";

const number = "+12015550101";
const noon = new Date("2026-02-02T17:00:00Z");
let dataDir: string;
let record: DatabaseSync;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "batch-call-"));
  record = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
});
afterEach(async () => {
  record.close();
  await rm(dataDir, { recursive: true, force: true });
});

function open(env: Record<string, string> = {}): MayRing {
  const settings = parseSettings({
    os: "linux",
    env: { BATCH_CALL_DATA_DIR: dataDir, ...env },
    timezone: "UTC",
  });
  if ("errors" in settings) throw new Error(settings.errors.join());
  return createMayRing(settings satisfies Settings, record, silentLog);
}

test("a phone may ring where nothing speaks against it, whether or not there is a store", async () => {
  expect(await open().whyNot(number, noon)).toBeUndefined();
  await openSqliteStore(join(dataDir, "service.sqlite")).close();
  expect(await open().whyNot(number, noon)).toBeUndefined();
});

test("a store without these tables says nothing against it", async () => {
  openDatabase(join(dataDir, "service.sqlite")).close();
  expect(await open().whyNot(number, noon)).toBeUndefined();
});

test.each<[what: string, env: Record<string, string>, at: Date, words: RegExp]>([
  ["at night", {}, new Date("2026-02-02T07:00:00Z"), /calling hours.*2026-02-0\dT/],
  ["in a country that is not allowed", { BATCH_CALL_ALLOWED_COUNTRIES: "DE" }, noon, /ALLOWED_COUNTRIES/],
])("not %s", async (_what, env, at, words) => {
  expect(await open(env).whyNot(number, at)).toMatch(words);
});

test("not while everything is stopped, and not a number on the list beside the ledger", async () => {
  const killSwitch = createKillSwitch(record);
  killSwitch.set(true, "me", noon);
  expect(await open().whyNot(number, noon)).toContain("stop-all --release");
  expect(open().isStopped()).toBe(true);
  killSwitch.set(false, "me", noon);
  record
    .prepare("INSERT INTO do_not_call (account, phone_number, added_at) VALUES ('another account', ?, 0)")
    .run(number);
  expect(await open().whyNot(number, noon)).toContain("do-not-call list");
  expect(await open().whyNot("+12015550102", noon)).toBeUndefined();
});

test.each<[testNumbers: string[], typed: string, isYes: boolean]>([
  [[number], "yes", true],
  [[number], " YES ", true],
  [[number], "y", false],
  [[number], "", false],
  [[], "yes", false],
  [["+12015550102"], "yes", false],
  [[], number, true],
  [[], "+1 (201) 555-0101", true],
  [[], "+12015550102", false],
  [[], "2015550101", false],
])("with the test numbers %j, %j agrees to a call: %s", (testNumbers, typed, isYes) => {
  expect(isAgreed(number, testNumbers, typed)).toBe(isYes);
});

type Kept = { store: Store; env: Record<string, string> };

async function onFile(): Promise<Kept> {
  return { store: openSqliteStore(join(dataDir, "service.sqlite")), env: {} };
}

async function onPostgres(): Promise<Kept> {
  const database = await createDatabase(testServerUrl ?? "");
  onTestFinished(() => database.drop());
  const store = await openPostgresStore(await database.connect(), "service_1");
  return { store, env: { BATCH_CALL_DATABASE_URL: database.url.reveal() } };
}

const stores: [name: string, isThere: boolean, open: () => Promise<Kept>][] = [
  ["in a file", true, onFile],
  ["on PostgreSQL", testServerUrl !== undefined, onPostgres],
];

describe.each(stores)("a store %s, beside the service that uses it", (_name, isThere, openStore) => {
  test.skipIf(!isThere)(
    "the list of any of its organizations, and a stop of any, keep the phone from ringing",
    async () => {
      const { store, env } = await openStore();
      onTestFinished(() => store.close());
      const mayRing = open(env);
      expect(await mayRing.whyNot(number, noon)).toBeUndefined();
      await store.addDoNotCall("org_2", [{ phoneNumber: number }], noon);
      expect(await mayRing.whyNot(number, noon)).toContain("do-not-call list");
      expect(await mayRing.whyNot("+12015550102", noon)).toBeUndefined();
      await store.setKillSwitch(everybody, true, "stopped", noon);
      expect(await mayRing.whyNot("+12015550102", noon)).toContain("everything is stopped");
    },
  );
});

test.skipIf(!testServerUrl)("a database on which nobody ran a service yet says nothing against it", async () => {
  const database = await createDatabase(testServerUrl ?? "");
  onTestFinished(() => database.drop());
  expect(await open({ BATCH_CALL_DATABASE_URL: database.url.reveal() }).whyNot(number, noon)).toBeUndefined();
});
