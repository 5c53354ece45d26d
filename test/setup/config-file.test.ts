import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configDifference } from "../../src/setup/config-difference.ts";
import { planConfigChange, writeChange } from "../../src/setup/config-file.ts";

const format = { kind: "json", key: "mcpServers", takesComments: false, namesType: false } as const;
const entry = { command: "npx", args: ["-y", "batch-call-mcp@1.2.3"], env: {} };
const now = new Date("2026-11-28T12:00:00Z");

let home: string;
let path: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "batch-call-setup-"));
  path = join(home, "mcp.json");
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("a client's file", () => {
  it("is not written over what the client wrote since it was shown, and nothing of ours is left but the copy", async () => {
    await writeFile(path, "{}");
    const change = await planConfigChange(path, format, entry);
    await writeFile(path, '{"mcpServers":{"new":{"command":"x"}}}');
    await expect(writeChange(change, now)).rejects.toThrow(
      /was changed by another program just now\. Nothing was changed here/,
    );
    expect(await readFile(path, "utf8")).toBe('{"mcpServers":{"new":{"command":"x"}}}');
    expect((await readdir(home)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("is not written where one came to be meanwhile", async () => {
    const change = await planConfigChange(path, format, entry);
    await writeFile(path, "{}");
    await expect(writeChange(change, now)).rejects.toThrow(/another program/);
    expect(await readFile(path, "utf8")).toBe("{}");
  });

  it("is made with its folders, and no copy of what was not there", async () => {
    const deep = join(home, "a", "b", "mcp.json");
    expect(await writeChange(await planConfigChange(deep, format, entry), now)).toBeUndefined();
    expect(JSON.parse(await readFile(deep, "utf8")).mcpServers["batch-call"].command).toBe("npx");
    expect(await readdir(join(home, "a", "b"))).toEqual(["mcp.json"]);
  });

  it("has one copy for each time that it is changed", async () => {
    await writeFile(path, "{}");
    const first = await writeChange(await planConfigChange(path, format, entry), now);
    const later = await writeChange(
      await planConfigChange(path, format, { ...entry, command: "node" }),
      new Date(now.getTime() + 1000),
    );
    expect(await readFile(first ?? "", "utf8")).toBe("{}");
    expect(JSON.parse(await readFile(later ?? "", "utf8")).mcpServers["batch-call"].command).toBe("npx");
  });

  it("has another copy where two changes come within one second", async () => {
    await writeFile(path, "{}");
    await writeChange(await planConfigChange(path, format, entry), now);
    const second = await writeChange(await planConfigChange(path, format, { ...entry, command: "node" }), now);
    expect(second).toMatch(/\.before-batch-call-20261128T120000-2$/);
    expect(JSON.parse(await readFile(second ?? "", "utf8")).mcpServers["batch-call"].command).toBe("npx");
  });

  it("that is a link to nothing stays one, and nothing is made", async () => {
    await symlink(join(home, "gone.json"), path);
    await expect(planConfigChange(path, format, entry)).rejects.toThrow(/is a link to .*gone\.json, where no file is/);
    expect(await readdir(home)).toEqual(["mcp.json"]);
  });

  it("that is read-only is not changed, and may have the entry already", async () => {
    await writeFile(path, "{}", { mode: 0o444 });
    await expect(planConfigChange(path, format, entry)).rejects.toThrow(/is read-only\. Nothing was changed/);
    await chmod(path, 0o644);
    await writeChange(await planConfigChange(path, format, entry), now);
    await chmod(path, 0o444);
    const { before, after } = await planConfigChange(path, format, entry);
    expect(after).toBe(before);
  });

  it("that is a folder, or a link to itself, is said to be so in one line", async () => {
    await mkdir(path);
    await expect(planConfigChange(path, format, entry)).rejects.toThrow(
      /cannot be read \(EISDIR\)\. Nothing was changed/,
    );
    const loop = join(home, "loop.json");
    await symlink(loop, loop);
    await expect(planConfigChange(loop, format, entry)).rejects.toThrow(/cannot be read \(ELOOP\)/);
  });
});

describe("the difference that is shown", () => {
  it("is what goes and what comes, with two lines on either side and no neighbour's secret", () => {
    const before = [
      "1",
      "2",
      '"apiKey": "sk-1"',
      '"Authorization": "Bearer x"',
      "old",
      '"url": "keep"',
      "b",
      "c",
      "",
    ].join("\n");
    const after = before.replace("old", "new");
    expect(configDifference(before, after)).toEqual([
      '  "apiKey": "…"',
      '  "Authorization": "…"',
      "- old",
      "+ new",
      '  "url": "…"',
      "  b",
    ]);
    expect(configDifference("", "a\n")).toEqual(["+ a"]);
    expect(configDifference("a\nb\n", "a\nb\nc\n")).toEqual(["  a", "  b", "+ c"]);
  });

  it("of a file on one line shows what changes of it alone", () => {
    const before = '{"mcpServers":{"x":{"env":{"K":"sk-12345"}},"batch-call":{"command":"node-old","args":["-y"]}}}';
    expect(configDifference(before, before.replace("node-old", "node-new"))).toEqual([
      '- {"mcpServers":{"x":{"env":{"K":"…"}},"batch-call":{"command":"node-old","args":["-y"]}}}',
      '+ {"mcpServers":{"x":{"env":{"K":"…"}},"batch-call":{"command":"node-new","args":["-y"]}}}',
    ]);
  });

  it("leaves out the values of neighbours, whatever they are called", () => {
    for (const line of [
      'API_KEY = "sk-1"',
      "token = 'sk-1'",
      '  "x-api-key": "sk-1",',
      'env = { GITHUB_TOKEN = "sk-1", A = "b" }',
      '"args": ["--token", "sk-1"]',
      '"args": ["--api-key=sk-1"]',
    ])
      expect(configDifference(`${line}\n`, `${line}\nnew\n`).join("\n")).not.toContain("sk-1");
  });
});
