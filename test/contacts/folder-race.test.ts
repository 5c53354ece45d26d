import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDiskFolder } from "../../src/contacts/disk-folder.ts";

const race = vi.hoisted(() => ({ beforeOpen: async (): Promise<void> => {} }));

// The moment between a check and the opening is made sure of; everything else is the real file system.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const open: typeof real.open = async (...args) => {
    await race.beforeOpen();
    return real.open(...args);
  };
  return { ...real, open };
});

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "contacts-"));
  await mkdir(join(root, "lists", "june"), { recursive: true });
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "lists", "june", "list.csv"), "Phone\n+14155550123\n");
  await writeFile(join(root, "outside", "list.csv"), "Phone\n+14155550199\n");
});
afterEach(async () => {
  race.beforeOpen = async () => {};
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
  const opening = createDiskFolder(join(root, "lists")).open("june/list.csv");
  await expect(opening).rejects.toThrow("is a link that leads out of the folder");
});

test("a folder that becomes a link out when its file is opened again to be read gives nothing either", async () => {
  const source = await createDiskFolder(join(root, "lists")).open("june/list.csv");
  race.beforeOpen = swap;
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of source.open()) chunks.push(chunk);
  })();
  await expect(reading).rejects.toThrow("was changed while it was read");
  expect(chunks).toEqual([]);
  race.beforeOpen = async () => {};
  await swapBack();
  for await (const chunk of source.open()) expect(Buffer.from(chunk).toString()).toContain("+14155550123");
});
