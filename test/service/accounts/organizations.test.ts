import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createKeyring,
  deriveOrganization,
  loadOrganizations,
  readOrganizations,
  toHashedKeys,
} from "../../../src/service/accounts/organizations.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "batch-call-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("the first start makes one pair of keys that only the owner can read", async () => {
  const path = join(folder, "data", "credentials.json");
  const [organization, ...others] = await loadOrganizations(path);
  expect(others).toEqual([]);
  expect(organization.apiKey.reveal()).toMatch(/^sk_[0-9a-f]{32}$/);
  expect(organization.apiSecret.reveal()).toMatch(/^s3cr3t_[0-9a-f]{40}$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "data"))).mode & 0o777).toBe(0o700);
  expect(await readdir(join(folder, "data"))).toEqual(["credentials.json"]);
  expect(await loadOrganizations(path)).toEqual([organization]);
});

test("twenty starts at once all get the same keys", async () => {
  const path = join(folder, "credentials.json");
  const loaded = await Promise.all(Array.from({ length: 20 }, () => loadOrganizations(path)));
  expect(new Set(loaded.map(([{ apiKey, apiSecret }]) => apiKey.reveal() + apiSecret.reveal())).size).toBe(1);
  expect(await readdir(folder)).toEqual(["credentials.json"]);
});

test.each(["", "{", "[]", "{}", '[{"organization_id":"org_1"}]'])(
  "a file that holds %j is an error that names it, and it is left as it is",
  async (text) => {
    const path = join(folder, "credentials.json");
    await writeFile(path, text);
    await expect(loadOrganizations(path)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(path),
    });
    expect(await readFile(path, "utf8")).toBe(text);
  },
);

test("a place where nothing can be made is an error that names the file", async () => {
  await writeFile(join(folder, "file"), "");
  const path = join(folder, "file", "credentials.json");
  await expect(loadOrganizations(path)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining(path),
  });
});

test("keys open their own organization only, and are not seen when printed", async () => {
  const path = join(folder, "credentials.json");
  const pair = (n: number) => ({ organization_id: `org_${n}`, api_key: `sk_${n}`, api_secret: `s3cr3t_${n}` });
  await writeFile(path, JSON.stringify([pair(1), pair(2)]));
  const organizations = await loadOrganizations(path);
  const keyring = createKeyring(organizations.map(toHashedKeys));
  expect(keyring.organizationOf("sk_1", "s3cr3t_1")).toBe("org_1");
  expect(keyring.organizationOf("sk_2", "s3cr3t_2")).toBe("org_2");
  expect(keyring.organizationOf("sk_1", "s3cr3t_2")).toBeUndefined();
  expect(keyring.organizationOf("sk_", "1s3cr3t_1")).toBeUndefined();
  expect(inspect([organizations, keyring], { depth: 9 }) + JSON.stringify([organizations, keyring])).not.toContain(
    "s3cr3t_1",
  );
});

test("organizations are derived from the first where that is asked for, the same each time, and open themselves only", async () => {
  const [first] = await loadOrganizations(join(folder, "credentials.json"));
  const [stranger] = await loadOrganizations(join(folder, "others.json"));
  const [acme, other] = [deriveOrganization(first, "acme"), deriveOrganization(first, "other")];
  const keyring = createKeyring([toHashedKeys(first)], first);
  const opens = (key: typeof acme, secret = key) =>
    keyring.organizationOf(key.apiKey.reveal(), secret.apiSecret.reveal());
  expect(opens(acme)).toBe(acme.organizationId);
  expect(deriveOrganization(first, "acme").apiSecret.reveal()).toBe(acme.apiSecret.reveal());
  expect(new Set([acme, other, first].map(({ organizationId }) => organizationId)).size).toBe(3);
  expect(opens(acme, other)).toBeUndefined();
  expect(opens(acme, first)).toBeUndefined();
  expect(opens(acme, deriveOrganization(stranger, "acme"))).toBeUndefined();
  expect(opens(first)).toBe(first.organizationId);
  // A service that gives its keys to people has none.
  const given = createKeyring([toHashedKeys(first)]);
  expect(given.organizationOf(acme.apiKey.reveal(), acme.apiSecret.reveal())).toBeUndefined();
});

test("an operator's file of accounts is read, and is not made where it is not there", async () => {
  const path = join(folder, "accounts.json");
  await expect(readOrganizations(path)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("not there"),
  });
  expect(await readdir(folder)).toEqual([]);
  await writeFile(path, "{}");
  await expect(readOrganizations(path)).rejects.toMatchObject({ message: expect.stringContaining("JSON list") });
  await writeFile(path, JSON.stringify([{ organization_id: "acme", api_key: "sk_1", api_secret: "s3cr3t_1" }]));
  expect(await readOrganizations(path)).toMatchObject([{ organizationId: "acme" }]);
});
