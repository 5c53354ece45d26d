import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContactFolders } from "../../src/contacts/contact-folders.ts";
import { createDiskFolders } from "../../src/contacts/disk-folders.ts";
import { Problem } from "../../src/domain/problem.ts";

const home = process.env["HOME"];
let root: string;
let own: string;
let project: string;
let dataDir: string;
let folders: ContactFolders;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "contacts-"));
  own = join(root, "own");
  project = join(root, "ann", "project");
  dataDir = join(root, "ann", "share", "data");
  for (const folder of [own, project, join(dataDir, "uploads")]) await mkdir(folder, { recursive: true });
  for (const file of ["own/both.csv", "ann/project/both.csv", "ann/project/leads.csv", "ann/canary.csv", "canary.csv"])
    await writeFile(join(root, file), `Phone\n${file}\n`);
  await writeFile(join(dataDir, "canary.csv"), "Phone\ncanary\n");
  await writeFile(join(dataDir, "uploads", "canary.csv"), "Phone\ncanary\n");
  process.env["HOME"] = join(root, "ann");
  folders = createDiskFolders([own], { dataDir });
});
afterEach(async () => {
  process.env["HOME"] = home;
  await rm(root, { recursive: true, force: true });
});

async function read(name: string, ...paths: readonly string[]): Promise<string> {
  let text = "";
  for await (const chunk of (await folders.open(name, { paths })).open()) text += Buffer.from(chunk).toString();
  return text;
}

async function refusal(action: Promise<unknown>): Promise<string> {
  const outcome = await action.catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome.message;
  throw new Error(`expected a refusal, got ${String(outcome)}`);
}

describe("folders that a client offers", () => {
  it("are read from beside the operator's, for this call only", async () => {
    expect(await read("leads.csv", project)).toContain("ann/project/leads.csv");
    expect(await read(join(project, "leads.csv"), project)).toContain("ann/project/leads.csv");
    expect(await read("~/project/leads.csv", project)).toContain("ann/project/leads.csv");
    expect(await refusal(read("leads.csv"))).toContain("does not exist");
    expect(await refusal(read(join(project, "leads.csv")))).toContain("is outside of the folder");
  });

  it("are held to the same rules: a name that two have is refused with both, and no link leads out", async () => {
    expect(await refusal(read("both.csv", project))).toContain(
      `may mean "${join(own, "both.csv")}" and "${join(project, "both.csv")}"`,
    );
    await symlink(join(root, "ann", "canary.csv"), join(project, "link.csv"));
    expect(await refusal(read("link.csv", project))).toContain("is a link that leads out of the folders");
    expect(await refusal(read("../canary.csv", project))).toContain("leads out");
  });

  it("are named in errors with what they hold; what is not there or no folder is not", async () => {
    const message = await refusal(read("lead.csv", project, join(root, "gone"), join(project, "leads.csv")));
    expect(message).toContain('does not exist (did you mean "leads.csv"?)');
    expect(message).toContain(`; and from ${project}, which holds "both.csv", "leads.csv".`);
    expect(message).not.toMatch(/gone|not read from/);
  });

  it("are never written to", async () => {
    await read("leads.csv", project);
    expect(await folders.write("results.csv", ["x"])).toBe(join(own, "results.csv"));
  });

  it.each([
    ["the whole file system", () => "/", "it holds the home directory"],
    ["the home directory", () => join(root, "ann"), "it holds the home directory"],
    ["a folder of all homes", () => root, "it holds the home directory"],
    ["a link to the home directory", () => join(root, "link"), "it holds the home directory"],
    ["the data directory", () => dataDir, "it holds the data directory"],
    ["a folder that holds the data directory", () => dirname(dataDir), "it holds the data directory"],
    ["a folder in the data directory", () => join(dataDir, "uploads"), "it lies in the data directory"],
  ])("are not read from where they open too much: %s", async (_what, offer, why) => {
    await symlink(join(root, "ann"), join(root, "link"));
    for (const name of ["canary.csv", join(offer(), "canary.csv")]) {
      const message = await refusal(read(name, offer()));
      expect(message).toContain(`The client's root ${offer()} is not read from: ${why}`);
      expect(message).toContain(`Lists are read from ${own}, which holds "both.csv". `);
    }
    expect(await read("both.csv", offer())).toContain("own/both.csv");
  });

  it("and trouble with them is said where a file is not found, and stops nobody who needs none", async () => {
    const offered = { paths: [], trouble: "The client was silent." };
    expect(await refusal(folders.open("leads.csv", offered))).toMatch(
      /which holds "both\.csv"\. The client was silent\.$/,
    );
    expect((await folders.open("both.csv", offered)).fileName).toBe("both.csv");
  });

  it("count for nothing where nobody said which records of this server they must not hold", async () => {
    folders = createDiskFolders([own]);
    expect(await refusal(read("leads.csv", project))).toContain("does not exist");
  });
});
