import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clients, configPath } from "../../src/setup/clients.ts";
import { entryOfThisCopy } from "../../src/setup/entry.ts";

function pathOf(id: string, os: NodeJS.Platform, env: Record<string, string> = {}): string | undefined {
  const client = clients.find((each) => each.id === id);
  return client && configPath(client, { os, env });
}

describe("where a client's file is", () => {
  it.each([
    ["claude-desktop", "darwin", {}, ["Library", "Application Support", "Claude", "claude_desktop_config.json"]],
    ["claude-desktop", "win32", {}, ["AppData", "Roaming", "Claude", "claude_desktop_config.json"]],
    ["vscode", "linux", {}, [".config", "Code", "User", "mcp.json"]],
    ["zed", "freebsd", {}, [".config", "zed", "settings.json"]],
    ["codex", "win32", {}, [".codex", "config.toml"]],
  ] as const)("%s on %s", (id, os, env, parts) => {
    expect(pathOf(id, os, env)).toBe(join(homedir(), ...parts));
  });

  it("goes by the variables that move it", () => {
    expect(pathOf("codex", "linux", { CODEX_HOME: "/c" })).toBe(join("/c", "config.toml"));
    expect(pathOf("claude-code", "darwin", { CLAUDE_CONFIG_DIR: "/c" })).toBe(join("/c", ".claude.json"));
    expect(pathOf("zed", "linux", { XDG_CONFIG_HOME: "/x" })).toBe(join("/x", "zed", "settings.json"));
    expect(pathOf("cursor", "win32", { APPDATA: "/roaming" })).toBe(join(homedir(), ".cursor", "mcp.json"));
    expect(pathOf("vscode", "win32", { APPDATA: "/roaming" })).toBe(join("/roaming", "Code", "User", "mcp.json"));
    expect(pathOf("n8n", "linux")).toBeUndefined();
  });
});

describe("the entry that setup writes", () => {
  const copy = { node: "/opt/node", version: "1.2.3" };

  it("runs these files with this Node", () => {
    expect(entryOfThisCopy({ ...copy, script: "/opt/x/bin/batch-call-mcp.cjs", os: "linux" })).toEqual({
      command: "/opt/node",
      args: ["/opt/x/bin/batch-call-mcp.cjs"],
      env: {},
    });
  });

  it("fetches this version where npx has the files in a folder that it may empty, on Windows through its shell", () => {
    const script = join("/home/a/.npm", "_npx", "0f1e", "node_modules", "batch-call-mcp", "bin", "batch-call-mcp.cjs");
    expect(entryOfThisCopy({ ...copy, script, os: "darwin" })).toMatchObject({
      command: "npx",
      args: ["-y", "batch-call-mcp@1.2.3"],
    });
    expect(entryOfThisCopy({ ...copy, script, os: "win32" })).toMatchObject({
      command: "cmd",
      args: ["/c", "npx", "-y", "batch-call-mcp@1.2.3"],
    });
  });
});
