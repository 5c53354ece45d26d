import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { rootsOpenForMs } from "../../src/mcp/client-roots.ts";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { defineTool } from "../../src/tools/tool.ts";
import { serveExamples } from "./example-tools.ts";
import { closeAll, closeLater, post, start } from "./http-world.ts";
import { callOf, createPipe, enveloped, handshakeRevisions, initialize, initialized, readAnswer } from "./wire.ts";

afterEach(async () => {
  vi.useRealTimers();
  await closeAll();
});

/** Answers with the roots of the client, or says that nobody can be asked. */
const rootsTool = defineTool({
  name: "show_roots",
  title: "Show roots",
  description: "Shows the roots.",
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({}),
  output: z.object({ paths: z.array(z.string()).readonly().optional(), trouble: z.string().optional() }),
  run: async (_input, { clientRoots }) => (await clientRoots?.()) ?? { trouble: "nobody to ask" },
  summarize: () => "done",
});
const served = serveExamples({ tools: [rootsTool] });

function connect(readsRoots = true) {
  const pipe = createPipe();
  const ending = new AbortController();
  const over = serveOverStdio({ ...served, ...pipe, signal: ending.signal, readsRoots });
  closeLater(async () => {
    ending.abort();
    await over;
  });
  return pipe;
}

/** A connection that has made a call of the tool. */
async function callTool({ capabilities = { roots: {} } as object, revision = "2025-11-25", readsRoots = true } = {}) {
  const pipe = connect(readsRoots);
  pipe.send(initialize(100, revision, capabilities));
  await pipe.answerTo(100);
  pipe.send(initialized);
  pipe.send(callOf(101, "show_roots"));
  return pipe;
}

/** The same, answered when the server asks; it numbers its own requests from 0. */
async function callAndAnswer(answer: object, revision?: string) {
  const pipe = await callTool(revision === undefined ? {} : { revision });
  expect(await pipe.answerTo(0)).toMatchObject({ method: "roots/list" });
  pipe.send(JSON.stringify({ jsonrpc: "2.0", id: 0, ...answer }));
  return (await pipe.answerTo(101)).result?.["structuredContent"];
}

const named = (...uris: readonly unknown[]) => ({ result: { roots: uris.map((uri) => ({ uri })) } });

it.each(handshakeRevisions)("a client of %s is asked for its roots during the call", async (revision) => {
  const answer = named("file:///home/ann/A%20list", "file:///srv/lists/");
  expect(await callAndAnswer(answer, revision)).toEqual({ paths: ["/home/ann/A list", "/srv/lists/"] });
});

it("roots that are no folders of this machine are left out, and at most fifty are taken", async () => {
  const odd = ["https://a.test/x", "file://other/share", "file:///a%2Fb", "vscode-remote://x/y", "/etc", ""];
  expect(await callAndAnswer(named(...odd, "file:///srv"))).toEqual({ paths: ["/srv"] });
  const many = Array.from({ length: 60 }, (_, index) => `file:///srv/${index}`);
  expect(await callAndAnswer(named(...many))).toMatchObject({ paths: many.slice(0, 50).map((uri) => uri.slice(7)) });
});

it.each([
  ["nothing", { result: {} }],
  ["a text", { result: { roots: "file:///srv" } }],
  ["roots without an address", named(1)],
  ["an error", { error: { code: -32601, message: "Method not found" } }],
])("%s in answer is no root, and is said", async (_what, answer) => {
  expect(await callAndAnswer(answer)).toEqual({ paths: [], trouble: expect.stringContaining("did not name them") });
});

it("a client that never answers holds a call up for three seconds", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { arrived, answerTo } = await callTool();
  await answerTo(0);
  vi.advanceTimersByTime(rootsOpenForMs - 1);
  expect(arrived.join()).not.toContain("notifications/cancelled");
  vi.advanceTimersByTime(1);
  expect((await answerTo(101)).result).toMatchObject({
    structuredContent: { trouble: expect.stringContaining("did not name them") },
  });
  expect(rootsOpenForMs).toBe(3000);
});

it("nobody is asked who has no roots, or where the operator has them ignored", async () => {
  const nobody = { structuredContent: { trouble: "nobody to ask" } };
  for (const setup of [{ capabilities: {} }, { readsRoots: false }])
    expect((await (await callTool(setup)).answerTo(101)).result).toMatchObject(nobody);
  const modern = connect();
  modern.send(enveloped(callOf(1, "show_roots"), { roots: {} }));
  expect((await modern.answerTo(1)).result).toMatchObject(nobody);
  const answer = await readAnswer(await post(await start(served), callOf(1, "show_roots"), "2025-11-25"));
  expect(answer.result).toMatchObject(nobody);
});
