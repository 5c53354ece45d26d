import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { ensureWritableDir } from "../../src/runtime/data-dir.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "batch-call-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
});

test("a directory is made with its parents, for its owner only, by several processes at once too", async () => {
  const path = join(home, "a", "b", "c");
  await Promise.all([1, 2, 3, 4].map(() => ensureWritableDir(path, "BATCH_CALL_DATA_DIR")));
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test("a file in the place of a directory, or of its parent, is refused with the name of the setting", async () => {
  const file = join(home, "file");
  await writeFile(file, "");
  for (const path of [file, join(file, "data")])
    await expect(ensureWritableDir(path, "BATCH_CALL_DATA_DIR")).rejects.toThrow(
      `cannot write to the directory ${path}`,
    );
});

test.runIf(existsSync("/proc/self"))("a place where nothing can be made is refused, not tried for ever", async () => {
  await expect(ensureWritableDir("/proc/nowhere/data", "BATCH_CALL_DATA_DIR")).rejects.toThrow(
    /ENOENT.*BATCH_CALL_DATA_DIR/,
  );
});
