import { createMcpHandler } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ServedCaller, ServedTools } from "../../src/mcp/served.ts";
import { buildServerFactory, servingOne } from "../../src/mcp/server.ts";
import { addNumbers, breakDown, createRecordingLog, refuse, serveExamples } from "./example-tools.ts";
import {
  type Answer,
  callOf,
  enveloped,
  headersFor,
  type Message,
  readAnswer,
  request,
  statelessRevision,
} from "./wire.ts";

/** Asks a server made for this one request, without any socket. */
async function ask(message: Message, served: ServedTools = serveExamples()): Promise<Answer> {
  const caller: ServedCaller = {
    principal: "local",
    owner: "local",
    access: { kind: "all" },
    takesForms: true,
    readsRoots: false,
  };
  const handler = createMcpHandler(buildServerFactory(served, servingOne(served, caller)));
  const body = JSON.stringify(enveloped(message));
  const headers = headersFor(message, statelessRevision);
  return readAnswer(await handler.fetch(new Request("http://localhost/mcp", { method: "POST", headers, body })));
}

/** The text of a tool's error. */
async function errorOf(message: Message, served?: ServedTools): Promise<string> {
  const { result } = await ask(message, served);
  expect(result).toMatchObject({ isError: true, content: [{ type: "text" }] });
  expect(result).not.toHaveProperty("structuredContent");
  return JSON.parse(JSON.stringify(result?.content))[0].text;
}

describe("tools/list", () => {
  it("describes a tool with its title, schemas and the hints of its effect", async () => {
    const { result } = await ask(request(1, "tools/list"), serveExamples({ tools: [addNumbers] }));
    expect(result?.tools).toEqual([
      {
        name: "add_numbers",
        title: "Add two numbers",
        description: "Adds two whole numbers.",
        inputSchema: {
          type: "object",
          properties: {
            a: { type: "integer", description: "First number." },
            b: { type: "integer", description: "Second number." },
          },
          required: ["a", "b"],
        },
        outputSchema: {
          type: "object",
          properties: { sum: { type: "integer", description: "Both numbers together." } },
          required: ["sum"],
        },
        annotations: { readOnlyHint: true, openWorldHint: true },
      },
    ]);
  });

  it("marks what can make a phone ring as destructive and what only writes as not", async () => {
    const { result } = await ask(request(1, "tools/list"), serveExamples({ tools: [breakDown, refuse] }));
    expect(result?.tools).toMatchObject([
      { annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true } },
      { annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true } },
    ]);
  });

  it("calls idempotent only what changes something and may be repeated", async () => {
    const again = { ...refuse, name: "refuse_again", idempotent: true };
    const { result } = await ask(request(1, "tools/list"), serveExamples({ tools: [addNumbers, refuse, again] }));
    const hints = z.array(z.object({ annotations: z.record(z.string(), z.boolean()) })).parse(result?.tools);
    expect(hints.map(({ annotations }) => annotations.idempotentHint)).toEqual([undefined, undefined, true]);
  });

  it("is the same to the byte every time", async () => {
    const served = serveExamples();
    const [first, second] = [await ask(request(1, "tools/list"), served), await ask(request(1, "tools/list"), served)];
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
  });
});

describe("tools/call", () => {
  it("answers with structure and with the same facts as text", async () => {
    const { result } = await ask(callOf(1, "add_numbers", { a: 2, b: 40 }));
    expect(result).toMatchObject({
      structuredContent: { sum: 42 },
      content: [{ type: "text", text: "The sum is 42." }],
    });
    expect(result).not.toHaveProperty("isError");
  });

  it("refuses an unknown argument by name, as invalid_input", async () => {
    const text = await errorOf(callOf(1, "add_numbers", { a: 1, b: 2, carry: 3 }));
    expect(text).toMatch(/^invalid_input: /);
    expect(text).toContain("carry");
  });

  it("treats left out arguments as none and names those that are needed", async () => {
    const text = await errorOf(request(1, "tools/call", { name: "add_numbers" }));
    expect(text).toMatch(/^invalid_input: /);
    expect(text).toMatch(/^- a: /m);
    expect(text).toMatch(/^- b: /m);
  });

  it("answers an unknown tool with a protocol error", async () => {
    const answer = await ask(callOf(1, "dial_everyone"));
    expect(answer.error).toMatchObject({ code: -32602, message: expect.stringContaining("dial_everyone") });
  });

  it.each(["__proto__", "constructor", "toString"])("takes %s for no tool", async (name) => {
    expect((await ask(callOf(1, name))).error).toMatchObject({ code: -32602 });
  });

  it("passes a problem on with its issues", async () => {
    expect(await errorOf(callOf(1, "refuse", { issues: 2 }))).toBe(
      "invalid_input: Nothing was created.\n- rows 1, 2, to_number: too short.",
    );
  });

  it("tells nothing of a defect but the reference under which the log has all of it", async () => {
    const { log, lines } = createRecordingLog();
    const text = await errorOf(callOf(1, "break_down"), serveExamples({ log }));
    expect(text).toMatch(/^internal: /);
    expect(text).not.toContain("s3cr3t");
    const reference = /\(reference (\w+)\)/.exec(text)?.[1];
    expect(reference).toBeDefined();
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`${reference}.*TypeError: cannot read the secret s3cr3t`)),
    ]);
  });

  it("holds back an output that its schema does not allow", async () => {
    const { log, lines } = createRecordingLog();
    expect(await errorOf(callOf(1, "break_promise"), serveExamples({ log }))).toMatch(/^internal: /);
    expect(lines).toHaveLength(1);
  });

  it("treats a context that cannot be made as a defect of ours", async () => {
    const makeContext = () => {
      throw new Error("s3cr3t");
    };
    expect(await errorOf(callOf(1, "add_numbers", { a: 1, b: 2 }), serveExamples({ makeContext }))).not.toContain(
      "s3cr3t",
    );
  });
});
