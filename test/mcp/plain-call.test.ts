import type { JSONRPCRequest } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { z } from "zod";
import { silentLog } from "../../src/lib/log.ts";
import { FormStates } from "../../src/mcp/form-state.ts";
import { answerPlainCall, plainlyCalled } from "../../src/mcp/plain-call.ts";
import { buildResourceWatch } from "../../src/mcp/server.ts";
import type { Asker } from "../../src/mcp/standing-server.ts";
import { defineTool, type ToolContext } from "../../src/tools/tool.ts";
import { serveExamples } from "./example-tools.ts";

/** Waits until it is let go on, and then tells how far it is before it ends. */
function waitingTool() {
  let letGo = (): void => {};
  const waits = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let given: ToolContext | undefined;
  const tool = defineTool({
    name: "wait",
    title: "Wait",
    description: "Waits.",
    toolset: "account",
    effect: "reads",
    idempotent: true,
    input: z.strictObject({}),
    output: z.object({ isDone: z.boolean() }),
    async run(_input, context) {
      given = context;
      await waits;
      context.progress?.(1, "half of it");
      return { isDone: true };
    },
    summarize: () => "done",
  });
  return { tool, letGo: () => letGo(), context: () => given };
}

function listen() {
  const told: unknown[] = [];
  let answered = (): void => {};
  const isAnswered = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const asker: Asker = {
    answer(text) {
      told.push(JSON.parse(text));
      answered();
    },
    tell: (text) => void told.push(JSON.parse(text)),
  };
  return { asker, told, isAnswered };
}

const request = (params: object): JSONRPCRequest => ({
  jsonrpc: "2.0",
  id: 7,
  method: "tools/call",
  params: { name: "wait", arguments: {}, ...params },
});

function ask(tool: ReturnType<typeof waitingTool>["tool"], message: JSONRPCRequest, asker: Asker) {
  const served = serveExamples();
  const caller = { principal: "ana", owner: "home", access: { kind: "all" } as const };
  const watch = buildResourceWatch(served, caller);
  const its = {
    caller: { ...caller, takesForms: true, readsRoots: false },
    makeContext: served.makeContext,
    watch,
    forms: new FormStates(),
  };
  return answerPlainCall(tool, message, its, asker, silentLog);
}

it("answers under the id of the request, after what it told on the way, and the caller is who asked", async () => {
  const { tool, letGo, context } = waitingTool();
  const { asker, told, isAnswered } = listen();
  ask(tool, request({ _meta: { progressToken: "t" } }), asker);
  letGo();
  await isAnswered;
  expect(told).toEqual([
    {
      jsonrpc: "2.0",
      method: "notifications/progress",
      params: { progressToken: "t", progress: 1, message: "half of it" },
    },
    {
      jsonrpc: "2.0",
      id: 7,
      result: { content: [{ type: "text", text: "done" }], structuredContent: { isDone: true } },
    },
  ]);
  expect(context()?.principal).toBe("ana");
});

it("a call that was given up ends its work and says nothing more", async () => {
  const { tool, letGo, context } = waitingTool();
  const { asker, told } = listen();
  const giveUp = ask(tool, request({ _meta: { progressToken: "t" } }), asker);
  while (!context()) await Promise.resolve();
  giveUp();
  expect(context()?.signal.aborted).toBe(true);
  letGo();
  // The other way round nobody could tell that nothing came: another call that is answered.
  const other = listen();
  ask(tool, request({}), other.asker);
  await other.isAnswered;
  expect(told).toEqual([]);
});

it("what is over cannot be given up", async () => {
  const { tool, letGo, context } = waitingTool();
  const { asker, isAnswered } = listen();
  const giveUp = ask(tool, request({}), asker);
  letGo();
  await isAnswered;
  giveUp();
  expect(context()?.signal.aborted).toBe(false);
});

it("takes calls of tools that are there, with nothing in them but the call", () => {
  const { tool } = waitingTool();
  const tools = new Map([[tool.name, tool]]);
  expect(plainlyCalled(request({}), tools)).toBe(tool);
  expect(plainlyCalled(request({ _meta: { progressToken: 1 } }), tools)).toBe(tool);
  expect(plainlyCalled(request({ name: "other" }), tools)).toBeUndefined();
  expect(plainlyCalled(request({ requestState: "signed" }), tools)).toBeUndefined();
  expect(plainlyCalled({ ...request({}), method: "tools/list" }, tools)).toBeUndefined();
});
