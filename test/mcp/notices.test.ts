import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { noticeTeller } from "../../src/lib/notices.ts";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { selectPrompts } from "../../src/prompts/index.ts";
import { selectResources } from "../../src/resources/index.ts";
import { defineTool } from "../../src/tools/tool.ts";
import { breakDown, serveExamples } from "./example-tools.ts";
import { closeAll, closeLater, post, start } from "./http-world.ts";
import { callOf, createPipe, enveloped, initialize, initialized, type Message, request } from "./wire.ts";

afterEach(closeAll);

const levels = ["info", "notice", "warning", "error"] as const;

/** Tells one notice of each level, and one more when its call is over. */
function createTeller() {
  let tellLate = (): void => {};
  const tool = defineTool({
    name: "tell_all",
    title: "Tell a notice of each level",
    description: "Tells.",
    toolset: "account",
    effect: "reads",
    idempotent: true,
    input: z.strictObject({}),
    output: z.object({}),
    run: async () => {
      const tell = noticeTeller();
      for (const level of levels) tell?.(level, `This is ${level}.`);
      tellLate = () => tell?.("error", "This is too late.");
      return {};
    },
    summarize: () => "Told.",
  });
  return { tool, tellLate: () => tellLate() };
}

const everything = { isReadOnly: false };
const offered = { resources: selectResources(everything), prompts: selectPrompts(everything) };

function open() {
  const teller = createTeller();
  const pipe = createPipe();
  const ending = new AbortController();
  const over = serveOverStdio({
    ...serveExamples({ ...offered, tools: [teller.tool, breakDown] }),
    ...pipe,
    signal: ending.signal,
  });
  closeLater(async () => {
    ending.abort();
    await over;
  });
  return { pipe, tellLate: teller.tellLate };
}

/** Level and text of every notice in what came out. */
function noticesIn(lines: readonly string[]): readonly string[] {
  const messages = lines.map((line): Record<string, unknown> => JSON.parse(line));
  return messages.flatMap(({ method, params }) => {
    if (method !== "notifications/message") return [];
    const { level, data, logger } = z.object({ level: z.string(), data: z.string(), logger: z.string() }).parse(params);
    expect(logger).toBe("batch-call-mcp");
    return [`${level}: ${data}`];
  });
}

const whole = levels.map((level) => `${level}: This is ${level}.`);

it("a client of an older protocol hears over stdio from the level on that it set, and everything before", async () => {
  const { pipe, tellLate } = open();
  pipe.send(initialize(1, "2025-11-25"));
  expect((await pipe.answerTo(1)).result).toMatchObject({ capabilities: { logging: {} } });
  pipe.send(initialized);
  pipe.send(callOf(2, "tell_all"));
  await pipe.answerTo(2);
  expect(noticesIn(pipe.arrived)).toEqual(whole);
  tellLate();
  pipe.send(request(3, "logging/setLevel", { level: "warning" }));
  expect((await pipe.answerTo(3)).result).toEqual({});
  pipe.send(callOf(4, "tell_all"));
  await pipe.answerTo(4);
  expect(noticesIn(pipe.arrived).slice(whole.length)).toEqual(whole.slice(2));
});

it.each<[string, Record<string, unknown>]>([
  ["logging/setLevel", { level: "loud" }],
  ["resources/read", { uri: 7 }],
  ["resources/subscribe", {}],
  ["resources/unsubscribe", {}],
  ["prompts/get", { name: 1 }],
  ["completion/complete", { ref: "agents" }],
])("%s with parameters that it does not have is the caller's fault", async (method, params) => {
  const { pipe } = open();
  pipe.send(initialize(1, "2025-11-25"));
  await pipe.answerTo(1);
  pipe.send(request(2, method, params));
  expect((await pipe.answerTo(2)).error).toMatchObject({ code: -32602 });
});

it("what fails inside is told by its reference alone", async () => {
  const { pipe } = open();
  pipe.send(initialize(1, "2025-11-25"));
  await pipe.answerTo(1);
  pipe.send(callOf(2, "break_down"));
  await pipe.answerTo(2);
  const [notice] = noticesIn(pipe.arrived);
  expect(notice).toMatch(/^error: break_down failed on this server; its log says why at reference [0-9a-f]{8}\.$/);
});

function withLevel(message: Message, level?: string): Message {
  const { params, ...rest } = enveloped(message);
  const meta = {
    ...z.looseObject({}).parse(params?.["_meta"]),
    ...(level && { "io.modelcontextprotocol/logLevel": level }),
  };
  return { ...rest, params: { ...params, _meta: meta } };
}

it("since 2026-07-28 each request says from which level on, and hears nothing without, over stdio", async () => {
  const { pipe } = open();
  pipe.send(withLevel(request(1, "server/discover")));
  expect((await pipe.answerTo(1)).result).toMatchObject({ capabilities: { logging: {} } });
  pipe.send(withLevel(callOf(2, "tell_all")));
  await pipe.answerTo(2);
  expect(noticesIn(pipe.arrived)).toEqual([]);
  pipe.send(withLevel(callOf(3, "tell_all"), "notice"));
  await pipe.answerTo(3);
  expect(noticesIn(pipe.arrived)).toEqual(whole.slice(1));
});

const dataLines = (text: string): readonly string[] =>
  text.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice("data: ".length)] : []));

it("since 2026-07-28 the same over HTTP, on the stream of the request", async () => {
  const url = await start({ tools: [createTeller().tool] });
  const message = callOf(1, "tell_all");
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "tell_all",
  };
  const ask = (level?: string) =>
    fetch(url, { method: "POST", headers, body: JSON.stringify(withLevel(message, level)) });
  expect(noticesIn(dataLines(await (await ask("error")).text()))).toEqual(whole.slice(3));
  expect(noticesIn(dataLines(await (await ask()).text()))).toEqual([]);
});

it("over HTTP an older protocol has no level that is remembered, so none is offered and nothing is told", async () => {
  const url = await start({ tools: [createTeller().tool] });
  const opened = await post(url, initialize(1, "2025-11-25"), "2025-11-25");
  expect(await opened.text()).not.toContain("logging");
  const answer = await post(url, callOf(2, "tell_all"), "2025-11-25");
  expect(await answer.text()).not.toContain("notifications/message");
  const refused = await post(url, request(3, "logging/setLevel", { level: "error" }), "2025-11-25");
  expect(await refused.text()).toContain("-32601");
});
