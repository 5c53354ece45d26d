import { execFileSync } from "node:child_process";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContactFolders } from "../../src/contacts/contact-folders.ts";
import { createDiskFolders } from "../../src/contacts/disk-folders.ts";
import type { TableSource } from "../../src/contacts/table/table-source.ts";
import { Problem } from "../../src/domain/problem.ts";

const canary = "Name,Phone\ncanary,+14155550199\n";
const list = "Name,Phone\nAna,+14155550123\n";

let root: string;
let path: string;
let folder: ContactFolders;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "contacts-"));
  path = join(root, "lists");
  await mkdir(join(path, "june"), { recursive: true });
  await mkdir(join(root, "lists-old"));
  await writeFile(join(root, "canary.csv"), canary);
  await writeFile(join(root, "lists-old", "canary.csv"), canary);
  await writeFile(join(path, "list.csv"), list);
  await writeFile(join(path, "june", "list.tsv"), list);
  folder = createDiskFolders([path]);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function read({ open }: ContactFolders, name: string): Promise<string> {
  return textOf(await open(name));
}

async function textOf({ open }: TableSource, onChunk: () => Promise<void> = async () => {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of open()) {
    chunks.push(chunk);
    await onChunk();
  }
  return Buffer.concat(chunks).toString();
}

async function refusal(action: Promise<string>): Promise<Problem> {
  const outcome = await action.catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome;
  throw new Error(`expected a refusal, got ${String(outcome)}`);
}

