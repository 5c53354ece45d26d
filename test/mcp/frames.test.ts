import { describe, expect, test } from "vitest";
import { idInText, readFrame, refuseText } from "../../src/mcp/frames.ts";

const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "c", version: "1" } };
const call = (params: unknown) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params });

describe("what is no request is refused with the id that it has", () => {
  test.each([
    [null, null, /not null/],
    ["text", null, /not a string/],
    [{ id: 7, method: "ping" }, 7, /jsonrpc/],
    [{ jsonrpc: "1.0", id: "a", method: "ping" }, "a", /jsonrpc/],
    [{ jsonrpc: "2.0", id: 1.5, method: "ping" }, 1.5, /whole number/],
    [{ jsonrpc: "2.0", id: null, method: "ping" }, null, /whole number/],
    [{ jsonrpc: "2.0", id: {}, method: "ping" }, null, /whole number/],
    [{ jsonrpc: "2.0", id: 7 }, 7, /method/],
    [{ jsonrpc: "2.0", id: 7, method: 5 }, 7, /method/],
    [{ jsonrpc: "2.0", id: 5, method: "tools/list", params: null }, 5, /params is an object/],
    [{ jsonrpc: "2.0", id: 5, method: "tools/list", params: [] }, 5, /not a list/],
    [{ ...call({ name: "x", _meta: null }), id: 6 }, 6, /_meta/],
    [{ ...call({ name: "x", _meta: { progressToken: {} } }), id: 6 }, 6, /progressToken/],
  ])("%j", (value, id, words) => {
    expect(readFrame(value)).toMatchObject({
      refusal: { jsonrpc: "2.0", id, error: { code: -32600, message: expect.stringMatching(words) } },
    });
  });
});

describe("parameters that a method does not have are the caller's fault", () => {
  test.each([
    ["initialize", { protocolVersion: "2025-06-18", capabilities: {} }, /params\.clientInfo/],
    ["initialize", { ...hello, protocolVersion: 5 }, /params\.protocolVersion/],
    ["initialize", undefined, /params/],
    ["tools/list", { cursor: 5 }, /params\.cursor/],
    ["tools/call", { arguments: {} }, /params\.name/],
    ["tools/call", { name: "x", arguments: [] }, /params\.arguments/],
    ["tools/call", { name: "x", arguments: "a=1" }, /params\.arguments/],
    ["tools/call", undefined, /params/],
  ])("%s %j", (method, params, words) => {
    expect(readFrame({ jsonrpc: "2.0", id: 1, method, params })).toMatchObject({
      refusal: { id: 1, error: { code: -32602, message: expect.stringMatching(words) } },
    });
  });
});

test.each([null, "", undefined])("a tool's arguments may be %j", (given) => {
  const frame = readFrame(call({ name: "list_agents", arguments: given }));
  expect(frame).toEqual({ message: call({ name: "list_agents" }) });
});

test("a tool's arguments may be the text of an object", () => {
  const frame = readFrame(call({ name: "x", arguments: '{"a": 1}' }));
  expect(frame).toEqual({ message: call({ name: "x", arguments: { a: 1 } }) });
});

test("what can be read comes through as it was, and answers that nobody can read are not answered", () => {
  const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params: hello };
  const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
  const answer = { jsonrpc: "2.0", id: 3, result: {} };
  for (const value of [initialize, notification, answer, { jsonrpc: "2.0", id: 1, method: "unknown/method" }])
    expect(readFrame(value)).toEqual({ message: value });
  expect(readFrame({ jsonrpc: "2.0", id: null, error: "x" })).toBeUndefined();
});

test.each([
  ['{"jsonrpc":"2.0","id":5,"method":"tools/ca', 5],
  [' { "jsonrpc": "2.0", "id": "a-1", "method": {', "a-1"],
  ['{"method":"ping",,"jsonrpc":"2.0","id":8}', 8],
  ['{"method":"x","params":{"note":"\\"id\\":9"', null],
  ["{bad json", null],
  ['{"jsonrpc":"2.0","id":01,"method":"ping"}', null],
  ['{"jsonrpc":"2.0","id":"4\t7","method":"ping"}', null],
  ['{"jsonrpc":"2.0","id":9999999999999999,"method":{', null],
  ["", null],
])("the id in %j is %j", (text, id) => {
  expect(idInText(text)).toBe(id);
  expect(refuseText(text)).toMatchObject({ id, error: { code: -32700 } });
});
