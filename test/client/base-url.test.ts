import { describe, expect, test } from "vitest";
import { parseBaseUrl } from "../../src/client/connection.ts";
import { json } from "./scripted-server.ts";
import { batch, connect, plan, problemOf, serve } from "./support.ts";

test.each([
  ["https://api.zudu.ai", "https://api.zudu.ai", ""],
  ["https://api.zudu.ai/", "https://api.zudu.ai", ""],
  ["https://proxy.example:8443/zudu/", "https://proxy.example:8443", "/zudu"],
  ["http://localhost:8080", "http://localhost:8080", ""],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080", ""],
  ["http://127.1:8080", "http://127.0.0.1:8080", ""],
  ["http://[::1]:8080", "http://[::1]:8080", ""],
])("%s is taken", (text, origin, prefix) => {
  expect(parseBaseUrl(text)).toEqual({ origin, prefix });
});

test.each([
  "http://api.zudu.ai",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "http://10.0.0.1",
  "http://0.0.0.0:8080",
  "http://[::2]",
  "ftp://localhost",
  "https://user:password@api.zudu.ai",
  "https://api.zudu.ai?key=1",
  "https://api.zudu.ai#x",
  "api.zudu.ai",
  "",
])("%s is refused", (text) => {
  expect(() => parseBaseUrl(text)).toThrow(/nothing was sent/);
});

test("a refused address is not shown with the password in it", () => {
  expect(() => parseBaseUrl("http://user:hunter2@api.zudu.ai")).toThrow(expect.not.stringContaining("hunter2"));
});

describe("C26: a base URL that ends in /api", () => {
  test.each(["/api", "/api/", ""])('"%s" leads to the same paths', async (suffix) => {
    const server = await serve(json(200, { data: { ...batch, agent_id: "agent_1" } }));
    const { api } = connect(`${server.url}${suffix}`);
    await api.getBatch("batch_1");
    await api.createDraft(plan, "key-1");
    await api.getAgent("agent_1");
    expect(server.seen.map((request) => request.url)).toEqual([
      "/batch-call/batch_1",
      "/batch-call",
      "/api/agents/agent_1/full",
    ]);
  });
});

test("nothing is sent over http to another machine", async () => {
  const { api } = connect("http://api.example.com");
  expect(await problemOf(api.getBatch("batch_1"))).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("https"),
  });
  expect(await problemOf(api.executeBatch("batch_1"))).toMatchObject({ code: "unavailable" });
  await expect(api.origin()).rejects.toThrow(/https/);
});

test("a path before the API's own is kept", async () => {
  const server = await serve(json(200, batch));
  await connect(`${server.url}/zudu`).api.getBatch("batch_1");
  expect(server.seen[0]?.url).toBe("/zudu/batch-call/batch_1");
});
