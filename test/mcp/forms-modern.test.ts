import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { ToolCaller } from "../../src/mcp/served.ts";
import type { ToolContext } from "../../src/tools/tool.ts";
import { serveOne } from "../support/http/serve-one.ts";
import { createAskingTool } from "./asking-tool.ts";
import { serveExamples } from "./example-tools.ts";
import { closeAll, start, token } from "./http-world.ts";
import { type Answer, enveloped, headersFor, readAnswer, request, statelessRevision } from "./wire.ts";

afterEach(async () => {
  vi.useRealTimers();
  await closeAll();
});

type Retry = { readonly requestState?: unknown; readonly inputResponses?: unknown };

const accepted = { launch: { action: "accept", content: { recipients: 42, agree: true } } };
const formIsOut = z.object({
  resultType: z.literal("input_required"),
  inputRequests: z.object({ launch: z.object({ method: z.literal("elicitation/create") }) }),
  requestState: z.string(),
});

/** Serves the tool over HTTP. `call` makes a call of it in protocol 2026-07-28, as a client with forms does. */
async function serveAsk(
  asking = createAskingTool(),
  capabilities: object = { elicitation: { form: {} } },
  options = {},
) {
  const url = await start({ tools: [asking.tool], token, takesForms: true, ...options });
  const call = async (args: object = {}, retry: Retry = {}): Promise<Answer> => {
    const message = enveloped(request(1, "tools/call", { name: "ask", arguments: args, ...retry }), capabilities);
    const headers = { ...headersFor(message, statelessRevision), Authorization: `Bearer ${token}` };
    return readAnswer(await fetch(url, { method: "POST", headers, body: JSON.stringify(message) }));
  };
  return { asking, call };
}

function stateOf({ result }: Answer): string {
  return formIsOut.parse(result).requestState;
}

it("a call is answered with the form, and once more with what came of it", async () => {
  const { asking, call } = await serveAsk();
  const requestState = stateOf(await call({ batch: "b" }));
  expect(asking.answers).toEqual([]);
  expect((await call({ batch: "b" }, { requestState, inputResponses: accepted })).result).toMatchObject({
    resultType: "complete",
    structuredContent: { answer: { kind: "accepted", typedRecipients: 42 } },
  });
});

/** Without a token nothing but reading is served, unless calls are simulated. */
const simulated = { makeContext: toSimulated };

function toSimulated(caller: ToolCaller): ToolContext {
  const environment = async () => "simulated" as const;
  const context = serveExamples().makeContext(caller);
  return { ...context, api: { ...context.api, environment } };
}

it.each([{ takesForms: false }, { takesForms: false, token: undefined, ...simulated }])(
  "a caller that says it has forms cannot answer for a person where the operator has not allowed it (%o)",
  async (options) => {
    const { asking, call } = await serveAsk(createAskingTool(), undefined, options);
    expect((await call()).result).toMatchObject({ structuredContent: { answer: { kind: "unsupported" } } });
    expect(asking.answers).toEqual([{ kind: "unsupported" }]);
  },
);

it("two bare requests, of which the second answers the form of another server, agree to nothing", async () => {
  const { call: askThere } = await serveAsk();
  const requestState = stateOf(await askThere());
  for (const options of [{ takesForms: false, token: undefined, ...simulated }, { takesForms: false }]) {
    const { asking, call } = await serveAsk(createAskingTool(), undefined, options);
    await call();
    for (const state of [{}, { requestState }]) await call({}, { ...state, inputResponses: accepted });
    expect(asking.answers.filter(({ kind }) => kind !== "unsupported")).toEqual([]);
  }
});

it("forms over HTTP are refused to a server without a token", async () => {
  const options = { ...serveExamples(), host: "127.0.0.1", port: 0, takesForms: true };
  await expect(serveOne(options)).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(/BATCH_CALL_APPROVAL is form.*Set BATCH_CALL_HTTP_TOKEN/),
  });
});

it("a client that says nothing of forms gets none", async () => {
  for (const capabilities of [{}, { elicitation: { url: {} } }]) {
    const { call } = await serveAsk(createAskingTool(), capabilities);
    expect((await call()).result).toMatchObject({ structuredContent: { answer: { kind: "unsupported" } } });
  }
});

describe("an answer", () => {
  const refused = {
    isError: true,
    content: [{ text: expect.stringMatching(/^invalid_input: .*Nobody was called/) }],
  };

  it("is refused with other arguments than the person was asked about", async () => {
    const { asking, call } = await serveAsk();
    const requestState = stateOf(await call({ batch: "a" }));
    for (const args of [{ batch: "b" }, {}, { batch: "a", until: 1 }])
      expect((await call(args, { requestState, inputResponses: accepted })).result).toMatchObject(refused);
    expect(asking.answers).toEqual([]);
  });

  it("is refused with a state that was changed, made up, or is of another server", async () => {
    const { asking, call } = await serveAsk();
    const other = await serveAsk();
    const state = stateOf(await call());
    const foreign = stateOf(await other.call());
    const changed = [state.replace("v1.", "v1.A"), `${state.slice(0, -6)}AAAAAA`, "", "f1"];
    for (const requestState of [...changed, foreign, { call: "x", fingerprint: "f1" }, 1, ["f1"], null])
      expect((await call({}, { requestState, inputResponses: accepted })).error).toMatchObject({ code: -32602 });
    expect(asking.answers).toEqual([]);
  });

  it("without a question is no answer: the person is asked", async () => {
    const { asking, call } = await serveAsk();
    stateOf(await call({}, { inputResponses: accepted }));
    expect(asking.answers).toEqual([]);
  });

  it("to what was another launch is no answer: the person is asked about this one", async () => {
    const asking = createAskingTool((run) => ({ fingerprint: run === 1 ? "f1" : "f2" }));
    const { call } = await serveAsk(asking);
    const first = stateOf(await call());
    const second = stateOf(await call({}, { requestState: first, inputResponses: accepted }));
    expect(asking.answers).toEqual([]);
    await call({}, { requestState: second, inputResponses: accepted });
    expect(asking.answers).toEqual([{ kind: "accepted", typedRecipients: 42 }]);
  });

  it.each([
    ["is missing", undefined],
    ["is to something else", { other: accepted.launch }],
    ["is wrapped in another message", { launch: { method: "elicitation/create", result: accepted.launch } }],
    ["is text", { launch: "accept" }],
  ])("that %s closes the form", async (_what, inputResponses) => {
    const { call } = await serveAsk();
    const requestState = stateOf(await call());
    const { result } = await call({}, { requestState, ...(inputResponses && { inputResponses }) });
    expect(result).toMatchObject({ structuredContent: { answer: { kind: "closed" } } });
  });

  it("comes too late after ten minutes", async () => {
    const { call } = await serveAsk();
    vi.useFakeTimers({ toFake: ["Date"], now: new Date() });
    const requestState = stateOf(await call());
    vi.setSystemTime(Date.now() + 10 * 60_000 + 1_000);
    expect((await call({}, { requestState, inputResponses: accepted })).result).toMatchObject({
      structuredContent: { answer: { kind: "closed" } },
    });
  });
});
