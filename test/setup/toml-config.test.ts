import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/setup/entry.ts";
import { editToml } from "../../src/setup/toml-config.ts";

const codex = { kind: "toml", key: "mcp_servers" } as const;
const entry: Entry = { command: "npx", args: ["-y", "batch-call-mcp@1.2.3"], env: {} };
const block = '[mcp_servers.batch-call]\ncommand = "npx"\nargs = ["-y", "batch-call-mcp@1.2.3"]\n';

describe("an entry in a client's TOML", () => {
  it("stands at the end, and everything before it is as it was", () => {
    expect(editToml("", codex, entry)).toBe(block);
    const text = '# mine\nmodel = "x" # why\n\n[mcp_servers.other]\ncommand = "y"';
    expect(editToml(text, codex, entry)).toBe(`${text}\n\n${block}`);
    expect(editToml("a = 1979-05-27\r\n", codex, entry)).toBe(
      `a = 1979-05-27\r\n\r\n${block.replaceAll("\n", "\r\n")}`,
    );
  });

  it("takes a path of Windows and settings as they are", () => {
    const windows = {
      command: "C:\\Program Files\\node.exe",
      args: ["C:\\a b\\x.cjs"],
      env: { BATCH_CALL_DEFAULT_COUNTRY: "US" },
    };
    expect(parse(editToml("", codex, windows))).toEqual({ mcp_servers: { "batch-call": windows } });
  });

  it("changes the command of an entry that is there and keeps its other lines, tables and comments", () => {
    const text = `[mcp_servers."batch-call"] # ours\ncommand = "node"\nargs = [\n  "old.js",\n]\nstartup_timeout_sec = 30 # slow\n\n[mcp_servers.batch-call.env]\nBATCH_CALL_API_KEY = "k"\n\n[other]\na = 1\n`;
    const after = editToml(text, codex, entry);
    expect(after).toContain(
      '[mcp_servers."batch-call"] # ours\ncommand = "npx"\nargs = ["-y", "batch-call-mcp@1.2.3"]\nstartup_timeout_sec = 30 # slow\n',
    );
    expect(after).toContain('[mcp_servers.batch-call.env]\nBATCH_CALL_API_KEY = "k"\n\n[other]\na = 1\n');
    expect(editToml(after, codex, entry)).toBe(after);
  });

  it.each([
    ['a = 1\nb = "x', /line 2, column/],
    ['mcp_servers = { other = { command = "y" } }\n', /by hand/],
    ['[mcp_servers.batch-call]\ncommand = "node" # pinned\nargs = []\n', /comment.*by hand/],
    ['[mcp_servers]\nbatch-call = { command = "node", args = [] }\n', /by hand/],
    ['[mcp_servers.batch-call]\nurl = "http://127.0.0.1:3000/mcp"\n', /reached over HTTP.*by hand/],
  ])("is refused for %j", (text, why) => {
    expect(() => editToml(text, codex, entry)).toThrow(why);
  });
});
