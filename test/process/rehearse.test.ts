import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { builtProgram, createHome, type Home, run } from "../support/process/spawn.ts";

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

test("rehearse runs the example list without a setting and without a file, and leaves nothing behind", async () => {
  // A program that runs for three seconds keeps what was compiled of it, which is nothing of the list.
  const program = run(await builtProgram(home, ["rehearse"], { NODE_DISABLE_COMPILE_CACHE: "1" }));
  expect(await program.exited, program.stderr()).toBe(0);
  expect(program.stdout()).toMatch(/30 rows, 28 accepted/);
  // No line of the log stands before the answer on a terminal.
  expect(program.stderr()).not.toContain('"level"');
  expect(program.stdout()).toMatch(
    /28 calls; the last ends at .*\nOutcomes of the calls: .*\nPhones ring, on the clocks of the numbers:\n- /,
  );
  expect(await readdir(home.path)).toEqual([]);
});

test("rehearse takes a list from anywhere, and a start", async () => {
  const folder = join(home.path, "lists");
  await mkdir(folder);
  await writeFile(join(folder, "june.csv"), "name,phone\nAnn,(415) 555-0132\n");
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, "2026-03-05".length);
  const args = ["rehearse", "lists/june.csv", "--at", `${day}T10:00`];
  const program = run(await builtProgram(home, args, { BATCH_CALL_TIMEZONE: "America/Los_Angeles" }));
  expect(await program.exited, program.stderr()).toBe(0);
  expect(program.stdout()).toContain(`- America/Los_Angeles ${day} 10:00: 1 call, `);
});

test("a list that is not there is said in a line", async () => {
  const program = run(await builtProgram(home, ["rehearse", "none.csv"]));
  expect(await program.exited).toBe(1);
  expect(program.stderr()).toMatch(/none\.csv.*does not exist/);
  expect(program.stderr()).not.toContain("    at ");
});
