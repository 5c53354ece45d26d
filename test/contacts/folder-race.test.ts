import fs, { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createDiskFolders } from "../../src/contacts/disk-folders.ts";

// The moment between a check and the opening is made sure of; everything else is the real file system. Modules are shared
// between the files of a worker, so the function itself is replaced, in all modules that imported it.
const nothing = async (): Promise<void> => {};
const race = { beforeOpen: nothing, afterOpen: nothing };
const { open } = fs;
function replaceOpen(by: typeof open): void {
  fs.open = by;
  syncBuiltinESMExports();
}
beforeAll(() =>
  replaceOpen(async (...args) => {
    await race.beforeOpen();
    const opened = await open(...args);
    await race.afterOpen();
    return opened;
  }),
);
afterAll(() => replaceOpen(open));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "contacts-"));
  await mkdir(join(root, "lists", "june"), { recursive: true });
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "lists", "june", "list.csv"), "Phone\n+14155550123\n");
  await writeFile(join(root, "outside", "list.csv"), "Phone\n+14155550199\n");
});
afterEach(async () => {
  Object.assign(race, { beforeOpen: nothing, afterOpen: nothing });
  await rm(root, { recursive: true, force: true });
});

const swap = async (): Promise<void> => {
  await rename(join(root, "lists", "june"), join(root, "lists", "away"));
  await symlink(join(root, "outside"), join(root, "lists", "june"));
};
const swapBack = async (): Promise<void> => {
  await rm(join(root, "lists", "june"));
  await rename(join(root, "lists", "away"), join(root, "lists", "june"));
};

test("a folder that becomes a link out between the check and the opening gives nothing of what is there", async () => {
  race.beforeOpen = swap;
  const opening = createDiskFolders([join(root, "first"), join(root, "lists")]).open("june/list.csv");
  await expect(opening).rejects.toThrow("is a link that leads out of the folders");
});

test("a whole folder of lists that becomes a link between the check and the opening gives nothing either", async () => {
  race.beforeOpen = async () => {
    await rename(join(root, "lists", "june"), join(root, "june"));
    await symlink(join(root, "outside"), join(root, "lists", "june"));
  };
  const opening = createDiskFolders([join(root, "lists", "june")]).open("list.csv");
  await expect(opening).rejects.toThrow("is a link that leads out of the folder");
});

test("a folder that is a link out only while its file is opened gives nothing of what was there", async () => {
  Object.assign(race, { beforeOpen: swap, afterOpen: swapBack });
  const opening = createDiskFolders([join(root, "lists")]).open("june/list.csv");
  await expect(opening).rejects.toThrow("was changed while it was read");
});

test("a folder that becomes a link out when its file is opened again to be read gives nothing either", async () => {
  const source = await createDiskFolders([join(root, "lists")]).open("june/list.csv");
  race.beforeOpen = swap;
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of source.open()) chunks.push(chunk);
  })();
  await expect(reading).rejects.toThrow("was changed while it was read");
  expect(chunks).toEqual([]);
  race.beforeOpen = nothing;
  await swapBack();
  for await (const chunk of source.open()) expect(Buffer.from(chunk).toString()).toContain("+14155550123");
});