describe("reading from the folder", () => {
  it.each(["list.csv", "./list.csv", "june/list.tsv", "june//list.tsv"])("gives the text of %j", async (name) => {
    expect(await read(folder, name)).toBe(list);
  });

  it("follows links that stay inside, and a folder that is a link itself", async () => {
    await symlink(join(path, "list.csv"), join(path, "june", "link.csv"));
    await symlink(path, join(root, "shortcut"));
    expect(await read(folder, "june/link.csv")).toBe(list);
    expect(await read(createDiskFolders([join(root, "shortcut")]), "list.csv")).toBe(list);
  });

  it.each([
    ["../canary.csv", "leads out"],
    ["june/../../canary.csv", "leads out"],
    ["june/../list.csv", "leads out"],
    ["..\\canary.csv", "leads out"],
    ["../lists-old/canary.csv", "leads out"],
    ["%2e%2e/canary.csv", "does not exist"],
    ["..%2fcanary.csv", "does not exist"],
    ["~/canary.csv", "outside of the folder"],
    ["$HOME/canary.csv", "does not exist"],
    ["file:///etc/hosts.csv", "is an address"],
    ["/etc/hosts.csv", "outside of the folder"],
    ["C:\\canary.csv", "another system"],
    ["c:canary.csv", "another system"],
    ["\\\\server\\share\\canary.csv", "another system"],
    ["/proc/self/environ", "is not a"],
    ["/proc/self/environ.csv", "outside of the folder"],
    ["https://example.com/list.csv", "is an address"],
    ["", "not a file name"],
    ["  ", "not a file name"],
    ["list.csv\0.txt", "not a file name"],
    ["list.csv/", "does not exist"],
    ["list.csv/../list.csv", "leads out"],
    ["list.csv/list.csv", "does not exist"],
    ["nothing.csv", "does not exist"],
    [`${"n".repeat(300)}.csv`, "too long for a file"],
    ["list", "save the list as one of them"],
    ["list.xlsx", "does not exist"],
    [".env", "save the list as one of them"],
    [".csv", "save the list as one of them"],
    ["june", "save the list as one of them"],
  ])("refuses %j", async (name, reason) => {
    const { code, message } = await refusal(read(folder, name));
    expect(code).toBe("invalid_input");
    expect(message).toContain(reason);
    expect(message).toContain(`Lists are read from ${path}, which holds "june/", "list.csv".`);
    expect(message).not.toContain("canary,");
  });

  it("takes an absolute path into the folder, and one with the home directory in it", async () => {
    expect(await read(folder, join(path, "list.csv"))).toBe(list);
    const home = process.env["HOME"];
    process.env["HOME"] = root;
    try {
      expect(await read(folder, "~/lists/list.csv")).toBe(list);
      expect((await refusal(read(folder, "~/canary.csv"))).message).toContain("outside of the folder");
    } finally {
      process.env["HOME"] = home;
    }
  });

  it("refuses a file that was written to since it was opened, or while it is read", async () => {
    const before = await folder.open("list.csv");
    await appendFile(join(path, "list.csv"), "Ben,+14155550124\n");
    await expect(textOf(before)).rejects.toThrow("was changed while it was read");
    // A whole second is a time that can be put back exactly.
    const someTime = 1_700_000_000;
    await utimes(join(path, "list.csv"), someTime, someTime);
    const sameSize = await folder.open("list.csv");
    const rewrite = async (): Promise<void> => {
      await writeFile(join(path, "list.csv"), "x".repeat(sameSize.size ?? 0));
      await utimes(join(path, "list.csv"), someTime, someTime);
    };
    await expect(textOf(sameSize, rewrite)).rejects.toThrow("was changed while it was read");
    const during = await folder.open("list.csv");
    const isWrittenTo = textOf(during, () => appendFile(join(path, "list.csv"), "Cy,+14155550125\n"));
    await expect(isWrittenTo).rejects.toThrow("was changed while it was read");
  });

  it.each([
    ["a file", "canary.csv", "leak.csv"],
    ["a folder", ".", "leak/canary.csv"],
    ["a folder whose name begins like ours", "lists-old", "leak/canary.csv"],
  ])("refuses links to %s outside, and never shows what is there", async (_what, target, name) => {
    await symlink(join(root, target), join(path, name.split("/")[0] ?? ""));
    const { message } = await refusal(read(folder, name));
    expect(message).toContain("is a link that leads out of the folder");
    expect(message).not.toContain("lists-old");
    expect(message).not.toContain("canary,");
  });

  it("refuses links to another kind of file, and links that never end", async () => {
    await writeFile(join(path, "secret.env"), canary);
    await symlink(join(path, "secret.env"), join(path, "link.csv"));
    await symlink(join(path, "b.csv"), join(path, "a.csv"));
    await symlink(join(path, "a.csv"), join(path, "b.csv"));
    expect((await refusal(read(folder, "link.csv"))).message).toContain("save the list as one of them");
    expect((await refusal(read(folder, "a.csv"))).message).toContain("never ends");
  });

  it("refuses a folder, a device and a socket that are named like a list", async () => {
    await mkdir(join(path, "folder.csv"));
    expect((await refusal(read(folder, "folder.csv"))).message).toContain("is a folder");
    await symlink("/dev/zero", join(path, "device.csv"));
    expect((await refusal(read(folder, "device.csv"))).message).toContain("leads out");
    const server = createServer().listen(join(path, "socket.csv"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect((await refusal(read(folder, "socket.csv"))).message).toContain("is not a regular file");
    await new Promise((resolve) => server.close(resolve));
  });

  it("refuses a pipe at once, without waiting for somebody to write to it", async () => {
    execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', join(path, "pipe.csv")]);
    expect((await refusal(read(folder, "pipe.csv"))).message).toContain("is not a regular file");
  });

  it.each([
    ["an empty file", "", "is empty"],
    ["more than 64 MiB", "x".repeat(64 * 1024 * 1024 + 1), "larger than 64 MiB"],
  ])("refuses %s", async (_what, content, reason) => {
    await writeFile(join(path, "odd.csv"), content);
    expect((await refusal(read(folder, "odd.csv"))).message).toContain(reason);
  });

  it.skipIf(process.getuid?.() === 0)("refuses a file that it may not read", async () => {
    await chmod(join(path, "list.csv"), 0);
    expect((await refusal(read(folder, "list.csv"))).message).toContain("may not be read");
  });

  it("names at most ten files, none of them hidden, and none that could be taken for our own words", async () => {
    await rm(path, { recursive: true });
    await mkdir(path);
    expect((await refusal(read(folder, "x.csv"))).message).toContain(`Lists are read from ${path}, which is empty.`);
    await writeFile(join(path, ".hidden"), "");
    await writeFile(join(path, "a\n\u001b[31m.csv"), "");
    for (let count = 10; count < 22; count++) await writeFile(join(path, `list-${count}.csv`), list);
    const { message } = await refusal(read(folder, "x.csv"));
    expect(message).toContain('holds "a .csv", "list-10.csv", "list-11.csv"');
    expect(message).toContain('"list-18.csv" and 3 more.');
    expect(message).not.toMatch(/hidden|list-19|\p{Cc}/u);
  });
});

describe("the folder itself", () => {
  it("is made at first use, private and with the sample in it", async () => {
    const place = join(root, "Documents", "Batch Calls");
    const made = createDiskFolders([place], { sample: join(path, "list.csv") });
    await expect(stat(place)).rejects.toThrow("ENOENT");
    expect(await read(made, "list.csv")).toBe(list);
    expect((await stat(place)).mode & 0o777).toBe(0o700);
  });

  it("gets no sample when it was there before", async () => {
    const before = createDiskFolders([join(path, "june")], { sample: join(path, "list.csv") });
    expect((await refusal(read(before, "list.csv"))).message).toContain("does not exist");
  });

  it("that cannot be made is a problem that names it and its setting", async () => {
    const { code, message } = await refusal(read(createDiskFolders([join(path, "list.csv")]), "x.csv"));
    expect(code).toBe("unavailable");
    expect(message).toContain(join(path, "list.csv"));
    expect(message).toContain("BATCH_CALL_FILES_DIR");
  });
});

describe("writing to the folder", () => {
  it("makes a new file that only its owner can read", async () => {
    const file = await folder.write("results.csv", ["one"]);
    expect(file).toBe(join(path, "results.csv"));
    expect(await readFile(file, "utf8")).toBe("one");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("gives a name that is taken a number, also when it is asked for at once", async () => {
    const files = await Promise.all([folder.write("list.csv", ["two"]), folder.write("list.csv", ["three"])]);
    expect(files.toSorted()).toEqual([join(path, "list (2).csv"), join(path, "list (3).csv")]);
    expect(await readFile(join(path, "list.csv"), "utf8")).toBe(list);
  });

  it("shows a file only when it is whole, and leaves nothing of one that breaks off", async () => {
    async function* parts(): AsyncGenerator<string> {
      yield "one,";
      expect(await visible()).toEqual(["june", "list.csv"]);
      yield "two";
    }
    async function* broken(): AsyncGenerator<string> {
      yield "one";
      throw new Problem("unavailable", "the rest is away");
    }
    const visible = async () => (await readdir(path)).filter((name) => !name.startsWith("."));
    expect(await readFile(await folder.write("results.csv", parts()), "utf8")).toBe("one,two");
    expect((await refusal(folder.write("broken.csv", broken()))).message).toBe("the rest is away");
    expect(await readdir(path)).toEqual(["june", "list.csv", "results.csv"]);
  });

  it("never writes through a link, dangling or not", async () => {
    await symlink(join(root, "canary.csv"), join(path, "results.csv"));
    await symlink(join(root, "new.csv"), join(path, "results (2).csv"));
    expect(await folder.write("results.csv", ["one"])).toBe(join(path, "results (3).csv"));
    expect(await readFile(join(root, "canary.csv"), "utf8")).toBe(canary);
    expect(await readdir(root)).not.toContain("new.csv");
  });

  it.each([
    ["../canary.csv", "-canary.csv"],
    ["/etc/passwd.csv", "-etc-passwd.csv"],
    ["a\\b:c*?.csv", "a-b-c--.csv"],
    ["..csv", "results.csv"],
    ["", "results"],
    ["two\nlines\u202e.csv", "two lines.csv"],
    [`${"李".repeat(300)}.csv`, `${"李".repeat(69)}….csv`],
  ])("keeps %j inside, as a plain name", async (name, written) => {
    expect(await folder.write(name, ["x"])).toBe(join(path, written));
    expect(await readFile(join(root, "canary.csv"), "utf8")).toBe(canary);
  });
});
