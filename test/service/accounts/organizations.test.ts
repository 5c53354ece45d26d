import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyring, loadOrganizations, toHashedKeys } from "../../../src/service/accounts/organizations.ts";

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
