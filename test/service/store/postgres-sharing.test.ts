import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { createKeyring } from "../../../src/service/accounts/organizations.ts";
import { loadSharedOrganizations } from "../../../src/service/accounts/shared-organizations.ts";
import { openPgBoss } from "../../../src/service/dialing/wake/pg-boss.ts";
import { settleEnvironment } from "../../../src/service/store/postgres/environment.ts";
import { openPool } from "../../../src/service/store/postgres/pool.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { openPglite } from "../../support/process/pglite.ts";
import { openEmptied } from "../../support/process/postgres.ts";

let sql: Sql;
let folder: string;
beforeAll(async () => {
  sql = await openPglite();
  await openEmptied(sql);
  folder = await mkdtemp(join(tmpdir(), "batch-call-"));
});
afterAll(async () => {
  await sql.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => sql.script("TRUNCATE batch_call.organizations, batch_call.environment"));

test("the first machine makes the keys, and they open the service of every other one, which has no file", async () => {
  const [first, second] = [join(folder, "first.json"), join(folder, "second.json")];
  await loadSharedOrganizations(sql, first);
  const keyring = createKeyring(await loadSharedOrganizations(sql, second));
  const [keys] = JSON.parse(await readFile(first, "utf8"));
  expect(keyring.organizationOf(keys.api_key, keys.api_secret)).toBe(keys.organization_id);
  expect(keyring.organizationOf(keys.api_key, "wrong")).toBeUndefined();
  await expect(access(second)).rejects.toMatchObject({ code: "ENOENT" });
});

test("the keys themselves are not in the database", async () => {
  const path = join(folder, "credentials.json");
  await loadSharedOrganizations(sql, path);
  const [keys] = JSON.parse(await readFile(path, "utf8"));
  const stored = JSON.stringify(await sql.query("SELECT * FROM batch_call.organizations"));
  expect(stored).toContain(keys.organization_id);
  expect(stored).not.toContain(keys.api_key);
  expect(stored).not.toContain(keys.api_secret);
});

test("of machines that start at once, all know the same keys", async () => {
  const paths = Array.from({ length: 5 }, (_, n) => join(folder, `machine_${n}.json`));
  const loaded = await Promise.all(paths.map((path) => loadSharedOrganizations(sql, path)));
  expect(new Set(loaded.map((keys) => keys[0]?.hash.toString("hex"))).size).toBe(1);
});

test("a database of simulated calls is not dialed for real, nor the other way round", async () => {
  await settleEnvironment(sql, "simulated");
  await settleEnvironment(sql, "simulated");
  await expect(settleEnvironment(sql, "live")).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/is for simulated calls.*live.*Nothing was started/),
  });
});

test("a database that does not answer is named by its setting, without its password", async () => {
  const url = new Secret("postgres://user:s3cr3t_canary@127.0.0.1:1/none");
  const refusal: unknown = await openPool(url, silentLog).catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/BATCH_CALL_DATABASE_URL cannot be used \(.*ECONNREFUSED.*\)/),
  });
  expect(String(refusal)).not.toContain("canary");
});

test.each(["20.20.2", "22.11.0"])("on Node %s wake-ups are refused, with the version that they need", async (node) => {
  const url = new Secret("postgres://127.0.0.1:1/none");
  await expect(openPgBoss(url, silentLog, node)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(
      new RegExp(`needs Node 22\\.12 or newer.*this is Node ${node.replaceAll(".", "\\.")}`),
    ),
  });
});
