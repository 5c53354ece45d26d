import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { Log } from "../../src/lib/log.ts";
import { json, raw, reset, type Step } from "./scripted-server.ts";
import { apiKey, apiSecret, batch, connect, plan, problemOf, serve } from "./support.ts";

function failure(error: string): Step {
  return json(400, { message: "Validation error", status: "error", error });
}

describe("what the API refuses becomes", () => {
  test.each([
    [400, {}, "invalid_input"],
    [400, { message: "Validation error", status: "error", error: "name is too long" }, "invalid_input"],
    [
      400,
      { message: "Validation error", status: "error", error: "Cannot execute batch call with status COMPLETED" },
      "wrong_state",
    ],
    [
      400,
      { message: "Validation error", status: "error", error: "Cannot delete batch call with status SENT" },
      "wrong_state",
    ],
    [400, { message: "Invalid status transition or validation error", status: "error" }, "wrong_state"],
    [401, {}, "unauthorized"],
    [403, {}, "unauthorized"],
    [403, { error: "Invalid API key" }, "unauthorized"],
    [403, { error: "Phone number +14155550100 does not belong to your organization" }, "invalid_input"],
    [404, { message: "Batch call not found", status: "error", error: "Batch call does not exist" }, "not_found"],
    [405, {}, "unsupported"],
    [409, {}, "wrong_state"],
    [413, {}, "invalid_input"],
    [422, {}, "invalid_input"],
  ])("%i %j: %s, for reads and writes alike, and nothing is repeated", async (status, body, code) => {
    const server = await serve(json(status, body));
    const { api } = connect(server.url);
    expect(await problemOf(api.getBatch("batch_1"))).toMatchObject({ code });
    expect(await problemOf(api.executeBatch("batch_1"))).toMatchObject({ code });
    expect(await problemOf(api.createDraft(plan, "key-1"))).toMatchObject({ code });
    expect(server.seen).toHaveLength(3);
  });

  test("C5: an error in a 200 is a refusal, but a flat batch that failed is a batch", async () => {
    const server = await serve(
      json(200, { message: "Validation error", status: "error", error: "Cannot execute batch call with status SENT" }),
      json(200, { ...batch, status: "failed", error: "no credit" }),
    );
    const { api } = connect(server.url);
    expect(await problemOf(api.executeBatch("batch_1"))).toMatchObject({ code: "wrong_state" });
    expect(await api.getBatch("batch_1")).toMatchObject({ status: "failed" });
  });
});

describe("the API's own words", () => {
  const messageFor = async (error: string) => {
    const server = await serve(failure(error));
    return (await problemOf(connect(server.url).api.executeBatch("batch_1"))).message;
  };

  test("are quoted", async () => {
    expect(await messageFor("name is too long")).toBe(
      'The API refused the request (400). It said: "name is too long". Nothing changed.',
    );
  });

  test("are cut, and come without control characters", async () => {
    const message = await messageFor(`\u001b[31mred\u202e ${"x".repeat(5_000)}`);
    expect(message).toContain('"red xxx');
    expect(message.length).toBeLessThan(400);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test.each([
    ["as they are", `Unknown key ${apiKey} with ${apiSecret}`],
    [
      "with an invisible character inside",
      `Unknown key sk_\u200b${apiKey.slice(3)} with ${apiSecret.slice(0, 5)}\u00ad${apiSecret.slice(5)}`,
    ],
    ["where the text is cut", `${"x".repeat(288)} ${apiKey}${apiSecret}`],
  ])("come without the keys, should they be in it %s", async (_how, text) => {
    const message = await messageFor(text);
    expect(message).not.toContain("canary");
    expect(message).toContain("[secret]");
  });
});

describe("the keys", () => {
  test.each([401, 403])(
    "that the API refuses (%i): the settings, what tries them, and that a restart reads them",
    async (status) => {
      const server = await serve(json(status, { error: "Invalid API key" }));
      const { api } = connect(server.url);
      for (const asked of [api.getBatch("batch_1"), api.executeBatch("batch_1")]) {
        const { message } = await problemOf(asked);
        expect(message).toMatch(/Nothing changed\. Check BATCH_CALL_API_KEY and BATCH_CALL_API_SECRET/);
        expect(message).toMatch(/`batch-call-mcp doctor`.*restart this server\.$/);
      }
    },
  );

  test.each([
    [
      "Phone number +14155550100 does not belong to your organization",
      /Nothing changed\. Look with list_phone_numbers/,
      /KEY/,
    ],
    ["from_number not allowed", /Nothing changed\. Look with list_phone_numbers/, /KEY/],
    ["Agent agent_9 is of another organization", /Nothing changed\. Look with list_phone_numbers/, /KEY/],
    ["The secret is wrong", /Nothing changed\. Check BATCH_CALL_API_KEY/, /list_phone_numbers/],
    [
      "Forbidden",
      /Either what it names is of another account.*list_phone_numbers.*Check BATCH_CALL_API_KEY/,
      /nothing else/,
    ],
    [
      "This API key may not use that caller id",
      /Either what it names is of another account.*Check BATCH_CALL_API_KEY/,
      /nothing else/,
    ],
  ])("are not blamed by a 403 for something else: %s", async (error, words, not) => {
    const { api } = connect((await serve(json(403, { error }))).url);
    const { message } = await problemOf(api.createDraft(plan, "key-1"));
    expect(message).toMatch(words);
    expect(message).not.toMatch(not);
  });

  test("go with every request, in both headers", async () => {
    const server = await serve(json(200, batch));
    const { api } = connect(server.url);
    await api.getBatch("batch_1");
    await api.createDraft(plan, "key-1");
    for (const { headers } of server.seen) {
      expect(headers).toMatchObject({ "x-api-key": apiKey, "x-api-secret": apiSecret });
    }
  });

  test("are in no problem and in no line of the log", async () => {
    const lines: string[] = [];
    const write = (fields: object, message: string) => lines.push(inspect(fields, { depth: 9 }) + message);
    const log: Log = { debug: write, info: write, warn: write, error: write };
    for (const step of [reset, raw(401, ""), raw(302, "", { location: "/" }), raw(200, "junk")]) {
      const { api } = connect((await serve(step)).url, { log });
      const problem = await problemOf(api.executeBatch("batch_1"));
      expect(inspect(problem, { depth: 9, showHidden: true }) + JSON.stringify(problem) + problem.stack).not.toContain(
        "canary",
      );
    }
    expect(lines.join("\n")).toContain("/batch-call/:id/execute");
    expect(lines.join("\n")).not.toContain("canary");
  });

  test.each(["", "sk_with a space", "sk_line\nbreak", "sk_ümlaut"])(
    "that no header can carry (%j) are named as the fault",
    async (value) => {
      const { Secret } = await import("../../src/domain/secret.ts");
      const server = await serve(json(200, batch));
      const { api } = connect(server.url, { apiKey: new Secret(value) });
      const problem = await problemOf(api.createDraft(plan, "key-1"));
      expect(problem).toMatchObject({ code: "unauthorized", message: expect.stringContaining("BATCH_CALL_API_KEY") });
      expect(server.seen).toHaveLength(0);
    },
  );
});
