import { Agent, RetryAgent, request as send } from "undici";
import { z } from "zod";
import type { ListedTool } from "../support/mcp-clients.ts";
import type { Driver, MadeCall } from "./driver.ts";

/** A model behind the Messages API (https://docs.anthropic.com/en/api/messages). */
export type ModelAccess = {
  /** Such as `https://api.anthropic.com`. */
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
};

/** So often a model is asked about one request; whoever needs more goes round in circles. */
const mostAnswers = 30;
const mostTokensOfAnAnswer = 4096;
const apiVersion = "2023-06-01";

const block = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({
    type: z.literal("tool_use"),
    id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
]);
type Block = z.output<typeof block>;

const reply = z.object({
  // What a model thinks, and other kinds of blocks, are sent back as they came.
  content: z.array(z.union([block, z.looseObject({ type: z.string() })])),
  stop_reason: z.string().nullable(),
  usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }),
});
type Reply = z.output<typeof reply>;

/** Has a model do the work, with what the server lists as its tools and nothing else. The texts of answers are all it sees of them. */
export function modelDriver(access: ModelAccess): Driver {
  return async ({ turns }, world) => {
    const tools = (await world.client.listTools()).map(toModelTool);
    const system = `${world.client.instructions ?? ""}\nIt is ${world.now().toISOString()}. The user is in New York.`;
    const messages: object[] = [];
    const calls: MadeCall[] = [];
    const told: string[] = [];
    const tokens = { input: 0, output: 0 };
    let answers = 0;
    for (const [n, { says }] of turns.entries()) {
      messages.push({ role: "user", content: says });
      for (let isOver = false; !isOver; ) {
        answers += 1;
        if (answers > mostAnswers)
          return { calls, reply: told.join("\n"), tokens, brokenOff: `${mostAnswers} answers` };
        const { content, stop_reason: why, usage } = await ask(access, { system, tools, messages });
        tokens.input += usage.input_tokens;
        tokens.output += usage.output_tokens;
        messages.push({ role: "assistant", content });
        const blocks = content.flatMap((part) => block.safeParse(part).data ?? []);
        told.push(...blocks.flatMap((part) => (part.type === "text" ? part.text : [])));
        if (why !== "end_turn" && why !== "tool_use")
          return { calls, reply: told.join("\n"), tokens, brokenOff: String(why) };
        const results: object[] = [];
        for (const { id, name, input } of blocks.filter(isToolUse)) {
          const answer = await world.call(name, input);
          calls.push({ tool: name, args: input, turn: n + 1, answer });
          results.push({ type: "tool_result", tool_use_id: id, content: answer.text, is_error: answer.isError });
        }
        if (results.length > 0) messages.push({ role: "user", content: results });
        isOver = results.length === 0;
      }
    }
    return { calls, reply: told.join("\n"), tokens };
  };
}

function isToolUse(part: Block): part is Extract<Block, { type: "tool_use" }> {
  return part.type === "tool_use";
}

function toModelTool({ name, description = "", inputSchema }: ListedTool): object {
  return { name, description, input_schema: inputSchema };
}

// A question to a model changes nothing, so it may be asked again.
const patient = new RetryAgent(new Agent({ headersTimeout: 300_000 }), {
  methods: ["POST"],
  statusCodes: [429, 500, 502, 503, 504, 529],
  maxRetries: 5,
});

/** One answer of the model. Throws with what the API says where it refuses. */
async function ask({ baseUrl, key, model }: ModelAccess, body: object): Promise<Reply> {
  const { statusCode, body: answer } = await send(new URL("/v1/messages", baseUrl), {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key, "anthropic-version": apiVersion },
    body: JSON.stringify({ model, max_tokens: mostTokensOfAnAnswer, ...body }),
    dispatcher: patient,
  });
  if (statusCode !== 200)
    throw new Error(`The model's API answered ${statusCode}: ${(await answer.text()).slice(0, 500)}`);
  return reply.parse(await answer.json());
}
