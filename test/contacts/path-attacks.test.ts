import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDiskFolders } from "../../src/contacts/disk-folders.ts";
import { Problem } from "../../src/domain/problem.ts";

const canary = "Phone\n+14155550199\n";

let root: string;
let lists: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "contacts-"));
  lists = join(root, "lists");
  await mkdir(join(lists, "june"), { recursive: true });
  await writeFile(join(lists, "list.csv"), "Phone\n+14155550123\n");
  for (const sibling of ["", "lists-old", "Lists", "out"]) {
    await mkdir(join(root, sibling), { recursive: true });
    await writeFile(join(root, sibling, "canary.csv"), canary);
  }
  const links: readonly (readonly [string, string])[] = [
    ["leak.csv", join(root, "canary.csv")],
    ["near.csv", "../canary.csv"],
    ["chain-1.csv", join(lists, "chain-2.csv")],
    ["chain-2.csv", join(root, "canary.csv")],
    ["folder", root],
    ["parent", ".."],
    ["june/up", "../../out"],
    ["loop.csv", join(lists, "loop.csv")],
    ["null.csv", "/dev/null"],
    ["zero.csv", "/dev/zero"],
    ["stdin.csv", "/dev/stdin"],
    ["environ.csv", "/proc/self/environ"],
    ["fd.csv", "/proc/self/fd/0"],
    ["cwd", "/proc/self/cwd"],
    ["fsroot", "/"],
  ];
  for (const [name, target] of links) await symlink(target, join(lists, name));
  await mkdir(join(lists, "folder.csv"));
  execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', join(lists, "pipe.csv")]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Ways to write a step up, most of which are only a strange name here. */
const ups = [
  "..",
  "%2e%2e",
  "%252e%252e",
  "..%00",
  "..;",
  "...",
  "....",
  ". .",
  ".. ",
  "．．",
  "‥",
  "..\u200b",
  "\u202e..",
  "..%c0%af",
];
const slashes = ["/", "\\", "//", "/./", "%2f", "%5c", "%c0%af", "∕", "⁄", "／", "＼"];

function attacks(): readonly string[] {
  const climbing = ups.flatMap((up) =>
    slashes.flatMap((slash) => [
      `${up}${slash}canary.csv`,
      `june${slash}${up}${slash}${up}${slash}canary.csv`,
      `${up}${slash}lists-old${slash}canary.csv`,
    ]),
  );
  const absolute = ["", "lists-old/", "Lists/", "out/"].flatMap((folder) => {
    const path = join(root, `${folder}canary.csv`);
    return [
      path,
      `/${path}`,
      `//${path}`,
      `file://${path}`,
      `file:${path}`,
      `${path}\0`,
      ` ${path}`,
      `${path} `,
      `\\\\?\\${path}`,
    ];
  });
  const throughLinks = [
    "leak.csv",
    "near.csv",
    "chain-1.csv",
    "folder/canary.csv",
    "folder/lists-old/canary.csv",
    "parent/canary.csv",
  ];
  const moreLinks = [
    "june/up/canary.csv",
    "cwd/package.json",
    "fsroot/etc/hosts",
    "fsroot/etc/hosts.csv",
    "loop.csv",
    "null.csv",
    "zero.csv",
  ];
  const special = [
    "stdin.csv",
    "environ.csv",
    "fd.csv",
    "folder.csv",
    "pipe.csv",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "/proc/self/mem",
  ];
  const others = [
    "~/canary.csv",
    "~root/canary.csv",
    "~",
    "~/",
    "$HOME/canary.csv",
    "C:\\canary.csv",
    "c:canary.csv",
    "\\\\host\\share\\x.csv",
  ];
  const names = [
    "list.csv:canary.csv",
    "list.csv::$DATA",
    "list.csv.",
    "list.csv/",
    "list.csv/../canary.csv",
    "list.csv\0.csv",
    "",
    " ",
    ".",
    "/",
  ];
  const home = [
    join(homedir(), ".bashrc"),
    join(homedir(), "canary.csv"),
    "https://example.test/canary.csv",
    "ftp://example.test/x.csv",
  ];
  return [
    ...new Set([...climbing, ...absolute, ...throughLinks, ...moreLinks, ...special, ...others, ...names, ...home]),
  ];
}

test.each([
  ["one folder", []],
  ["several folders", ["more", "lists/june", "not-there"]],
])("of more than 300 ways to name a file outside of %s, none gives a byte of it", async (_what, others) => {
  await mkdir(join(root, "more"), { recursive: true });
  const folder = createDiskFolders([lists, ...others.map((name) => join(root, name))]);
  const paths = attacks();
  expect(paths.length).toBeGreaterThan(300);
  const given: string[] = [];
  for (const path of paths) {
    const read = await folder.open(path).catch((error: unknown) => error);
    if (!(read instanceof Problem)) given.push(path);
    else expect(read.message).not.toMatch(/\+14155550199|did you mean/);
  }
  expect(given).toEqual([]);
});

test("what the attacks are told apart from is read", async () => {
  await link(join(lists, "list.csv"), join(lists, "june", "same.csv"));
  await symlink("../list.csv", join(lists, "june", "inside.csv"));
  const folder = createDiskFolders([lists]);
  for (const path of ["list.csv", "./list.csv", "june/same.csv", "june/inside.csv", join(lists, "list.csv")]) {
    for await (const chunk of (await folder.open(path)).open())
      expect(Buffer.from(chunk).toString()).toContain("+1415");
  }
});
