import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";
import type { ContactFolders } from "../../src/contacts/contact-folders.ts";
import { createDiskFolders } from "../../src/contacts/disk-folders.ts";
import { Problem } from "../../src/domain/problem.ts";

let root: string;
let own: string;
let team: string;
let folders: ContactFolders;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "contacts-"));
  [own, team] = [join(root, "own"), join(root, "team")];
  for (const folder of [own, join(team, "june")]) await mkdir(folder, { recursive: true });
  for (const file of ["own/ours.csv", "own/both.csv", "team/both.csv", "team/theirs.csv", "team/june/leads.xlsx"])
    await writeFile(join(root, file), `Phone\n${file}\n`);
  await writeFile(join(root, "outside.csv"), "Phone\n+14155550199\n");
  folders = createDiskFolders([own, team]);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function read(name: string): Promise<string> {
  let text = "";
  for await (const chunk of (await folders.open(name)).open()) text += Buffer.from(chunk).toString();
  return text;
}

async function refusal(name: string): Promise<string> {
  const outcome = await read(name).catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome.message;
  throw new Error(`expected a refusal, got ${String(outcome)}`);
}

describe("several folders", () => {
  it("are all read, by a name inside, an absolute path or one with the home directory", async () => {
    expect(await read("ours.csv")).toContain("own/ours.csv");
    expect(await read("theirs.csv")).toContain("team/theirs.csv");
    expect(await read(join(team, "june", "leads.xlsx"))).toContain("team/june/leads.xlsx");
    const home = process.env["HOME"];
    process.env["HOME"] = root;
    try {
      expect(await read("~/team/both.csv")).toContain("team/both.csv");
    } finally {
      process.env["HOME"] = home;
    }
  });

  it("a name that two have is refused with both, and either is read by its whole path", async () => {
    const message = await refusal("both.csv");
    expect(message).toContain(`"both.csv" may mean "${join(own, "both.csv")}" and "${join(team, "both.csv")}"`);
    expect(message).toContain("give the whole path");
    expect(await read(join(own, "both.csv"))).toContain("own/both.csv");
    expect(await read(join(team, "both.csv"))).toContain("team/both.csv");
  });

  it("a name is doubtful too where one of the two cannot be followed, or leads out", async () => {
    await symlink(join(root, "outside.csv"), join(own, "theirs.csv"));
    expect(await refusal("theirs.csv")).toContain("may mean");
    await symlink(join(team, "loop.csv"), join(team, "loop.csv"));
    await writeFile(join(own, "loop.csv"), "Phone\n");
    expect(await refusal("loop.csv")).toContain("may mean");
  });

  it("one file has one meaning, whatever ways lead to it", async () => {
    await symlink(join(own, "ours.csv"), join(team, "ours.csv"));
    expect(await read("ours.csv")).toContain("own/ours.csv");
    folders = createDiskFolders([own, team, join(team, "."), join(team, "june")]);
    expect(await read("theirs.csv")).toContain("team/theirs.csv");
    expect(await read("leads.xlsx")).toContain("team/june/leads.xlsx");
    expect(await read("june/leads.xlsx")).toContain("team/june/leads.xlsx");
  });

  it("an error names all of them and what they hold, at most ten names in all", async () => {
    for (let count = 10; count < 22; count++) await writeFile(join(own, `a-${count}.csv`), "x");
    const message = await refusal("nowhere.csv");
    expect(message).toMatch(/^"nowhere\.csv" does not exist\. Nothing was created\./);
    expect(message).toContain(`Lists are read from ${own}, which holds "a-10.csv", "a-11.csv"`);
    expect(message).toContain(`and 9 more; and from ${team}, which holds "both.csv", "june/", "theirs.csv".`);
    expect(await refusal(join(root, "outside.csv"))).toContain("is outside of the folders");
  });

  it("one that is not there holds nothing, is said, and is not made", async () => {
    folders = createDiskFolders([own, join(root, "stick")]);
    expect(await read("ours.csv")).toContain("own/ours.csv");
    expect(await refusal("x.csv")).toContain(`and from ${join(root, "stick")}, which cannot be listed (ENOENT).`);
    expect(await readdir(root)).not.toContain("stick");
  });

  it("results go to the first", async () => {
    expect(await folders.write("results.csv", ["x"])).toBe(join(own, "results.csv"));
  });
});

describe("a file that does not exist", () => {
  it.each([
    ["our.csv", '"ours.csv"'],
    ["OURS.CSV", '"ours.csv"'],
    ["theirs.xlsx", '"theirs.csv"'],
    ["thiers.csv", '"theirs.csv"'],
    ["june/lead.xlsx", `"${join("june", "leads.xlsx")}"`],
    ["june/lead.csv", `"${join("june", "leads.xlsx")}"`],
  ])("%s is met with the name that was likely meant", async (name, meant) => {
    expect(await refusal(name)).toContain(`"${name}" does not exist (did you mean ${meant}?). Nothing was created.`);
  });

  it("is met with whole paths where one was given, and with at most three", async () => {
    expect(await refusal(join(team, "theirs.tsv"))).toContain(`(did you mean "${join(team, "theirs.csv")}"?)`);
    for (const month of ["may", "june", "july", "august"]) await writeFile(join(own, `list-${month}.csv`), "x");
    expect(await refusal("list.csv")).toContain(
      '(did you mean "list-august.csv" or "list-july.csv" or "list-june.csv"?)',
    );
  });

  it("is met with no name of what lies outside, is hidden, or is no list", async () => {
    await symlink(root, join(own, "up"));
    await writeFile(join(own, ".secret.csv"), "x");
    await writeFile(join(own, "notes.pdf"), "x");
    for (const name of ["up/outsid.csv", "secret.csv", "notes.csv", "unlike-anything.csv"])
      expect(await refusal(name)).not.toContain("did you mean");
  });
});

describe("BATCH_CALL_FILES_DIR", () => {
  const parse = (value: string) =>
    parseSettings({ os: "linux", env: { BATCH_CALL_FILES_DIR: value }, timezone: "UTC" });

  it("takes several folders, and `~` in each, since clients set it without a shell", () => {
    const home = process.env["HOME"];
    process.env["HOME"] = root;
    try {
      const value = [own, "", " ~/team ", "~"].join(delimiter);
      expect(parse(value)).toMatchObject({ filesDirs: [own, team, root], filesDirIsDefault: false });
    } finally {
      process.env["HOME"] = home;
    }
  });

  it("that names no folder is a bad setting", () => {
    expect(parse(delimiter)).toEqual({ errors: [expect.stringMatching(/^BATCH_CALL_FILES_DIR: name one folder/)] });
  });
});
