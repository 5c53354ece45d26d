import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Client, clients } from "../../src/setup/clients.ts";
import type { Entry } from "../../src/setup/entry.ts";
import { editJson } from "../../src/setup/json-config.ts";

const entry: Entry = { command: "npx", args: ["-y", "batch-call-mcp@1.2.3"], env: {} };

function formatOf(id: string) {
  const format = clients.find((client: Client) => client.id === id)?.config?.format;
  if (format?.kind !== "json") throw new Error(`${id} has no JSON`);
  return format;
}
const [cursor, vscode] = [formatOf("cursor"), formatOf("vscode")];

describe("an entry in a client's JSON", () => {
  it("is the whole of a file that is empty or not there", () => {
    for (const text of ["", "  \n", "{}"])
      expect(JSON.parse(editJson(text, cursor, entry))).toEqual({
        mcpServers: { "batch-call": { command: "npx", args: entry.args } },
      });
  });

  it("leaves every other byte as it was: entries, order, comments, tabs, ends of lines", () => {
    const ours =
      '\r\n\t\t"batch-call": {\r\n\t\t\t"type": "stdio",\r\n\t\t\t"command": "npx",\r\n\t\t\t"args": ["-y", "batch-call-mcp@1.2.3"]\r\n\t\t},';
    const [start, end] = [
      '\uFEFF{\r\n\t// mine\r\n\t"servers": { // all',
      '\r\n\t\t"other": { "command": "x" }, // keep\r\n\t},\r\n\t"inputs": [],\r\n}\r\n',
    ];
    expect(editJson(start + end, vscode, entry)).toBe(start + ours + end);
  });

  it("is the first of its kind in a file with other things, in that file's own style", () => {
    const text = '{\n    "theme": "dark"\n}\n';
    expect(editJson(text, cursor, entry)).toBe(
      '{\n    "mcpServers": {\n        "batch-call": {\n            "command": "npx",\n            "args": ["-y", "batch-call-mcp@1.2.3"]\n        }\n    },\n    "theme": "dark"\n}\n',
    );
    expect(JSON.parse(editJson('{"a":{"b":1},"mcpServers":{ "c":{}}}', cursor, entry))).toEqual({
      a: { b: 1 },
      mcpServers: { c: {}, "batch-call": { command: "npx", args: entry.args } },
    });
  });

  it("keeps the settings and switches of an entry that is there, and changes its command", () => {
    const text =
      '{"mcpServers":{"batch-call":{"command":"node","args":["old.js"],"env":{"BATCH_CALL_API_KEY":"k"},"disabled":true}}}';
    const after = JSON.parse(editJson(text, cursor, { ...entry, env: { BATCH_CALL_DEFAULT_COUNTRY: "US" } }));
    expect(after.mcpServers["batch-call"]).toEqual({
      command: "npx",
      args: entry.args,
      env: { BATCH_CALL_API_KEY: "k", BATCH_CALL_DEFAULT_COUNTRY: "US" },
      disabled: true,
    });
  });

  it("is the same text the second time", () => {
    const once = editJson('{\n    "mcpServers": {}\n}', cursor, entry);
    expect(editJson(once, cursor, entry)).toBe(once);
  });

  it.each([
    ['{"mcpServers": {\n  "a": }', /value expected at line 2, column 8/],
    ['{\n// mine\n"mcpServers": {}}', /a comment at line 2, column 1.*not known to read/],
    ['{"mcpServers": {},}', /line 1, column 19/],
    ["[]", /no JSON object/],
    ['{"mcpServers": []}', /"mcpServers" is no JSON object/],
    ['{"mcpServers": {"batch-call": 1}}', /"batch-call" is no JSON object/],
    ['{"mcpServers": {"batch-call": {"url": "http://127.0.0.1:3000/mcp"}}}', /reached over HTTP.*by hand/],
    ['{"mcpServers": {"__proto__": {}, "batch-call": []}}', /"batch-call" is no JSON object/],
    ['{"mcpServers": {}, "mcpServers": {"other": {}}}', /twice.*by hand/],
  ])("is refused for %s", (text, why) => {
    expect(() => editJson(text, cursor, entry)).toThrow(why);
  });

  it("is written beside comments and commas that VS Code reads", () => {
    expect(editJson('{ /* a */ "servers": { }, }', vscode, entry)).toContain("/* a */");
  });

  it("is the only thing that changes, in whatever JSON and however it is laid out", () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    const indent = fc.constantFrom(undefined, 2, 4, "\t");
    const check = (
      servers: Record<string, unknown>,
      others: Record<string, unknown>,
      space: string | number | undefined,
    ) => {
      const before = { ...others, mcpServers: servers };
      const text = JSON.stringify(before, null, space);
      const { "batch-call": ours, ...rest } = JSON.parse(editJson(text, cursor, entry)).mcpServers;
      expect(ours).toEqual({ command: "npx", args: entry.args });
      expect({ ...JSON.parse(editJson(text, cursor, entry)), mcpServers: rest }).toEqual(JSON.parse(text));
    };
    fc.assert(
      fc.property(members, members, indent, (servers, others, space) => check(servers, others, space)),
      { numRuns: 500 },
    );
  });
});
