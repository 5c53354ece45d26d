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

  const american: Entry = { ...entry, env: { BATCH_CALL_DEFAULT_COUNTRY: "US" } };
  const head = '[mcp_servers.batch-call]\ncommand = "npx"\nargs = ["-y", "batch-call-mcp@1.2.3"]\n';

  it.each([
    [
      "another country in a table",
      `${head}\n[mcp_servers.batch-call.env]\nBATCH_CALL_DEFAULT_COUNTRY = "GB"\nOTHER = "1" # kept\n\n[z]\na = 1\n`,
    ],
    ["another setting in a table", `${head}\n[mcp_servers.batch-call.env]\nOTHER = "1" # kept\n\n[z]\na = 1\n`],
    [
      "a table before the entry's own",
      `[mcp_servers.batch-call.env]\nBATCH_CALL_DEFAULT_COUNTRY = "GB"\nOTHER = "1"\n\n${head}`,
    ],
    ["another country on a line", `${head}env = { BATCH_CALL_DEFAULT_COUNTRY = "GB", OTHER = "1" }\n`],
    ["another setting on a line", `${head}env = { OTHER = "1" }\nstartup_timeout_sec = 30\n`],
    ["another command too", `${head.replace("npx", "node")}env = { OTHER = "1" }\r\n`],
  ])("has the settings that were asked for where the entry has %s, and says truly that it has them", (_name, text) => {
    const after = editToml(text, codex, american);
    expect(parse(after)).toMatchObject({
      mcp_servers: {
        "batch-call": { command: "npx", args: entry.args, env: { BATCH_CALL_DEFAULT_COUNTRY: "US", OTHER: "1" } },
      },
    });
    if (text.includes("# kept")) expect(after).toContain('OTHER = "1" # kept\n\n[z]\na = 1\n');
    expect(editToml(after, codex, american)).toBe(after);
    // Who asks for no country keeps the one that is there.
    expect(editToml(after, codex, entry)).toBe(after);
  });

  it("has the settings that were asked for where the entry has none", () => {
    expect(editToml(`${head}\n[z]\na = 1\n`, codex, american)).toBe(
      `${head}env = { BATCH_CALL_DEFAULT_COUNTRY = "US" }\n\n[z]\na = 1\n`,
    );
  });

  it.each([
    [`${head}env.BATCH_CALL_DEFAULT_COUNTRY = "GB"\n`, /by hand/],
    [`${head}env = { BATCH_CALL_DEFAULT_COUNTRY = "GB" } # ours\n`, /comment.*by hand/],
    [`${head}[mcp_servers.batch-call.env]\nBATCH_CALL_DEFAULT_COUNTRY = "GB" # ours\n`, /comment.*by hand/],
  ])("of which settings cannot be changed safely is refused: %j", (text, why) => {
    expect(() => editToml(text, codex, american)).toThrow(why);
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
