import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { modelDriver } from "./model-driver.ts";
import { requests } from "./requests/index.ts";
import { runRequest, type Verdict } from "./run-request.ts";
import { toTable } from "./verdict-table.ts";

type Asked = {
  readonly model: string;
  readonly system: string;
  readonly tools: readonly { readonly name: string; readonly description: string; readonly input_schema: object }[];
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
};
type Reply = { readonly content: readonly object[]; readonly stop_reason: string };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A stand-in of the Messages API that answers as the test says, and keeps what it was asked. */
async function standIn(answer: (asked: Asked) => Reply | number) {
  const asked: Asked[] = [];
  const headers: object[] = [];
  const server = createServer(async (request, response) => {
    const body: Asked = JSON.parse((await request.toArray()).join(""));
    asked.push(body);
    headers.push(request.headers);
    const reply = answer(body);
    response.writeHead(typeof reply === "number" ? reply : 200, { "content-type": "application/json" });
    const usage = { input_tokens: 100, output_tokens: 10 };
    response.end(
      JSON.stringify(typeof reply === "number" ? { error: { message: "no such key" } } : { ...reply, usage }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const baseUrl = typeof address === "object" ? `http://127.0.0.1:${address?.port}` : "";
  return { asked, headers, driver: modelDriver({ baseUrl, key: "key-1", model: "model-1" }) };
}

const says = (text: string): Reply => ({ content: [{ type: "text", text }], stop_reason: "end_turn" });
const uses = (name: string, input: object): Reply => ({
  content: [
    { type: "thinking", thinking: "which one?", signature: "s" },
    { type: "tool_use", id: `use_${name}`, name, input },
  ],
  stop_reason: "tool_use",
});

function run(id: string, { driver }: Awaited<ReturnType<typeof standIn>>): Promise<Verdict> {
  const request = requests.find((one) => one.id === id);
  if (!request) throw new Error(`There is no request ${id}`);
  return runRequest(request, driver);
}

test("a model gets the tools of the server and the text of each answer, and what it did is judged", async () => {
  const api = await standIn(({ messages }) => {
    if (messages.length === 1) return uses("list_batches", {});
    const [, id] = /(batch_call_\w+)/.exec(JSON.stringify(messages)) ?? [];
    return messages.length === 3 ? uses("pause_batch", { batch_id: id }) : says("It is paused.");
  });
  const verdict = await run("pause-by-name", api);
  expect(verdict).toMatchObject({
    faults: [],
    isFirstToolRight: true,
    calls: 2,
    refusals: [],
    tokens: { input: 300, output: 30 },
  });
  const [first, second] = api.asked;
  expect(api.headers[0]).toMatchObject({ "x-api-key": "key-1", "anthropic-version": "2023-06-01" });
  expect(first).toMatchObject({
    model: "model-1",
    messages: [{ role: "user", content: expect.stringMatching(/pause June/) }],
  });
  expect(first?.system).toContain("Calls every number on a list");
  expect(first?.tools.find(({ name }) => name === "pause_batch")).toMatchObject({
    description: expect.stringContaining("Stop placing calls"),
    input_schema: { type: "object", required: ["batch_id"] },
  });
  expect(second?.messages).toMatchObject([
    { role: "user" },
    { role: "assistant", content: [{ type: "thinking", signature: "s" }, { type: "tool_use" }] },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "use_list_batches",
          is_error: false,
          content: expect.stringContaining("June reminders"),
        },
      ],
    },
  ]);
});

test("a model that ends its turn is told what the person says next", async () => {
  const api = await standIn(({ messages }) => says(`This is answer ${messages.length}`));
  const verdict = await run("prepare-look-go", api);
  expect(api.asked.at(-1)?.messages.at(-1)).toEqual({ role: "user", content: "All three, good. Go." });
  expect(verdict.faults.join("\n")).toContain("not made: ");
  expect(verdict.isFirstToolRight).toBe(false);
});

test("a model that goes round in circles is broken off", async () => {
  const api = await standIn(() => uses("list_agents", {}));
  const { faults, calls } = await run("which-agents", api);
  expect(faults).toContain("broken off: 30 answers");
  expect([calls, api.asked.length]).toEqual([30, 30]);
});

test("a model that was cut off did not pass, and a refused key ends the run with the API's words and without the key", async () => {
  const cut = await standIn(() => ({ content: [{ type: "text", text: "Appoint" }], stop_reason: "max_tokens" }));
  expect((await run("which-agents", cut)).faults).toContain("broken off: max_tokens");
  const closed = await standIn(() => 401);
  const error = await run("which-agents", closed).catch(String);
  expect(error).toContain("The model's API answered 401");
  expect(error).not.toContain("key-1");
});

test("the table has a line for each request, the sum, and what is wrong", () => {
  const good = {
    faults: [],
    firstTool: "list_agents",
    isFirstToolRight: true,
    calls: 1,
    refusals: [],
    tokens: { input: 100, output: 10 },
  };
  const bad = {
    ...good,
    faults: ["rings: +12015550101 instead of none"],
    isFirstToolRight: false,
    refusals: ["start_batch: no"],
  };
  expect(
    toTable([
      { id: "which-agents", ...good },
      { id: "go-on", ...bad },
    ]).split("\n"),
  ).toEqual([
    "request       passed  first tool  calls  refused  tokens",
    "which-agents  yes     right           1        0     110",
    "go-on         NO      other           1        1     110",
    "1 of 2 passed, first tool right in 1, 2 calls, 1 refused, 220 tokens",
    "",
    "go-on",
    "  rings: +12015550101 instead of none",
    "  refused: start_batch: no",
  ]);
});
