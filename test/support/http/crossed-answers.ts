import { Agent, request as nodeRequest } from "node:http";
import { z } from "zod";
import type { Caller, Gate } from "../../../src/access/index.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { createHttpServer } from "../../../src/mcp/http.ts";
import type { OpenOrganization } from "../../../src/mcp/visit.ts";
import { defineTool } from "../../../src/tools/tool.ts";
import { serveExamples } from "../../mcp/example-tools.ts";
import { callOf, enveloped, headersFor, type Message, statelessRevision } from "../../mcp/wire.ts";
import { Random } from "../random.ts";

export type CrossingRun = { readonly calls: number; readonly callers: number; readonly seed: number };

/** What came of it. `crossed`: messages with a word of another call than the one that they came to. */
export type CrossingReport = {
  readonly answers: number;
  readonly progress: number;
  readonly refusals: number;
  readonly givenUp: number;
  readonly crossed: number;
  readonly examples: readonly string[];
};

const organizations = 4;
const underWay = 64;

/** Says whose call it is by all that a call can tell it from: who calls, what of theirs it was given, and what they asked. Some turns of the loop later. */
const whose = defineTool({
  name: "whose",
  title: "Tell whose call it is",
  description: "Tells whose call it is.",
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({ word: z.string(), turns: z.int(), refuses: z.boolean() }),
  output: z.object({ mark: z.string() }),
  async run({ word, turns, refuses }, { principal, timezone, progress, signal }) {
    const mark = `${principal}|${timezone}|${word}`;
    for (let turn = 0; turn < turns; turn++) {
      progress?.(turn, `at ${mark}`);
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    if (refuses) throw new Problem("wrong_state", `refused ${mark}`);
    return { mark };
  },
  summarize: ({ mark }) => mark,
});

const callerOf = (n: number): Caller => ({
  principal: `caller-${n}`,
  access: { kind: "scoped", scopes: new Set(["read"]) },
  proof: { kind: "setting" },
  organization: `organization-${n % organizations}`,
});

const gate: Gate = {
  isOpen: () => false,
  authenticate: async (headers) => callerOf(Number(headers.get("authorization")?.split(" ")[1])),
  identify: async (token) => callerOf(Number(token)),
  isGood: () => true,
};

function withToken(message: Message): Message {
  const meta: unknown = message.params?.["_meta"];
  return { ...message, params: { ...message.params, _meta: { ...Object(meta), progressToken: 1 } } };
}

/**
 * Calls of many callers of four organizations on one server, 64 under way at once, all with the same JSON-RPC id and progress token, of both
 * eras of the protocol; some are refused, some are given up on the way. Every message must be of the call whose connection it came on.
 */
export async function askAtOnce({ calls, callers, seed }: CrossingRun): Promise<CrossingReport> {
  const random = new Random(seed);
  const { makeContext, ...served } = serveExamples({ tools: [whose] });
  const opened = new Map<string, OpenOrganization>();
  const openOrganization = async ({ organization = "" }: Caller): Promise<OpenOrganization> => {
    const known = opened.get(organization) ?? {
      makeContext: (caller) => ({ ...makeContext(caller), timezone: organization }),
    };
    opened.set(organization, known);
    return known;
  };
  const server = await createHttpServer({ ...served, host: "127.0.0.1", port: 0, gate, openOrganization });
  const agent = new Agent({ keepAlive: true, maxSockets: underWay });
  const report = { answers: 0, progress: 0, refusals: 0, givenUp: 0, crossed: 0 };
  const examples: string[] = [];

  function judge(text: string, mark: string): void {
    const lines = text.startsWith("{")
      ? [text]
      : text.split("\n").flatMap((line) => /^data: (.*)/.exec(line)?.[1] ?? []);
    for (const line of lines) {
      const others = [...line.matchAll(/caller-\d+\|organization-\d+\|word-\d+/g)].filter(([found]) => found !== mark);
      if (others.length > 0 || !line.includes(mark)) {
        report.crossed++;
        if (examples.length < 3) examples.push(`${mark} got ${line}`);
      }
      if (line.includes('"notifications/progress"')) report.progress++;
      else if (line.includes('"isError":true')) report.refusals++;
      else report.answers++;
    }
  }

  async function callOnce(n: number): Promise<void> {
    const place = random.below(callers);
    const mark = `caller-${place}|organization-${place % organizations}|word-${n}`;
    const args = { word: `word-${n}`, turns: random.below(4), refuses: random.chance(0.05) };
    const revision = random.chance(0.5) ? "2025-11-25" : statelessRevision;
    const plain = callOf(1, "whose", args);
    const bare = revision === statelessRevision ? enveloped(plain) : plain;
    const message = random.chance(0.3) ? withToken(bare) : bare;
    const givesUp = random.chance(0.05);
    const headers = { ...headersFor(plain, revision), Authorization: `Bearer ${place}` };
    await new Promise<void>((resolve, reject) => {
      const sent = nodeRequest(server.url, { method: "POST", agent, headers }, (response) => {
        response.setEncoding("utf8");
        let text = "";
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", () => {});
        response.on("close", () => {
          // What came before it was given up was its own too.
          if (response.complete) judge(text, mark);
          resolve();
        });
      });
      sent.on("error", (error) => (givesUp ? resolve() : reject(error)));
      sent.end(JSON.stringify(message), () => {
        if (!givesUp) return;
        report.givenUp++;
        setImmediate(() => sent.destroy());
      });
    });
  }

  try {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < calls) await callOnce(next++);
    };
    await Promise.all(Array.from({ length: underWay }, work));
    return { ...report, examples };
  } finally {
    agent.destroy();
    await server.close();
  }
}
